"""How a chart switches its Canary on and off: solves the conditions around it and verifies the result with Helm.

sites        where the templates contain the Canary, through includes, and the conditions around it
symbols      what a template expression refers to: a path from the root, a constant, a function call
environment  the chart's values and release, before anything is set
solver       which values make a condition true or false
switch       the smallest change of values, namespace, and API versions for which Helm renders the Canary
gates        the conditions around Flagger objects as written in the templates
"""
