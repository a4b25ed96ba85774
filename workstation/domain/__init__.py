"""The field's words as values: what every other part of the program speaks in."""
