"""Canaries and Deployments for tests, as documents."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def deployment(name: str = "app", **spec: Any) -> Document:
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels, "annotations": {"version": "1"}},
        "spec": {"containers": [{"name": "app", "image": "registry.test/app:1"}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "prod"},
        "spec": {"selector": {"matchLabels": labels}, "template": template, "replicas": 1, **spec},
    }


def canary(analysis: Document | None = None, *, provider: str = "istio", **spec: Any) -> Document:
    """A Canary of the Deployment `app`; analysis over an interval of one minute and a threshold of 2."""
    service: Document = {"port": 80}
    if provider.startswith("gatewayapi"):
        service["gatewayRefs"] = [{"name": "gateway"}]
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": {"name": "app", "namespace": "prod"},
        "spec": {
            "provider": provider,
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "app"},
            "service": service,
            "analysis": {"interval": "1m", "threshold": 2, **(analysis or {})},
            **spec,
        },
    }


SUCCESS_RATE: Document = {"name": "request-success-rate", "thresholdRange": {"min": 99}, "interval": "1m"}
