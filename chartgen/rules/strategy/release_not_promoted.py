"""A Canary of which Flagger promotes no release, even if every check passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.crd import NEWEST
from chartgen.flagger.names import SELECTOR_LABELS
from chartgen.manifests.namespaced import body_with_namespace
from chartgen.planning.success import play_success
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.blame import blamed_field
from chartgen.rules.reading.verdicts import verdict
from chartgen.rules.registry import REGISTRY
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from chartgen.manifests.rendering import Rendering
    from chartgen.planning.success import Success
    from chartgen.rules.reading.canary import Canary

# Rules that name the cause. If one of them reports the Canary, this rule has nothing to add.
DEEPER = (
    "appmesh-settings",
    "autoscaler-ref-not-found",
    "config-reference-missing",
    "custom-metric-without-source",
    "daemonset-builtin-metrics",
    "delegation-with-hosts",
    "gateway-admits-no-route",
    "gateway-refs-missing",
    "gatewayapi-header-match-form",
    "generated-route-refused",
    "ingress-backend-not-apex",
    "ingress-ref-missing",
    "ingress-rule-without-http",
    "knative-provider-mismatch",
    "max-weight-over-100",
    "metric-template-secret",
    "mirror-unsupported",
    "port-discovery-collision",
    "primary-cookie-needs-interval",
    "progress-deadline-below-startup",
    "query-not-renderable",
    "selector-label-missing",
    "service-missing-or-port-zero",
    "service-name-differs-breaks-metrics",
    "service-target-builtin-metrics",
    "session-affinity-cookie-names",
    "step-missing-or-zero",
    "step-weights-not-ascending",
    "suspend-left-on",
    "target-kind-unsupported",
    "target-not-found",
    "template-metric-without-interval",
    "traefik-old-api-group",
    "upstream-ref-not-found",
    "webhook-url-invalid",
)


class ReleaseNotPromoted(CanaryRule):
    id = "release-not-promoted"
    severity = Severity.ERROR
    summary = "Canary of which no release is ever promoted"
    tags = ("strategy",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        document = self._stored(canary, rendering)
        if document is None or self.cluster.selector_labels != SELECTOR_LABELS:
            return
        home = rendering.request.namespace
        objects = [body_with_namespace(each, home) for each in rendering.manifests if each.kind != "Canary"]
        success = self._play(document, objects)
        if success.promoted or self._is_explained(canary, rendering):
            return
        at = blamed_field(document, lambda changed: not self._play(changed, objects).promoted)
        rests = f"; this assumes that {success.assumed[0].partition(':')[0]}" if success.assumed else ""
        yield Problem(
            f"even if every check passes, no release is promoted: {success.reason}{rests}; see chartgen plan",
            at=at or ("spec", *(("provider",) if canary.field("provider") else ())),
            severity=Severity.WARNING if success.assumed else None,
        )

    def _stored(self, canary: Canary, rendering: Rendering) -> Mapping[str, Any] | None:
        """The Canary as the API server stores it, None if it refuses it."""
        stored = verdict(canary.manifest, self.cluster).stored
        if stored is None:
            return None
        namespace = canary.manifest.namespace or rendering.request.namespace
        return {**stored, "metadata": {**stored["metadata"], "namespace": namespace}}

    def _play(self, document: Mapping[str, Any], objects: Sequence[Mapping[str, Any]]) -> Success:
        flagger = self.cluster.flagger or NEWEST
        return play_success(document, objects, provider=self.cluster.provider, flagger=flagger)

    def _is_explained(self, canary: Canary, rendering: Rendering) -> bool:
        deeper = (entry.load()(self.cluster) for entry in REGISTRY if entry.id in DEEPER)
        return any(True for rule in deeper for _ in rule.check(canary.manifest, rendering))
