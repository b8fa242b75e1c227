"""What add-canary says about the traffic: metrics that it doesn't write, and requests that miss the new version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.canary import provider_settings
from chartgen.canary.builtin_metrics import OF_APPLICATION, queries_application, served_protocol
from chartgen.canary.options import MESH_GATEWAY
from chartgen.canary.strategies import strategy_of
from chartgen.rules.reading.protocols import DURATION, SUCCESS_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.canary.planner import PlannedCanary

# Options that choose who reaches the app through the route.
_ROUTING = frozenset({"--provider", "--host", "--gateway"})


def metric_warnings(planned: PlannedCanary) -> Iterator[str]:
    """That fewer metrics than usual were written, and the consequence."""
    metrics, protocol = planned.options.metrics, served_protocol(planned.analysis)
    if planned.was_there or metrics == (SUCCESS_RATE, DURATION):
        return
    if queries_application(planned.options):
        yield _application_note(planned)
        return
    written = f"only {metrics[0]} was written" if metrics else "none was written, and every canary would be promoted"
    yield (
        f"{'note' if metrics else 'WARNING'}: port {protocol} isn't HTTP, so not all builtin metrics of Flagger measure"
        f" it: {written}. Add a MetricTemplate and name it under {planned.options.slot.key}.canaryAnalysis.metrics"
    )


def _application_note(planned: PlannedCanary) -> str:
    options = planned.options
    instead = "the metrics of --metric-template" if options.metric_templates else "your own webhook"
    if options.smoke_test:
        instead = "a request to / of the new version, which fails for HTTP 5xx,"
    return (
        f"note: with provider {options.provider}, Flagger's builtin metrics query the application's own"
        f" http_request_duration_seconds, so {instead} is checked instead. If the application has it, start over with"
        f" --accept {OF_APPLICATION}; for other metrics, add --metric-template"
    )


def routing_notes(planned: PlannedCanary) -> Iterator[str]:
    """Options that weren't written, and requests that never reach the new version, or its metrics."""
    options = planned.options
    yield from provider_settings.unwritten(options)
    if options.provider == "knative" and options.acceptance_test:
        yield "--acceptance-test runs before the first step, when Knative sends all requests to the old revision"
    if queries_application(options) and not planned.was_there:
        return
    if not planned.was_there and strategy_of(options) == "blue-green":
        load = "the load test in values.yaml" if options.load_test else "a load test, which --load-test-url URL adds"
        yield f"users get the new version only when it is promoted: its metrics need {load}"
    elif not planned.was_there and not options.load_test and options.api_version != "v1alpha2":
        yield "without traffic at night or on test systems, the metrics have no values: --load-test adds a load test"
    if "--gateway" in options.given and not options.hosts and options.provider == "istio":
        yield "--gateway without --host: the gateway serves only the Service's own name"
    if options.provider == "istio" and (not planned.was_there or options.given & _ROUTING):
        yield from _mesh_note(options)


def _mesh_note(options: AddCanaryOptions) -> Iterator[str]:
    """That Flagger's VirtualService leaves out the calls between pods: it does so where gateways are named."""
    gateways = options.effective_gateways
    if not gateways or MESH_GATEWAY in gateways:
        return
    named = " ".join(f"--gateway {gateway}" for gateway in (*gateways, MESH_GATEWAY))
    way_on = f"to send them through the canary, run again with {named}"
    if "*" in options.hosts:
        way_on = "Istio rejects the host * there, so name the hosts to change that"
    yield f"without the gateway `{MESH_GATEWAY}`, calls from inside the mesh always reach the old version: {way_on}"
