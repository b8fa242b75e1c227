"""The command line: each command turns its options into one request and prints the answer."""
