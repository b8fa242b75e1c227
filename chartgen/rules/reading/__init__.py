"""What rules read: a Canary's fields by their meaning, its neighbours in the rendering, the chart's sources."""
