"""Service: the apex Service, its ports, and the Services of the chart."""
