"""chartgen: know what a Flagger canary will do before the cluster does."""

__version__ = "0.2.0"
