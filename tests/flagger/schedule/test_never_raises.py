"""For any Canary the simulator never raises, weights stay within [0, 100], and every rollout ends."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from chartgen.flagger.schedule import Delete, End, NewVersion, Patch, simulate, upgrade
from tests.flagger.schedule.canaries import canary, deployment

_NUMBERS = some.one_of(some.integers(-20, 200), some.integers(), some.floats(), some.none(), some.text(max_size=3))
_ANYTHING: some.SearchStrategy[Any] = some.recursive(
    some.one_of(some.none(), some.booleans(), some.integers(), some.floats(), some.text(max_size=5)),
    lambda inner: some.one_of(
        some.lists(inner, max_size=3), some.dictionaries(some.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
_DURATIONS = some.sampled_from(["", "5s", "10s", "1m", "5min", "1h", "0s", "x", "1m30s"])
_HOOKS = some.fixed_dictionaries(
    {
        "name": some.text(max_size=5),
        "type": some.sampled_from(
            ["", "rollout", "confirm-rollout", "confirm-promotion", "confirm-traffic-increase", "rollback",
             "pre-rollout", "post-rollout", "event", "odd"]
        ),
        "url": some.sampled_from(["http://hook.test/a", "hook.test", "hook.test:80/x", ":", "1.2.3.4:80/x", ""]),
        "timeout": _DURATIONS,
        "retries": _NUMBERS,
    }
)  # fmt: skip
_METRICS = some.fixed_dictionaries(
    {"name": some.sampled_from(["request-success-rate", "request-duration", "other", ""])},
    optional={
        "thresholdRange": some.one_of(
            _ANYTHING, some.fixed_dictionaries({}, optional={"min": _NUMBERS, "max": _NUMBERS})
        ),
        "threshold": _NUMBERS,
        "query": some.one_of(_ANYTHING, some.just("up")),
        "templateRef": some.one_of(_ANYTHING, some.just({"name": "template"})),
    },
)
_ANALYSES = some.fixed_dictionaries(
    {},
    optional={
        "interval": _DURATIONS,
        "threshold": _NUMBERS,
        "stepWeight": _NUMBERS,
        "maxWeight": _NUMBERS,
        "stepWeights": some.one_of(_ANYTHING, some.lists(_NUMBERS, max_size=4)),
        "stepWeightPromotion": _NUMBERS,
        "iterations": some.one_of(some.integers(-1, 4), _ANYTHING),
        "mirror": some.one_of(some.booleans(), _ANYTHING),
        "mirrorWeight": _NUMBERS,
        "primaryReadyThreshold": _NUMBERS,
        "canaryReadyThreshold": _NUMBERS,
        "match": some.one_of(_ANYTHING, some.just([{"headers": {"x": {"exact": "y"}}}])),
        "sessionAffinity": some.one_of(_ANYTHING, some.just({"cookieName": "c", "primaryCookieName": "p"})),
        "metrics": some.one_of(_ANYTHING, some.lists(_METRICS, max_size=3)),
        "webhooks": some.one_of(_ANYTHING, some.lists(_HOOKS, max_size=3)),
    },
)
_PROVIDERS = some.sampled_from(
    ["istio", "kubernetes", "gatewayapi:v1", "gatewayapi:v1beta1", "nginx", "skipper", "contour", "traefik", "linkerd",
     "smi:v1alpha2", "osm", "kuma", "gloo", "apisix", "appmesh", "appmesh:v1beta2", "knative", "odd"]
)  # fmt: skip
_SPECS = some.fixed_dictionaries(
    {},
    optional={
        "targetRef": some.one_of(
            _ANYTHING,
            some.fixed_dictionaries(
                {"kind": some.sampled_from(["Deployment", "DaemonSet", "Service", "Odd"]), "name": some.just("app")}
            ),
        ),
        "service": some.one_of(
            _ANYTHING, some.just({"port": 80, "appProtocol": "tcp"}), some.just({"portDiscovery": True})
        ),
        "ingressRef": some.one_of(_ANYTHING, some.just({"name": "app"})),
        "routeRef": some.one_of(_ANYTHING, some.just({"name": "app"})),
        "autoscalerRef": some.one_of(_ANYTHING, some.just({"kind": "ScaledObject", "name": "app"})),
        "progressDeadlineSeconds": _NUMBERS,
        "skipAnalysis": some.booleans(),
        "suspend": some.booleans(),
        "revertOnDeletion": some.booleans(),
    },
)
_PATCHES = some.builds(
    Patch, some.sampled_from(["Canary", "Deployment", "VirtualService", "Ingress", "Service"]),
    some.one_of(some.dictionaries(some.sampled_from(["spec", "metadata"]), _ANYTHING), some.lists(_ANYTHING, max_size=2)),
)  # fmt: skip
_ACTIONS = some.lists(
    some.tuples(
        some.integers(0, 12),
        some.one_of(some.just(NewVersion()), some.just(NewVersion("1")), _PATCHES, some.just(Delete("VirtualService")),
                    some.just(Delete("Deployment")), some.just(Delete("Canary"))),
    ),
    max_size=4,
)  # fmt: skip
_OBJECTS = some.lists(
    some.one_of(
        some.dictionaries(some.sampled_from(["kind", "metadata", "spec", "data"]), _ANYTHING, max_size=4),
        some.builds(lambda kind, spec: {"kind": kind, "metadata": {"name": "app"}, "spec": spec},
                    some.sampled_from(["Ingress", "Service", "ScaledObject", "ApisixRoute", "MetricTemplate", "ConfigMap"]),
                    _ANYTHING),
        some.builds(lambda spec: deployment(**spec), some.dictionaries(
            some.sampled_from(["replicas", "strategy", "template", "selector", "minReadySeconds"]), _ANYTHING, max_size=2)),
    ),
    max_size=3,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(_ANALYSES, _PROVIDERS, _SPECS, _OBJECTS, _ACTIONS)
def test_any_rollout_ends(
    analysis: dict[str, Any], provider: str, spec: dict[str, Any], objects: list[Any], actions: list[Any]
) -> None:
    made = canary(analysis, provider=provider, **spec)
    timeline = simulate(made, [deployment(), *objects], actions=actions, max_ticks=60)
    assert len(timeline.ticks) <= 61
    assert timeline.ticks or timeline.outcome.end in {End.REFUSED, End.DELETED}
    for tick in timeline.ticks:
        assert 0 <= tick.canary_share <= 100
        assert 0 <= tick.primary_share <= 100
        assert tick.failed_checks >= 0


@settings(max_examples=80, deadline=None)
@given(_ANALYSES, _PROVIDERS)
def test_any_upgrade_ends_or_reports_a_stall(analysis: dict[str, Any], provider: str) -> None:
    timeline = upgrade(canary(analysis, provider=provider), [deployment()], max_ticks=150)
    assert timeline.outcome.reason or timeline.outcome.end in {End.SUCCEEDED, End.FAILED}
    if timeline.outcome.end is End.CUT:
        # Cut short is only what still moves: failures to be counted, iterations and steps to be made.
        last, before = timeline.ticks[-1], timeline.ticks[-2]
        assert (last.failed_checks, last.iterations, last.routes) != (
            before.failed_checks,
            before.iterations,
            before.routes,
        )


@settings(max_examples=100, deadline=None)
@given(_ANYTHING, _ANYTHING)
def test_any_document_at_all(document: object, other: object) -> None:
    made = document if isinstance(document, dict) else {"spec": document}
    beside = other if isinstance(other, dict) else {"spec": other}
    simulate(made, [beside], max_ticks=5)
