"""chartgen.yaml and [tool.chartgen], validated and resolved per chart."""
