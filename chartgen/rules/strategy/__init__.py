"""Strategy: weights, iterations, A/B tests, the interval and the threshold."""
