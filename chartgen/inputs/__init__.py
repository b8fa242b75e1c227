"""Reading untrusted input within limits: files, archives, YAML, schemas."""
