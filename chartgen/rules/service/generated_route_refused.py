"""A setting for which Flagger writes a route that the provider's CRD refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.crd import NEWEST
from chartgen.flagger.schedule import route_error
from chartgen.flagger.schedule.errors import RouteRefusedError, path_text
from chartgen.manifests.namespaced import body_with_namespace
from chartgen.planning.success import with_provider
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.blame import blamed_field
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.reading.verdicts import verdict
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

# The routes that Flagger copies or adopts.
_COPIED = ("Ingress", "ApisixRoute", "Service", "Upstream")


class GeneratedRouteRefused(CanaryRule):
    id = "generated-route-refused"
    former_ids = ("contour-retries-refused",)
    severity = Severity.ERROR
    summary = "setting for which Flagger writes a route that the API server refuses"
    tags = ("routing", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        stored = verdict(canary.manifest, self.cluster).stored
        if stored is None or canary.target_kind == "Service":
            return
        flagger, home = self.cluster.flagger or NEWEST, rendering.request.namespace
        objects = [body_with_namespace(each, home) for each in in_same_namespace(canary.manifest, rendering, *_COPIED)]
        document = with_provider(stored, self.cluster.provider)
        refused = route_error(document, objects, flagger)
        if not isinstance(refused, RouteRefusedError):
            return
        route, message = refused.refusals[0]
        at = blamed_field(document, lambda changed: route_error(changed, objects, flagger) is not None)
        yield Problem(
            f"Flagger writes {refused.kind} {refused.name} with {path_text(route)}: {message}; the API server refuses "
            f"it at every tick, and no release is promoted; change or remove {path_text(at or ('spec', 'service'))}",
            at=at or ("spec", "service"),
        )
