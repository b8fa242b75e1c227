"""Runs the examples of a rule's page: fragments laid over one known-good release, or small charts through Helm.

A fragment is one or more YAML documents. One with `kind` is laid over the object of that kind and name (of that kind
alone, without a name) or added; one without is laid over the Canary: below `spec`, unless its keys are those of the
object itself. Maps are merged deeply, `null` deletes, all else replaces. An example whose lines begin with
`# file: PATH` is a chart: those files are laid over a known-good chart, and `profile:` lines set the cluster. A line
`# policy: {…}` is the policy, in JSON.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from chartgen.charts.chart import Chart
from chartgen.charts.positions import position_of
from chartgen.helm.request import RenderRequest
from chartgen.helm.select import select_engine
from chartgen.inputs.schema import BoundedSchema
from chartgen.lint.matrix import render_matrix
from chartgen.lint.run_rules import report_findings
from chartgen.manifests.manifest import Manifest
from chartgen.manifests.rendering import Rendering
from chartgen.rules.cluster import Cluster
from chartgen.rules.organization_policy import policy_of
from chartgen.rules.registry import all_rules
from chartgen.rules.rule import ChartRule, Problem, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.rules.releases import Releases

HERE = Path(__file__).parent
GOOD_RELEASE = HERE / "good_release.yaml"
GOOD_CHART = HERE / "good_chart"
_MARK = re.compile(r"# <- (?P<rules>[\w, -]+)$")
_FILE = re.compile(r"^# file: (?P<path>\S+)$", re.MULTILINE)
_PROFILE = re.compile(r"^# profile: (?P<key>\w+)=(?P<value>\S+)$", re.MULTILINE)
_POLICY = re.compile(r"^# policy: (?P<policy>\{.*\})$", re.MULTILINE)
_OBJECT_KEYS = {"apiVersion", "kind", "metadata", "spec"}

engine = select_engine("embedded")


@dataclass(frozen=True, slots=True)
class Fired:
    """One rule, and the line of the example it spoke of (path and line in a chart)."""

    rule: str
    path: str
    line: int


def marked(example: str) -> set[Fired]:
    """What the marks of an example promise."""
    return {
        Fired(rule.strip(), path, line)
        for path, text in _files(example).items()
        for line, content in enumerate(text.splitlines(), start=1)
        for match in [_MARK.search(content)]
        if match
        for rule in match["rules"].split(",")
    }


def fired(example: str, rules: Iterable[type[Rule]] | None = None) -> set[Fired]:
    """What the rules (all of them where None) report about an example."""
    cluster = _cluster(example)
    running = [rule(cluster) for rule in (all_rules() if rules is None else rules)]
    if _FILE.search(example):
        return set(_fired_in_chart(example, running, cluster))
    return set(_fired_in_fragment(example, running))


def problems(example: str, rule: type[Rule]) -> Iterator[tuple[Manifest | None, Problem]]:
    """Each problem that a rule reports, with the manifest it is about; None if it is about none."""
    cluster = _cluster(example)
    checked = rule(cluster)
    if _FILE.search(example):
        releases = _releases_of(example, cluster)
        renderings: Iterable[Rendering] = releases.renderings
        if isinstance(checked, ChartRule):
            yield from ((problem.manifest, problem) for problem in checked.check_chart(releases))
    else:
        bodies = good_bodies()
        for piece in _pieces(example):
            _lay(bodies, piece)
        renderings = [rendering_of(bodies)[0]]
    for rendering in renderings:
        for manifest in rendering.of_kind(*rule.kinds):
            for problem in checked.check(manifest, rendering):
                yield problem.manifest or manifest, problem


def _cluster(example: str) -> Cluster:
    given: dict[str, Any] = {match["key"]: match["value"] for match in _PROFILE.finditer(example)}
    for key in ("allowed_namespaces", "injected_namespaces", "metric_templates", "alert_providers", "gateways"):
        if key in given:
            given[key] = tuple(given[key].split(","))
    if "cross_namespace_refs" in given:
        given["cross_namespace_refs"] = given["cross_namespace_refs"] == "yes"
    if "scrape_seconds" in given:
        given["scrape_seconds"] = float(given["scrape_seconds"])
    for match in _POLICY.finditer(example):
        policy = json.loads(match["policy"])
        schema = policy.pop("schema", None)
        given["policy"] = policy_of(policy, BoundedSchema(Draft202012Validator, schema) if schema else None)
    return Cluster(**given)


def _files(example: str) -> dict[str, str]:
    """Path → text of a chart example; a fragment under the empty path."""
    marks = list(_FILE.finditer(example))
    if not marks:
        return {"": example}
    ends = [mark.start() for mark in marks[1:]] + [len(example)]
    return {mark["path"]: example[mark.end() + 1 : end] for mark, end in zip(marks, ends, strict=True)}


def good_chart(changes: dict[str, bytes]) -> Chart:
    """The known-good chart with these files laid over it."""
    files = {
        path.relative_to(GOOD_CHART).as_posix(): path.read_bytes() for path in GOOD_CHART.rglob("*") if path.is_file()
    }
    return Chart(Path("web"), "web", {**files, **changes})


def _releases_of(example: str, cluster: Cluster) -> Releases:
    # JSON has no comments: its marks are for readers and for `marked`.
    texts = {
        path: "\n".join(_MARK.sub("", line) for line in text.split("\n")) if path.endswith(".json") else text
        for path, text in _files(example).items()
    }
    chart = good_chart({path: text.encode() for path, text in texts.items()})
    return render_matrix(engine, chart, RenderRequest(), cluster.allowed_namespaces)


def _fired_in_chart(example: str, rules: list[Rule], cluster: Cluster) -> Iterator[Fired]:
    for finding in report_findings(engine, _releases_of(example, cluster), tuple(rules)):
        yield Fired(finding.rule, finding.path.removeprefix("web/"), finding.line)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One document of a fragment, its first line, and where in its object it is laid."""

    text: str
    line: int
    mount: Route
    body: dict[str, Any]


