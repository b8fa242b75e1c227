"""Adds a canary to a chart: surveys it, plans the change, proves it."""
