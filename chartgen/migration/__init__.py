"""Brings canaries that were made by hand to the current API version."""
