"""Plans a release: scenarios, exposure, warnings, detection and budgets. Pure: no I/O, no clock."""
