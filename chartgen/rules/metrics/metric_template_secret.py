"""A MetricTemplate whose Secret is missing or lacks credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.neighbours import in_same_namespace, labels_of
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class MetricTemplateSecret(Rule):
    id = "metric-template-secret"
    severity = Severity.WARNING
    summary = "MetricTemplate whose Secret is missing or has no credentials"
    kinds = ("MetricTemplate",)
    tags = ("references", "metrics")

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        name = manifest.get(("spec", "provider", "secretRef", "name"))
        if not name or not rendering.chart.files:
            return
        at = ("spec", "provider", "secretRef", "name")
        secret = next(
            (secret for secret in in_same_namespace(manifest, rendering, "Secret") if secret.name == name), None
        )
        if secret is None:
            message = f"the release doesn't render Secret {name}: if the cluster doesn't have it, every check fails"
            yield Problem(message, at=at)
            return
        keys = {*labels_of(secret.get(("data",))), *labels_of(secret.get(("stringData",)))}
        prometheus = manifest.get(("spec", "provider", "type")) == "prometheus"
        if prometheus and "token" not in keys and not {"username", "password"} <= keys:
            yield Problem(
                f"Secret {name} has neither token nor username and password: every check fails",
                at=at,
                severity=Severity.ERROR,
            )
