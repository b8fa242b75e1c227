"""An upstreamRef of a Gloo Canary that Flagger cannot find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_str
from chartgen.flagger.providers import provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import namespace_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class UpstreamRefNotFound(CanaryRule):
    id = "upstream-ref-not-found"
    severity = Severity.ERROR
    summary = "upstreamRef to an Upstream that Flagger doesn't find"
    tags = ("references", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        reference = canary.table("upstreamRef")
        name, namespace = as_str(reference.get("name")), as_str(reference.get("namespace"))
        if provider_of(canary.provider(self.cluster)).name != "gloo" or not name:
            return
        if not namespace:
            yield Problem(
                "upstreamRef has no namespace, and Flagger doesn't assume one: every tick fails, and the Canary never "
                "initializes; add the Upstream's namespace",
                at=("spec", "upstreamRef"),
            )
            return
        if not rendering.chart.files:
            return
        home = namespace_of(canary.manifest, rendering)
        upstreams = rendering.of_kind("Upstream")
        if not any((each.name, namespace_of(each, rendering)) == (name, namespace) for each in upstreams):
            yield Problem(
                f"the release doesn't render Upstream {namespace}/{name}: if the cluster doesn't have it, every tick "
                "fails, and the Canary never initializes",
                at=("spec", "upstreamRef", "name"),
                severity=Severity.WARNING if namespace != home else None,
            )
