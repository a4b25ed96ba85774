"""The window: paints frames, and turns gestures into edits."""
