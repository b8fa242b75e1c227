"""Results as text, JSON, SARIF, JUnit, pictures: one module per format."""
