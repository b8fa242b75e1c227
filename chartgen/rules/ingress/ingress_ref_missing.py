"""NGINX or Skipper without an Ingress to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import INGRESS, provider_of
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import beside
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class IngressRefMissing(Rule):
    id = "ingress-ref-missing"
    severity = Severity.ERROR
    summary = "ingressRef that is missing or names an Ingress the release doesn't render"
    tags = ("references", "providers")

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        canary = Canary(manifest)
        provider = canary.provider(self.cluster)
        if provider_of(provider).reference != INGRESS:
            return
        name = str(canary.field("ingressRef", "name") or "")
        if not name:
            yield Problem(f"provider {provider} needs an ingressRef: without one every tick fails", at=("spec",))
        elif rendering.chart.files:
            there = [one.name for one in beside(manifest, rendering, "Ingress")]
            if name not in there:
                others = f"; there is Ingress {there[0]}" if there else ""
                yield Problem(
                    f"Ingress {name} is not rendered: no traffic reaches the canary and every tick fails{others}",
                    at=("spec", "ingressRef", "name"),
                )
