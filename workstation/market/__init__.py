"""State of the world."""
