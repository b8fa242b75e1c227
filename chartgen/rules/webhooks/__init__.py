"""Webhooks: hooks, gates and the load tester."""
