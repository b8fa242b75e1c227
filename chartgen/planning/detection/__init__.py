"""Whether a Canary can see a bad release at all: its operating characteristic. Derived in docs/detection.md."""
