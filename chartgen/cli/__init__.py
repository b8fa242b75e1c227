"""Each command turns its options into one request and prints the answer."""
