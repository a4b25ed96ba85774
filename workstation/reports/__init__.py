"""A RiskReport for machines and people: JSON and tables."""
