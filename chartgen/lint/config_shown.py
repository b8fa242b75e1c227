"""`--show-config`: the settings that hold for a path, each with where it comes from; YAML that can be read again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.rules.cluster import Cluster
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from chartgen.lint.engine import LintRequest

_SCHEMA_LINE = "# yaml-language-server: $schema=chartgen-config.schema.json"


def shown_config(request: LintRequest, path: Path, options: Mapping[str, Any]) -> str:
    """The settings for one path; `options` are those of the command line that the request does not hold, by name."""
    config = request.config_at(path)
    told = f"# {path.as_posix()}: {config.source or 'no configuration'}"
    given = {
        **{key: value for key, value in options.items() if value is not None},
        **({"select": list(request.select)} if request.select else {}),
        **({"namespaces": list(request.namespaces)} if request.namespaces else {}),
    }
    document = {**_defaults(), **config.document}
    if request.ignore:
        document["ignore"] = [*document["ignore"], *request.ignore]
    cluster = {**_defaults()["cluster"], **config.document.get("cluster", {})}
    document["cluster"] = {**cluster, **({"flagger-version": request.flagger} if request.flagger else {})}
    lines = _lines({**document, **given}, set(given), set(config.document), bool(request.ignore))
    return "\n".join([_SCHEMA_LINE, told, *lines]) + "\n"


def _defaults() -> dict[str, Any]:
    cluster = Cluster()
    return {
        "select": [],
        "ignore": [],
        "severity": {},
        "fail-on": Severity.WARNING.value,
        "min-severity": Severity.INFO.value,
        "namespaces": [],
        "releases": [],
        "cluster": {
            "provider": cluster.provider,
            "selector-labels": list(cluster.selector_labels),
            "scrape-interval": f"{cluster.scrape_seconds:g}s",
        },
        "policy": {},
    }


def _lines(document: Mapping[str, Any], options: set[str], written: set[str], adds_ignores: bool) -> Iterator[str]:
    for key, value in document.items():
        origin = "option" if key in options else "configuration" if key in written else "default"
        if key == "ignore" and adds_ignores:
            origin = "configuration and option" if key in written else "option"
        # JSON is YAML, and tells texts from numbers.
        yield f"{key}: {json.dumps(value, ensure_ascii=False)}  # {origin}"
