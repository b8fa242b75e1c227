"""Objects that name a chart and its values: Flux's HelmRelease and Argo CD's Application, read from their file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.charts.positions import position_at
from chartgen.config.document import yaml_of
from chartgen.config.release_spec import ReleaseSpec, Values
from chartgen.config.yaml_block import blank_before, entries, items, nodes_of, standalone_text
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ruamel.yaml.nodes import Node

    from chartgen.charts.positions import Position

_GROUPS = {
    "HelmRelease": "helm.toolkit.fluxcd.io/",
    "Application": "argoproj.io/",
    "ApplicationSet": "argoproj.io/",
}
_MARK = lazy_pattern(r"^[ \t\"']*kind[\"']?:[ \t]*[\"']?(?:HelmRelease|Application(?:Set)?)\b", re.MULTILINE)
# Sources whose chart is a folder of a repository: the chart is a path (HelmChart's spec.chart).
_FOLDER_SOURCES = ("GitRepository", "Bucket")


@dataclass(frozen=True, slots=True)
class ChartRef:
    """The chart of a release: its name in a repository of charts, or its folder in a repository of files."""

    name: str
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class GitOpsRelease:
    """One HelmRelease or Application, and where it begins. `chart` is None if the object doesn't say which.

    `values_files` are files of the chart's repository that come before `spec.values`. `unread` are sources of values
    that only the cluster has.
    """

    kind: str
    name: str
    line: int
    chart: ChartRef | None
    spec: ReleaseSpec
    values_files: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    holds_canary: bool = False


def may_hold_releases(text: str) -> bool:
    """Whether a text is worth reading for releases."""
    return _MARK.search(text) is not None and any(group in text for group in _GROUPS.values())


def gitops_releases(text: str, path: str) -> Iterator[GitOpsRelease]:
    """The releases in a manifest file; `path` is the name of the values in it. Text that isn't YAML holds none."""
    if not may_hold_releases(text):
        return
    try:
        nodes = [node for node in nodes_of(text) if entries(node)]
    except ValueError:
        return
    for node in nodes:
        try:
            body = yaml_of(blank_before(text, node))
        except ValueError:
            continue
        for each, at in _listed(body, node):
            kind = str(each.get("kind"))
            if kind in _GROUPS and str(each.get("apiVersion")).startswith(_GROUPS[kind]):
                yield from _READERS[kind](_Object(text, path, each, at))


def _listed(body: Any, node: Node) -> Iterator[tuple[Mapping[str, Any], Node]]:
    """The object, or those of a `List`."""
    if not isinstance(body, dict):
        return
    if body.get("kind") == "List" and isinstance(body.get("items"), list):
        pairs = zip(body["items"], items(entries(node).get("items")), strict=False)
        yield from ((each, at) for each, at in pairs if isinstance(each, dict))
    else:
        yield body, node


@dataclass(frozen=True, slots=True)
class _Object:
    """One object: its file, its body and its node."""

    text: str
    path: str
    body: Mapping[str, Any]
    node: Node

    def at(self, *route: str) -> Any:
        """The value at a route, None without one."""
        found: Any = self.body
        for step in route:
            found = found.get(step) if isinstance(found, dict) else None
        return found

    def node_at(self, *route: str) -> Node | None:
        node: Node | None = self.node
        for step in route:
            node = entries(node).get(step)
        return node

    def texts(self, *route: str) -> tuple[str, ...]:
        """The texts of a list."""
        found = self.at(*route)
        return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()

    @property
    def name(self) -> str:
        return str(self.at("metadata", "name") or "")

    @property
    def line(self) -> int:
        kind = self.node_at("kind")
        return int((kind or self.node).start_mark.line) + 1

    def values_at(self, *route: str) -> Values:
        """The map at a route as values with the file's own lines; none for anything else."""
        value, node = self.at(*route), self.node_at(*route)
        if not isinstance(value, dict) or node is None:
            return Values()
        return Values().with_map(self.path, standalone_text(self.text, node, value), value)

    def values_in(self, *route: str) -> Values:
        """The map that a text at a route spells."""
        value, node = self.at(*route), self.node_at(*route)
        if not isinstance(value, str) or node is None:
            return Values()
        try:
            spelled = yaml_of(value)
        except ValueError:
            return Values()
        if not isinstance(spelled, dict):
            return Values()
        lines, first = self.text.split("\n"), node.start_mark.line + 1
        part = "\n" * first + "\n".join(lines[first : node.end_mark.line])
        try:
            same = yaml_of(part) == spelled
        except ValueError:
            same = False
        return Values().with_map(self.path, part if same else None, spelled)


