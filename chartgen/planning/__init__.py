"""What a Canary will do to a release, as numbers: scenarios, exposure, surprises, detection, budgets. Pure."""
