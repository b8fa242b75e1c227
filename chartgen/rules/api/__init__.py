"""API: versions, fields and values that the API server drops or rejects."""
