"""What the templates render with a live cluster: here, `lookup` reads a simulated cluster from the values.

tests/e2e runs the same with a real API server and real upgrades, but not for every fixture chart.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.canary.slots import FIRST
from chartgen.charts.load import load_chart
from chartgen.helm.request import RenderRequest
from chartgen.manifests.rendering import render
from chartgen.manifests.tracing.template_text import helm_template_text
from tests.canary.test_whole_charts import NAMES, add
from tests.conftest import CHARTS

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

REQUEST = RenderRequest(release_name="shop", namespace="jx-production")
# The arguments of a `lookup` in the helper file: kind, and expressions for namespace and name.
_EXPRESSION = r"\((?:[^()]|\([^()]*\))*\)|\$?[\w.]+"
LOOKUP = re.compile(
    rf'lookup "(?P<group>v1|apps/v1)" "(?P<kind>\w+)" (?P<namespace>{_EXPRESSION}) (?P<name>{_EXPRESSION})'
)
LIVE_PORTS = [{"name": "live", "port": 4711, "protocol": "TCP", "targetPort": 4712, "nodePort": 30000}]
LIVE_SELECTOR = {"app": "live-primary"}


def with_simulated_cluster(chart: Chart) -> Chart:
    """The chart, whose helpers read `.Values.cluster.<namespace>.<kind>.<name>` instead of asking an API server."""

    def simulated(match: re.Match[str]) -> str:
        root = "$root" if "$root" in match["namespace"] else ""
        return f'dig {match["namespace"]} "{match["kind"]}" {match["name"]} (dict) {root}.Values.cluster'

    text, count = LOOKUP.subn(simulated, chart.text(FIRST.helpers))
    assert count == text.count("Values.cluster")
    assert "lookup " not in re.sub(r"\{\{/\*.*?\*/\}\}", "", text, flags=re.DOTALL)
    # A strict schema would reject the cluster in the values.
    files = {path: data for path, data in chart.files.items() if path != "values.schema.json"}
    return replace(chart, files=files | {FIRST.helpers: text.encode()})


class Live:
    """A chart with its canary, before and after, and the objects that matter in it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._original = load_chart(CHARTS / folder.name)
        self._changed = with_simulated_cluster(load_chart(folder))
        self.before = render(engine, self._original, REQUEST, "")
        self.namespace = ""
        (canary,) = self.after({}).of_kind("Canary")
        self.namespace = canary.namespace or REQUEST.namespace
        self.target: str = canary.get(("spec", "targetRef", "name"))
        self.kind: str = canary.get(("spec", "targetRef", "kind"))
        self.apex: str = canary.get(("spec", "service", "name")) or self.target

    def after(self, cluster: dict[str, Any], **switch: bool) -> Rendering:
        overlay: dict[str, Any] = {"cluster": {self.namespace: cluster}, **({"canary": switch} if switch else {})}
        return render(self._engine, self._changed, REQUEST.over(overlay), "")

    def workloads(self, *, primary: bool) -> dict[str, Any]:
        live = {self.target: {"spec": {"replicas": 7}}}
        return {self.kind: live | ({f"{self.target}-primary": {"spec": {"replicas": 3}}} if primary else {})}

    def service(self, release: str | None) -> dict[str, Any]:
        annotations = {"meta.helm.sh/release-name": release} if release else {}
        spec = {"ports": LIVE_PORTS, "selector": LIVE_SELECTOR, "clusterIP": "10.0.0.1"}
        return {"Service": {self.apex: {"metadata": {"annotations": annotations}, "spec": spec}}}

    def own_service(self, rendering: Rendering) -> Manifest | None:
        return rendering.named("Service", self.apex)


@pytest.fixture(scope="module", params=NAMES)
def live(request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Live:
    folder = tmp_path_factory.mktemp("live") / str(request.param)
    shutil.copytree(CHARTS / folder.name, folder)
    add(folder)
    return Live(engine, folder)


def others(rendering: Rendering, apex: str) -> list[str]:
    """Everything but the Canary and the Service it serves under, as text."""
    return sorted(
        manifest.text
        for manifest in rendering.manifests
        if manifest.kind != "Canary" and (manifest.kind, manifest.name) != ("Service", apex)
    )


def test_no_live_service_none_printed(live: Live) -> None:
    after = live.after(live.workloads(primary=False))
    assert live.own_service(live.before) is not None
    assert live.own_service(after) is None
    assert others(after, live.apex) == others(live.before, live.apex)


@pytest.mark.parametrize("release", [None, "another"])
def test_a_foreign_service_is_left_to_its_owner(release: str | None, live: Live) -> None:
    for primary in (False, True):
        after = live.after(live.workloads(primary=primary) | live.service(release))
        assert live.own_service(after) is None


def test_the_releases_own_service_stays_until_flagger_manages_the_target(live: Live) -> None:
    after = live.after(live.workloads(primary=False) | live.service("shop"))
    ours, theirs = live.own_service(after), live.own_service(live.before)
    assert ours is not None
    assert theirs is not None
    assert ours.text == theirs.text
    assert others(after, live.apex) == others(live.before, live.apex)


def test_a_managed_service_is_printed_with_its_live_ports_and_selector(live: Live) -> None:
    after = live.after(live.workloads(primary=True) | live.service("shop"))
    ours, theirs = live.own_service(after), live.own_service(live.before)
    assert ours is not None
    assert theirs is not None
    expected = {**theirs.body, "spec": {**theirs.body["spec"], "ports": LIVE_PORTS, "selector": LIVE_SELECTOR}}
    assert ours.body == expected


def test_replicas_follow_the_live_count_once_managed(live: Live) -> None:
    before = live.before.named(live.kind, live.target)
    after = live.after(live.workloads(primary=True)).named(live.kind, live.target)
    assert before is not None
    assert after is not None
    if before.get(("spec", "replicas")) is None:
        assert after.body == before.body
    else:
        assert after.body == {**before.body, "spec": {**before.body["spec"], "replicas": 7}}


def test_a_target_scaled_to_zero_stays_there(live: Live) -> None:
    before = live.before.named(live.kind, live.target)
    workloads = live.workloads(primary=True)
    workloads[live.kind][live.target] = {"spec": {"replicas": 0}}
    after = live.after(workloads).named(live.kind, live.target)
    assert before is not None
    assert after is not None
    assert after.get(("spec", "replicas")) == (None if before.get(("spec", "replicas")) is None else 0)


def test_switched_off_the_cluster_does_not_matter(live: Live) -> None:
    cluster = live.workloads(primary=True) | live.service("shop")
    assert helm_template_text(live.after(cluster, enable=False)) == helm_template_text(live.before)
