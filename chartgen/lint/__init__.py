"""Linting: render a chart's releases, run the rules, locate, suppress and fix findings."""
