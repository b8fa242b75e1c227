"""Live clusters: readiness, rollouts under way, drift from Git."""
