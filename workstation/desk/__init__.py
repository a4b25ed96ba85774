"""What the trader decided."""
