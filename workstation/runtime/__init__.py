"""What runs the program: messages, the core that makes frames, processes and threads."""
