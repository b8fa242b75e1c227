"""What a Canary will do to a release, as numbers: scenarios, exposure, warnings, detection, budgets. Pure."""
