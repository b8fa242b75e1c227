"""Policy: what your organization asks of its canaries, set in chartgen.yaml."""
