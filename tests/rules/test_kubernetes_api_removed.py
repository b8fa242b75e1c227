"""An API version counts as removed unless the cluster is said to be old enough to serve it."""

from __future__ import annotations

import pytest

from chartgen.manifests.manifest import Manifest
from chartgen.rules.reading.kubernetes import removed_since


@pytest.mark.parametrize(
    ("kind", "version", "cluster", "since"),
    [
        ("Deployment", "extensions/v1beta1", None, "1.16"),
        ("Deployment", "extensions/v1beta1", "1.15", None),
        ("Deployment", "extensions/v1beta1", "v1.16.3", "1.16"),
        ("Deployment", "apps/v1", None, None),
        ("Ingress", "networking.k8s.io/v1beta1", "1.21.0", None),
        ("Ingress", "networking.k8s.io/v1beta1", "1.22", "1.22"),
        ("HorizontalPodAutoscaler", "autoscaling/v2beta2", "1.25", None),
        ("HorizontalPodAutoscaler", "autoscaling/v2beta2", "1.36", "1.26"),
        ("Unknown", "extensions/v1beta1", None, None),
    ],
)
def test_when_an_api_is_gone(kind: str, version: str, cluster: str | None, since: str | None) -> None:
    manifest = Manifest("t.yaml", 0, 1, "", {"apiVersion": version, "kind": kind})
    removed = removed_since(manifest, cluster)
    assert (removed and removed[0]) == since
