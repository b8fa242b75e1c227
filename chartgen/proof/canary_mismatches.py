"""Mismatches between the rendered Canary and the objects that the chart renders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import KNATIVE_API
from chartgen.flagger.crd import NEWEST, admit
from chartgen.flagger.crd.wording import shown
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.flagger.crd.admission import Refusal
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.obligations import CanaryObligations, TargetSurroundings

# The last Flagger releases that served the older API versions.
_LAST_TO_SERVE = {"flagger.app/v1alpha3": "0.23.0", "flagger.app/v1alpha2": "0.23.0"}


def canary_mismatches(
    canary: Manifest, surroundings: TargetSurroundings, obligations: CanaryObligations, after: Rendering
) -> Iterator[str]:
    """A line for each field of the Canary that doesn't match the chart, or that the API server rejects or drops.

    `after` is the rendering with the Canary. A field that its values set under `service` needn't match.
    """
    release_namespace = after.request.namespace
    yield from _schema_errors(canary, obligations)
    target = surroundings.target
    reference = canary.get(("spec", "targetRef")) or {}
    if (reference.get("kind"), reference.get("name")) != (target.kind, target.name):
        named = f"{reference.get('kind')} {reference.get('name')}"
        yield f"spec.targetRef names {named}, but the target is {target.kind} {target.name}"
    if target.api_version == KNATIVE_API and reference.get("apiVersion") != target.api_version:
        yield f"spec.targetRef has apiVersion {reference.get('apiVersion')}, but the target {target.api_version}"
    if canary.name != target.name:
        yield f"the Canary is called {canary.name}, but its target {target.name}"
    canary_namespace, target_namespace = (manifest.namespace or release_namespace for manifest in (canary, target))
    if canary_namespace != target_namespace:
        yield f"the Canary is in namespace {canary_namespace}, but its target in {target_namespace}"
    if obligations.api_version.endswith("/v1alpha2"):
        return
    overridden = value_at(after.values, (obligations.toggle[0], "service")) or {}
    yield from _service_mismatches(canary, surroundings, obligations, overridden)
    yield from _autoscaler_mismatches(canary, surroundings)
    yield from _route_mismatches(canary, surroundings)


def _schema_errors(canary: Manifest, obligations: CanaryObligations) -> Iterator[str]:
    flagger = _LAST_TO_SERVE.get(obligations.api_version, NEWEST)
    verdict = admit(canary.body, flagger)
    for refusal in sorted(verdict.refusals, key=_field):
        if refusal.at == ("metadata", "name"):
            # The Canary has its target's name: if that is invalid, the API server rejects the chart's target too.
            continue
        yield f"the API server rejects the Canary: {_field(refusal)}: {refusal.message}"
    for route in verdict.pruned:
        yield f"the API server drops {'.'.join(map(str, route))}: Flagger has no such field"


def _field(refusal: Refusal) -> str:
    return ".".join(map(str, refusal.at))


def invalid_metadata(service: Manifest) -> list[str]:
    """A sentence for each label and annotation of the chart's Service that isn't a string."""
    maps = {kind: service.get(("metadata", kind)) for kind in ("labels", "annotations")}
    return [
        f"metadata.{kind}.{key} of Service {service.name} is {shown(value)}, not a string: the API server rejects it"
        for kind, entries in maps.items()
        if isinstance(entries, dict)
        for key, value in sorted(entries.items())
        if not isinstance(value, str | None)
    ]


def _service_mismatches(
    canary: Manifest, surroundings: TargetSurroundings, obligations: CanaryObligations, overridden: Mapping[str, Any]
) -> Iterator[str]:
    service = surroundings.service
    apex = canary.get(("spec", "service", "name")) or surroundings.target.name
    if service is None:
        return
    if apex != service.name and "name" not in overridden:
        yield f"Flagger would serve the app as {apex}, but the chart's Service is {service.name}"
    port = service.get(("spec", "ports", obligations.port_index)) or {}
    for key, field in (("port", "port"), ("targetPort", "targetPort"), ("portName", "name")):
        value, service_value = canary.get(("spec", "service", key)), port.get(field)
        if value != service_value and key not in overridden:
            yield f"spec.service.{key} is {value}, but the chart's Service has {service_value}"


def _autoscaler_mismatches(canary: Manifest, surroundings: TargetSurroundings) -> Iterator[str]:
    reference = canary.get(("spec", "autoscalerRef", "name"))
    names = [scaler.name for scaler in surroundings.scalers]
    if names and reference not in names:
        yield f"spec.autoscalerRef names {reference}, but the chart renders {', '.join(names)}"
    if reference and not names:
        yield f"spec.autoscalerRef names {reference}, but the chart doesn't render this autoscaler"


def _route_mismatches(canary: Manifest, surroundings: TargetSurroundings) -> Iterator[str]:
    kind = surroundings.route_kind
    if kind is None:
        return
    reference = canary.get(("spec", kind.key, "name"))
    names: list[str | None] = [route.name for route in surroundings.routes]
    if reference not in (names or [None]):
        rendered = ", ".join(map(str, names)) or "none"
        yield f"spec.{kind.key} names {reference or 'nothing'}, but the chart renders {rendered} ({kind.kind})"