def _fired_in_fragment(example: str, rules: list[Rule]) -> Iterator[Fired]:
    bodies = good_bodies()
    pieces: dict[int, _Piece] = {}
    for piece in _pieces(example):
        pieces[_lay(bodies, piece)] = piece
    rendering, manifests = rendering_of(bodies)
    for rule in rules:
        if isinstance(rule, ChartRule):
            continue
        for manifest in rendering.of_kind(*rule.kinds):
            for problem in rule.check(manifest, rendering):
                about = manifests.index(problem.manifest or manifest)
                yield Fired(rule.id, "", _line(pieces.get(about), problem.at))


def good_bodies() -> list[dict[str, Any]]:
    """The objects of the known-good release."""
    texts = GOOD_RELEASE.read_text(encoding="utf-8").split("\n---\n")
    return [deepcopy(engine.read_yaml(text)) for text in texts]


def rendering_of(bodies: list[dict[str, Any]]) -> tuple[Rendering, list[Manifest]]:
    """The objects as one rendering of a chart whose sources nobody asks for."""
    manifests = [Manifest("web/templates/all.yaml", index, 1, "", body) for index, body in enumerate(bodies)]
    chart = Chart(Path("web"), "web", {"templates/all.yaml": b""})
    request = RenderRequest(namespace="production")
    return Rendering(chart, request, "example", {}, tuple(manifests), {}, switched=True, gated=True), manifests


def _pieces(example: str) -> Iterator[_Piece]:
    line = 1
    for text in re.split(r"^---\n", example, flags=re.MULTILINE):
        if text.strip() and not all(one.startswith("#") for one in text.strip().splitlines()):
            body = engine.read_yaml(text)
            mount: Route = () if set(body) & _OBJECT_KEYS else ("spec",)
            yield _Piece(text, line, mount, body)
        line += text.count("\n") + 1


def _lay(bodies: list[dict[str, Any]], piece: _Piece) -> int:
    """Lay a piece over its object, or add it; the object's index."""
    body: dict[str, Any] = piece.body
    for step in reversed(piece.mount):
        body = {str(step): body}
    kind, name = body.get("kind", "Canary"), (body.get("metadata") or {}).get("name")
    for index, held in enumerate(bodies):
        if held["kind"] == kind and name in {None, held["metadata"]["name"]}:
            bodies[index] = _merged(held, body)
            return index
    bodies.append(_merged({}, body))
    return len(bodies) - 1


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            below = result.get(key)
            result[key] = _merged(below if isinstance(below, dict) else {}, value)
        else:
            result[key] = value
    return result


def _line(piece: _Piece | None, route: Route) -> int:
    """The line of a fragment that a problem speaks of; 0 where it speaks of the known-good part."""
    if piece is None:
        return 0
    inside = route[len(piece.mount) :]
    for length in range(len(inside), 0, -1):
        found = position_of(piece.text, inside[:length])
        if found:
            return piece.line + found.line - 1
    found = position_of(piece.text, ("kind",))
    return piece.line + (found.line - 1 if found else 0)
