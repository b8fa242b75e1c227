"""The picture of a plan: an SVG with weights over time, phases, and the chance to detect a bad release."""
