"""The dashboard's queries, run by a real Prometheus that scrapes real Flagger and counts an app's requests."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.cluster.dashboard.panels import INTERVAL, marks, panels
from chartgen.flagger.canary import read_canary
from chartgen.flagger.providers import OBSERVERS, Observer
from tests.e2e.release import PRODUCTION
from tests.e2e.test_queries import canary_of
from tests.e2e.watching import GOOD, promoted

if TYPE_CHECKING:
    from tests.e2e.plane import Plane

# Nothing on the plane runs containers, so cAdvisor's series are missing.
_WITHOUT_SERIES = {"CPU", "Memory"}


def asked(plane: Plane, path: str, **query: Any) -> Any:
    query["query"] = query["query"].replace(INTERVAL, "1m")
    with urllib.request.urlopen(
        f"{plane.traffic.url}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=10
    ) as answer:
        return json.loads(answer.read())["data"]["result"]


_SEVERAL_STEPS = 3


@pytest.mark.parametrize("observer", OBSERVERS, ids=lambda observer: observer.name)
def test_prometheus_accepts_every_query_of_each_provider(plane: Plane, observer: Observer) -> None:
    canary = canary_of(observer)
    queries = [query.expr for _, row in panels(canary, ()) for panel in row for query in panel.queries]
    for query in [*queries, *(mark.expr for mark in marks(canary))]:
        assert asked(plane, "query", query=query) == []


@pytest.mark.story.with_args(promoted)
def test_the_pictures_of_a_rollout_have_series_and_its_events_are_marked(plane: Plane, story: Any) -> None:
    assert story[0].code == 0
    body = plane.client.get("flagger.app/v1beta1", "Canary", PRODUCTION, GOOD)
    assert body is not None
    canary = read_canary(body)
    now = time.time()
    # The story may have ended minutes ago: tests of other stories come first.
    span = {"start": now - 1200, "end": now, "step": 1}
    for _, row in panels(canary, ()):
        for panel in row:
            for query in panel.queries:
                found = asked(plane, "query_range", query=query.expr, **span)
                assert bool(found) == (panel.title not in _WITHOUT_SERIES), (panel.title, query)
                if panel.title == "Weight":
                    values = {float(value) for _, value in found[0]["values"]}
                    # Prometheus may miss a step between two scrapes.
                    assert values >= ({0, 50} if query.legend == "canary" else {50, 100})
                    assert len(values) > _SEVERAL_STEPS
    seen = {mark.name: asked(plane, "query_range", query=mark.expr, **span) for mark in marks(canary)}
    assert {name for name, found in seen.items() if found} == {"Rollout began", "Promoted"}
