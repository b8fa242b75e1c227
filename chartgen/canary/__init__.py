"""Adding a canary to a chart: survey the chart, plan the change, prove it."""
