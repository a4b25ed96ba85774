"""The arithmetic: pure functions on values and arrays."""
