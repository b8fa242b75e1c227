"""What the rendered Canary says of the chart, held against what the chart renders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.crd import NEWEST, admit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.proof.promise import Neighbourhood, Promise

# The last releases that served the older shapes.
_LAST_TO_SERVE = {"flagger.app/v1alpha3": "0.23.0", "flagger.app/v1alpha2": "0.23.0"}


def canary_faults(canary: Manifest, around: Neighbourhood, promise: Promise, released: str) -> Iterator[str]:
    """Everything in which the Canary and the chart disagree, in words; nothing where they agree.

    `released` is the release's namespace, in which objects stand that name none.
    """
    yield from _schema_faults(canary, promise)
    target = around.target
    reference = canary.get(("spec", "targetRef")) or {}
    if (reference.get("kind"), reference.get("name")) != (target.kind, target.name):
        yield f"targetRef names {reference.get('kind')} {reference.get('name')}, not {target.kind} {target.name}"
    if canary.name != target.name:
        yield f"the Canary is called {canary.name}, its target {target.name}"
    here, there = canary.namespace or released, target.namespace or released
    if here != there:
        yield f"the Canary stands in namespace {here}, its target in {there}"
    if promise.api_version.endswith("/v1alpha2"):
        return
    yield from _service_faults(canary, around, promise)
    yield from _scaler_faults(canary, around)


def _schema_faults(canary: Manifest, promise: Promise) -> Iterator[str]:
    flagger = _LAST_TO_SERVE.get(promise.api_version, NEWEST)
    verdict = admit(canary.body, flagger)
    for refusal in verdict.refusals:
        if refusal.at == ("metadata", "name"):
            # The target bears the same name: the chart's own matter, told by the API server about both.
            continue
        yield f"the API server refuses the Canary: {'.'.join(map(str, refusal.at))}: {refusal.message}"
    for route in verdict.pruned:
        yield f"the API server drops {'.'.join(map(str, route))}: Flagger has no such field"


def _service_faults(canary: Manifest, around: Neighbourhood, promise: Promise) -> Iterator[str]:
    service = around.service
    apex = canary.get(("spec", "service", "name")) or around.target.name
    if service is None:
        return
    if apex != service.name:
        yield f"Flagger would serve the app as {apex}, the chart's Service is {service.name}"
    port = service.get(("spec", "ports", promise.port_index)) or {}
    for key, field in (("port", "port"), ("targetPort", "targetPort"), ("portName", "name")):
        ours, theirs = canary.get(("spec", "service", key)), port.get(field)
        if ours != theirs:
            yield f"spec.service.{key} is {ours}, the chart's Service has {theirs}"


def _scaler_faults(canary: Manifest, around: Neighbourhood) -> Iterator[str]:
    named = canary.get(("spec", "autoscalerRef", "name"))
    names = [scaler.name for scaler in around.scalers]
    if names and named not in names:
        yield f"autoscalerRef names {named}, the chart renders {', '.join(names)}"
    if named and not names:
        yield f"autoscalerRef names {named}, and the chart renders no such autoscaler"
