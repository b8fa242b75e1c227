"""An Ingress rule without `http`, which crashes Flagger for every Canary in the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.flagger.providers import INGRESS, provider_of
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.rule import CLUSTER_WIDE, Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class IngressRuleWithoutHttp(Rule):
    id = "ingress-rule-without-http"
    severity = Severity.ERROR
    summary = "Ingress rule without http, which crashes Flagger"
    tags = (CLUSTER_WIDE, "providers")

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        canary = Canary(manifest)
        if provider_of(canary.provider(self.cluster)).reference != INGRESS:
            return
        for ingress in in_same_namespace(manifest, rendering, "Ingress"):
            if ingress.name != canary.field("ingressRef", "name"):
                continue
            for index, rule in enumerate(as_list(ingress.get(("spec", "rules")))):
                if isinstance(rule, dict) and not rule.get("http"):
                    yield Problem(
                        f"rule {rule.get('host', index)} of Ingress {ingress.name} has no http: Flagger crashes after "
                        "every start, and no Canary in the cluster advances",
                        at=("spec", "rules", index),
                        manifest=ingress,
                    )
