"""chartgen.yaml and [tool.chartgen]: read, validated, resolved for each chart."""
