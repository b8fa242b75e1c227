"""End to end: a real API server, real controllers and real Flagger run what chartgen emits."""
