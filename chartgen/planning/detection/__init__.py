"""Whether a Canary can detect a bad release: its operating characteristic. Derived in docs/detection.md."""
