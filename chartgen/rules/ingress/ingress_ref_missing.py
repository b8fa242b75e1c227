"""An NGINX or Skipper Canary without an Ingress that Flagger can copy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.flagger.providers import INGRESS, provider_of
from chartgen.patterns import lazy_pattern
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_INGRESS = lazy_pattern(r"^kind:\s*['\"]?Ingress['\"]?\s*$", re.MULTILINE)
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
                hidden = not rendered and _may_render(rendering)
                advice = f"; the release has Ingress {rendered[0]}" if rendered else ""
                if hidden:
                    advice = "; the chart has an Ingress that these values leave out, switch it on with the canary"
                yield Problem(
                    f"the release doesn't render Ingress {name}: {_EFFECT}{advice}",
                    at=("spec", "ingressRef", "name"),
                    # Whoever switches the canary on may switch the Ingress on, too.
                    severity=Severity.WARNING if hidden and rendering.switched else None,
                )


def _may_render(rendering: Rendering) -> bool:
    """Whether a template has an Ingress that other values render."""
    chart = rendering.chart
    return any(_INGRESS.search(chart.text(path)) for path in chart.files if "templates/" in path)
