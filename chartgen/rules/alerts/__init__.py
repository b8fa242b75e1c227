"""Alerts: who hears about a rollout, and through which AlertProvider."""
