"""Metrics: what the analysis measures, and whether it can fail."""
