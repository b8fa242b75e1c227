"""Ingress: ingressRef, Ingresses and the routes of ingress controllers."""
