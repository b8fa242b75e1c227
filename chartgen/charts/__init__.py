"""Charts on disk, read-only: their files, and positions in them."""
