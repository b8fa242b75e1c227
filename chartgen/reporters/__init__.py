"""Results as text, JSON, SARIF, JUnit, pictures and more: one module per format."""
