"""What strangers wrote, read within limits: files, archives, YAML, schemas."""
