"""An NGINX or Skipper Canary without an Ingress that Flagger can copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import INGRESS, provider_of
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_EFFECT = "Flagger scales the target to zero and then fails at every tick"


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
            yield Problem(f"provider {provider} requires ingressRef: {_EFFECT}", at=("spec",))
        elif rendering.chart.files:
            rendered = [ingress.name for ingress in in_same_namespace(manifest, rendering, "Ingress")]
            if name not in rendered:
                advice = f"; the release has Ingress {rendered[0]}" if rendered else ""
                yield Problem(
                    f"the release doesn't render Ingress {name}: {_EFFECT}{advice}",
                    at=("spec", "ingressRef", "name"),
                )
