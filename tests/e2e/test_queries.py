"""The queries of chartgen's table are Flagger's own: a real Prometheus formats both, and finds them equal."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.flagger.canary import BUILTIN_METRICS, read_canary
from chartgen.flagger.providers import OBSERVERS, Observer
from chartgen.flagger.queries import Requests, Version
from tests.e2e.readiness import flagger_charts

if TYPE_CHECKING:
    from tests.e2e.plane import Plane

_WORDS = {"namespace": "shop", "target": "web", "service": "front", "ingress": "door", "route": "way", "interval": "2m"}
_SKIPPER = "kube(ew)?_shop__door_canary__.*__front_canary(_[0-9]+)?"


def canary_of(observer: Observer) -> Any:
    spec = {
        "provider": observer.name,
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": _WORDS["target"]},
        "service": {"name": _WORDS["service"], "port": 80},
        "ingressRef": {"name": _WORDS["ingress"]},
        "routeRef": {"name": _WORDS["route"]},
    }
    return read_canary({"metadata": {"name": "web", "namespace": _WORDS["namespace"]}, "spec": spec})


def flaggers(observer: Observer, metric: str) -> str:
    """Flagger's query, as its source has it, with the words filled in."""
    file, variable = observer.source.split(":")
    source = (flagger_charts().parent / "pkg" / "metrics" / "observers" / file).read_text()
    table = source.partition(f"var {variable} = ")[2].partition("\n}\n")[0]
    found = re.search(rf'"{metric}": [^`]*`(.*?)`', table, re.DOTALL)
    assert found, (file, metric)
    text = found[1].replace("{{ $route }}", _SKIPPER)
    return re.sub(r"\{\{ (\w+) \}\}", lambda match: _WORDS[match[1]], text)


def asked(plane: Plane, path: str, query: str) -> Any:
    target = f"{plane.traffic.url}/api/v1/{path}?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(target, timeout=10) as response:
        return json.loads(response.read())["data"]


@pytest.mark.parametrize("metric", BUILTIN_METRICS)
@pytest.mark.parametrize("observer", OBSERVERS, ids=lambda observer: observer.name)
def test_a_builtin_query_is_flaggers(plane: Plane, observer: Observer, metric: str) -> None:
    own = Requests(canary_of(observer), Version.CANARY).builtin(metric, "2m")
    # Seconds are turned into milliseconds by the observer's code, not by its query.
    own = own.removesuffix(" * 1000") if observer.seconds and metric == "request-duration" else own
    formatted, other = (asked(plane, "format_query", query) for query in (own, flaggers(observer, metric)))
    assert re.sub(r",\s*\}", "}", formatted) == re.sub(r",\s*\}", "}", other)


@pytest.mark.parametrize("observer", OBSERVERS, ids=lambda observer: observer.name)
def test_prometheus_runs_every_query(plane: Plane, observer: Observer) -> None:
    for version in Version:
        requests = Requests(canary_of(observer), version)
        for query in (requests.rate("1m"), requests.success_rate("1m"), requests.duration("1m", 0.5)):
            assert asked(plane, "query", query)["resultType"] == "vector"
