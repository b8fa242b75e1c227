"""Values: the canary's settings in values.yaml."""
