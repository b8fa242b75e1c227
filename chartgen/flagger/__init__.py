"""What Flagger is: its CRDs per release, and its controller step by step."""
