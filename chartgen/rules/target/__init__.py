"""Target: the workload behind the Canary, its pods, and what it refers to."""