def _helm_releases(found: _Object) -> Iterator[GitOpsRelease]:
    """Flux: spec.chart is a template of a HelmChart, spec.chartRef names an OCIRepository or a HelmChart."""
    target = _text(found.at("spec", "targetNamespace"))
    spec = ReleaseSpec(
        found.values_at("spec", "values"),
        namespace=target or _text(found.at("metadata", "namespace")) or None,
        name=_text(found.at("spec", "releaseName")) or (f"{target}-{found.name}" if target else found.name) or None,
    )
    named = found.at("spec", "valuesFrom")
    unread = tuple(
        f"{each.get('kind')} {each.get('name')}"
        for each in (named if isinstance(named, list) else ())
        if isinstance(each, dict)
    )
    yield GitOpsRelease(
        "HelmRelease",
        found.name,
        found.line,
        _flux_chart(found),
        spec,
        found.texts("spec", "chart", "spec", "valuesFiles"),
        unread,
        _speaks_of_canary(found.at("spec", "values")),
    )


def _flux_chart(found: _Object) -> ChartRef | None:
    chart = _text(found.at("spec", "chart", "spec", "chart"))
    if not chart:
        named = _text(found.at("spec", "chartRef", "name"))
        return ChartRef(named) if named else None
    last = chart.rstrip("/").rsplit("/", 1)[-1]
    kind = found.at("spec", "chart", "spec", "sourceRef", "kind")
    return ChartRef(last, chart if kind in _FOLDER_SOURCES else None)


def _applications(found: _Object) -> Iterator[GitOpsRelease]:
    """Argo CD: spec.source, or each of spec.sources, with a chart or with helm settings."""
    several = found.at("spec", "sources")
    if isinstance(several, list):
        nodes = items(found.node_at("spec", "sources"))
        for source, node in zip(several, nodes, strict=False):
            if isinstance(source, dict):
                yield from _source(replace(found, body=source, node=node), found)
        return
    source, at = found.at("spec", "source"), found.node_at("spec", "source")
    if isinstance(source, dict) and at is not None:
        yield from _source(replace(found, body=source, node=at), found)


def _source(source: _Object, application: _Object) -> Iterator[GitOpsRelease]:
    chart, folder = _text(source.at("chart")), _text(source.at("path"))
    if not chart and not (folder and source.at("helm") is not None):
        return
    values = source.values_in("helm", "values")
    if isinstance(source.at("helm", "valuesObject"), dict):
        # Argo CD ignores `values` beside it.
        values = source.values_at("helm", "valuesObject")
    files = source.texts("helm", "valueFiles")
    parameters = source.at("helm", "parameters")
    sets = tuple(_sets(parameters, items(source.node_at("helm", "parameters"))))
    spec = ReleaseSpec(
        values,
        tuple(each for each, _ in sets),
        tuple((each, source.path, at) for each, at in sets if at),
        namespace=_text(application.at("spec", "destination", "namespace")) or None,
        name=_text(source.at("helm", "releaseName")) or application.name or None,
    )
    name = chart or folder.rstrip("/").rsplit("/", 1)[-1]
    yield GitOpsRelease(
        "Application",
        application.name,
        application.line,
        ChartRef(name.rsplit("/", 1)[-1], None if chart else folder),
        spec,
        tuple(each for each in files if not each.startswith("$") and "://" not in each),
        tuple(f"values file {each}" for each in files if each.startswith("$") or "://" in each),
        _speaks_of_canary(source.at("helm")),
    )


def _application_sets(found: _Object) -> Iterator[GitOpsRelease]:
    """Its template has parameters that generators fill in, so there is no release to read."""
    template = found.at("spec", "template", "spec")
    sources = [template.get("source"), *(template.get("sources") or [])] if isinstance(template, dict) else []
    if any(isinstance(each, dict) and ("chart" in each or "helm" in each) for each in sources):
        holds = _speaks_of_canary(template)
        yield GitOpsRelease("ApplicationSet", found.name, found.line, None, ReleaseSpec(), holds_canary=holds)


def _sets(parameters: Any, nodes: list[Node]) -> Iterator[tuple[str, Position | None]]:
    """Each parameter as `--set` takes it, and where its value is written."""
    for each, node in zip(parameters if isinstance(parameters, list) else (), nodes, strict=False):
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            value = each.get("value")
            text = value if isinstance(value, str) else "" if value is None else str(value).lower()
            written = entries(node).get("value")
            yield f"{each['name']}={text.replace(',', chr(92) + ',')}", position_at(written) if written else None


def _speaks_of_canary(value: Any) -> bool:
    """Whether a key or a text of the values names a canary."""
    return re.search(r"canary|flagger", str(value), re.IGNORECASE) is not None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


_READERS = {"HelmRelease": _helm_releases, "Application": _applications, "ApplicationSet": _application_sets}
