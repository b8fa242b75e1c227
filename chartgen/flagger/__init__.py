"""What Flagger is: its CRDs per release, its names, its controller step by step."""
