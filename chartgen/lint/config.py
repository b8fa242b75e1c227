"""`chartgen.yaml`: the nearest one upward to the repository's root, held against its schema."""

from __future__ import annotations

import fnmatch
import os
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.rules.cluster import Cluster
from chartgen.rules.reading.durations import go_seconds
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.lint.finding import Finding

NAMES = ("chartgen.yaml", ".chartgen.yaml")


@dataclass(frozen=True, slots=True)
class Exempt:
    """`ignore:` with a place: rule (id or tag), and globs over the path and over kind/name."""

    rule: str
    path: str | None = None
    object: str | None = None

    def covers(self, finding: Finding, base: Path) -> bool:
        """Whether the finding is exempt; paths are relative to the configuration's folder."""
        if self.rule != finding.rule and self.rule not in finding.tags:
            return False
        inside = os.path.relpath(finding.path.partition("!")[0], base).replace(os.sep, "/")
        about = f"{finding.object.kind}/{finding.object.name}" if finding.object else ""
        by_path = self.path is None or fnmatch.fnmatch(inside, self.path)
        return by_path and (self.object is None or fnmatch.fnmatch(about, self.object))


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration says; `source` is its file, None where there is none."""

    source: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exempt: tuple[Exempt, ...] = ()
    severity: dict[str, Severity] = field(default_factory=dict)
    fail_on: str | None = None
    min_severity: str | None = None
    namespaces: tuple[str, ...] = ()
    cluster: Cluster = field(default_factory=Cluster)

    def applied(self, finding: Finding) -> Finding | None:
        """The finding with its configured severity, None where it is exempt."""
        base = self.source.parent if self.source else Path()
        if any(one.covers(finding, base) for one in self.exempt):
            return None
        severity = self.severity.get(finding.rule)
        return replace(finding, severity=severity) if severity else finding


def find_config(start: Path) -> Config:
    """The nearest configuration from `start` upward; it ends at the folder that holds `.git`."""
    folder = start.absolute()
    for candidate in (folder, *folder.parents):
        for name in NAMES:
            if (candidate / name).is_file():
                return read_config(candidate / name)
        project = candidate / "pyproject.toml"
        if project.is_file() and "[tool.chartgen" in project.read_text(encoding="utf-8", errors="replace"):
            return read_config(project)
        if (candidate / ".git").exists():
            break
    return Config()


def read_config(path: Path) -> Config:
    """The configuration in a file; UsageError tells what in it cannot be meant, and where."""
    document = _document(path)
    faults = list(_faults(document))
    if faults:
        raise UsageError("\n".join(f"{path}: {fault}" for fault in faults), hint="see chartgen-config.schema.json")
    ignored = document.get("ignore", ())
    plain = tuple(one if isinstance(one, str) else one["rule"] for one in ignored if _is_plain(one))
    placed = [one for one in ignored if not _is_plain(one)]
    return Config(
        source=path,
        select=tuple(document.get("select", ())),
        ignore=plain,
        exempt=tuple(Exempt(one["rule"], one.get("path"), one.get("object")) for one in placed),
        severity={rule: Severity(name) for rule, name in document.get("severity", {}).items()},
        fail_on=document.get("fail-on"),
        min_severity=document.get("min-severity"),
        namespaces=tuple(document.get("namespaces", ())),
        cluster=_cluster(path, document.get("cluster", {})),
    )


def _is_plain(entry: Any) -> bool:
    return isinstance(entry, str) or not {"path", "object"} & set(entry)


def _document(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = _toml(text) if path.suffix == ".toml" else _yaml(text)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: cannot be read: {reason}", hint="correct it, or use --no-config") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path}: is no map of settings", hint="see chartgen-config.schema.json")
    return document


def _toml(text: str) -> Any:
    try:
        tomllib: Any = import_module("tomllib")
    except ImportError as error:  # Python 3.10
        raise ValueError("[tool.chartgen] needs Python 3.11; use chartgen.yaml") from error
    return tomllib.loads(text).get("tool", {}).get("chartgen", {})


def _yaml(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        loaded = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ValueError(str(error)) from error
    return {} if loaded is None else loaded


def _faults(document: dict[str, Any]) -> Iterator[str]:
    import difflib

    from jsonschema import Draft202012Validator

    from chartgen.resources import schema

    for error in Draft202012Validator(schema("chartgen-config.schema.json")).iter_errors(document):
        place = ".".join(str(step) for step in error.absolute_path)
        if error.validator == "additionalProperties":
            known = list(error.schema["properties"])
            for key in [name for name in error.instance if name not in known]:
                near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)
                meant = f": did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
                yield f"{f'{place}.' if place else ''}{key} is no setting{meant}"
        else:
            yield f"{place}: {error.message}"


def _cluster(path: Path, given: dict[str, Any]) -> Cluster:
    cluster = Cluster()
    scrape = go_seconds(given["scrape-interval"]) if "scrape-interval" in given else cluster.scrape_seconds
    if scrape is None:
        raise UsageError(f"{path}: cluster.scrape-interval is no duration", hint="write it as 30s or 1m")
    return replace(
        cluster,
        flagger=given.get("flagger-version"),
        provider=given.get("provider", cluster.provider),
        selector_labels=tuple(given.get("selector-labels", cluster.selector_labels)),
        metric_templates=tuple(given.get("metric-templates", ())),
        alert_providers=tuple(given.get("alert-providers", ())),
        gateways=tuple(given.get("gateways", ())),
        scrape_seconds=scrape,
        cross_namespace_refs=not given.get("no-cross-namespace-refs", False),
    )
