"""Recordings of rollouts: made on the plane, read from files, compared."""
