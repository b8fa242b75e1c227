"""Views for rules: a Canary's fields by their meaning, the objects around it, the chart's sources."""
