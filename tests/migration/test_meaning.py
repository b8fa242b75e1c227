"""The simulator tells Canaries apart that mean different things, and only those."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.errors import ProofError
from chartgen.flagger.former import as_current
from chartgen.lint.manifest_files import manifest_releases
from chartgen.migration.meaning import require_same_rollouts

if TYPE_CHECKING:
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

OLD: dict[str, Any] = {
    "apiVersion": "flagger.app/v1alpha2",
    "kind": "Canary",
    "metadata": {"name": "shop"},
    "spec": {
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
        "service": {"port": 80},
        "canaryAnalysis": {
            "interval": "1m",
            "threshold": 2,
            "maxWeight": 50,
            "stepWeight": 10,
            "metrics": [
                {"name": "istio_requests_total", "threshold": 99, "interval": "1m"},
                {"name": "request-duration", "threshold": 500, "interval": "1m"},
                {"name": "errors", "threshold": 5, "interval": "1m", "query": "sum(errors)"},
            ],
        },
    },
}


def _migrated() -> dict[str, Any]:
    body = copy.deepcopy(as_current(OLD))
    for metric, bound in zip(body["spec"]["analysis"]["metrics"], ("min", "max", "max"), strict=True):
        metric["thresholdRange"] = {bound: metric.pop("threshold")}
    return body


def _rendered(engine: Engine, body: dict[str, Any]) -> tuple[Manifest, Rendering]:
    import json

    rendering = manifest_releases(engine, json.dumps(body), "canary.yaml", "default").renderings[0]
    return next(iter(rendering.of_kind("Canary"))), rendering


def _compare(engine: Engine, body: dict[str, Any]) -> int:
    (old, before), (new, after) = _rendered(engine, OLD), _rendered(engine, body)
    return require_same_rollouts(old, new, before, after)


def test_former_names_are_translated_and_nothing_else() -> None:
    current = as_current(OLD)
    assert current["apiVersion"] == "flagger.app/v1beta1"
    assert "canaryAnalysis" not in current["spec"]
    names = [metric["name"] for metric in current["spec"]["analysis"]["metrics"]]
    assert names == ["request-success-rate", "request-duration", "errors"]
    assert as_current(current) == current


def test_the_same_meaning_is_the_same(engine: Engine) -> None:
    assert _compare(engine, _migrated()) > 20


@pytest.mark.parametrize(
    ("metric", "bounds"),
    [(0, {"max": 99}), (0, {"min": 98}), (1, {"min": 500}), (1, {"max": 501}), (2, {"max": 6}), (2, {})],
)
def test_another_bound_is_found(engine: Engine, metric: int, bounds: dict[str, int]) -> None:
    body = _migrated()
    body["spec"]["analysis"]["metrics"][metric]["thresholdRange"] = bounds
    with pytest.raises(ProofError, match="Canary shop would behave differently"):
        _compare(engine, body)


@pytest.mark.parametrize(
    ("key", "value"), [("threshold", 3), ("stepWeight", 20), ("maxWeight", 60), ("interval", "2m"), ("iterations", 3)]
)
def test_another_strategy_is_found(engine: Engine, key: str, value: object) -> None:
    body = _migrated()
    body["spec"]["analysis"][key] = value
    with pytest.raises(ProofError, match="Canary shop would behave differently"):
        _compare(engine, body)
