"""Renders a chart before and after a change and compares the two."""
