"""Renders a chart's releases, runs the rules, locates and fixes findings."""
