"""A rollout under way: what the cluster says about it, against its plan."""
