"""Is the cluster ready for this canary: one module per subject, each check pure over the cluster's facts."""
