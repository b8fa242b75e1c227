"""A chart as it lies on disk, read-only: its files, and positions in them."""
