"""Istio: gateways, hosts, delegation and traffic policies."""
