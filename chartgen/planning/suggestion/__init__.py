"""Searches the settings of a Canary's analysis that meet budgets, by the model of the detection table."""
