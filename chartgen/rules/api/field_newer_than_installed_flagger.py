"""A field that the cluster's version of Flagger doesn't have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.flagger.crd import field_span
from chartgen.rules.reading.verdicts import verdict
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class FieldNewerThanInstalledFlagger(Rule):
    id = "field-newer-than-installed-flagger"
    severity = Severity.WARNING
    summary = "field that the cluster's version of Flagger doesn't have"
    kinds = ("Canary", "MetricTemplate", "AlertProvider")
    tags = ("api",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if self.cluster.flagger is None or not manifest.api_version.startswith("flagger.app/"):
            return
        for route in verdict(manifest, self.cluster).pruned:
            span = field_span(route, manifest.kind)
            if span:
                since, until = span
                is_newer = _is_later(since, self.cluster.flagger)
                change = f"was added in Flagger {since}" if is_newer else f"was removed after Flagger {until}"
                yield Problem(
                    f"{'.'.join(str(step) for step in route)} {change}: the cluster has {self.cluster.flagger}, and "
                    "its API server drops the field",
                    at=route,
                )


def _is_later(version: str, other: str) -> bool:
    return [int(n) for n in re.findall(r"\d+", version)[:3]] > [int(n) for n in re.findall(r"\d+", other)[:3]]
