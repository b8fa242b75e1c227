"""Rendered objects, and which line of which file made each field."""
