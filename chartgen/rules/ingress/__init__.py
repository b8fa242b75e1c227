"""Ingress: Ingresses, ingressRef and the routes of ingress controllers."""
