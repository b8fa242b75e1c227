"""What a rollout will do, in numbers: scenarios, exposure, detection."""
