"""`--show-config`: the settings for a path, each with its origin, as YAML that chartgen can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.escaping import json_line, shown_line
from chartgen.helm.request import ValueSources
from chartgen.lint.finding import Limits
from chartgen.rules.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from chartgen.lint.request import LintRequest

_SCHEMA_LINE = "# yaml-language-server: $schema=chartgen-config.schema.json"
_OPTION, _CONFIGURATION, _DEFAULT = "option", "configuration", "default"
# Shown key by key; every other setting is shown as a whole.
_SECTIONS = ("cluster", "traffic", "policy")


def shown_config(request: LintRequest, path: Path) -> str:
    """The settings for one path: from options, then the configuration, then the defaults."""
    config = request.config_at(path)
    heading = shown_line(f"# {path.as_posix()}: {config.source or 'no configuration'}")
    layers = {_OPTION: _options(request), _CONFIGURATION: dict(config.document), _DEFAULT: _defaults()}
    return "\n".join([_SCHEMA_LINE, heading, *_lines(layers, bool(request.ignore))]) + "\n"


def _options(request: LintRequest) -> dict[str, Any]:
    """The options that correspond to a setting, under its key."""
    sources, releases = request.base.sources, []
    if sources != ValueSources():
        releases = [{"values": list(sources.files), "set": list(sources.set)}]
    options: dict[str, Any] = {
        "select": list(request.select),
        "ignore": list(request.ignore),
        "fail-on": request.fail_on,
        "min-severity": request.min_severity,
        "namespaces": list(request.namespaces),
        "cluster": {"flagger-version": request.flagger} if request.flagger else None,
    }
    given = {key: value for key, value in options.items() if value}
    return given if request.leaves_releases_open else {**given, "releases": releases}


def _defaults() -> dict[str, Any]:
    cluster, limits = Cluster(), Limits()
    return {
        "select": [],
        "ignore": [],
        "severity": {},
        "fail-on": limits.fail_on.value if limits.fail_on else None,
        "min-severity": limits.min_severity.value,
        "namespaces": [],
        "releases": [],
        "cluster": {
            "provider": cluster.provider,
            "selector-labels": list(cluster.selector_labels),
            "scrape-interval": f"{cluster.scrape_seconds:g}s",
        },
        "traffic": {},
        "policy": {},
    }


def _lines(layers: Mapping[str, Mapping[str, Any]], adds_ignores: bool) -> Iterator[str]:
    for key in _keys(layers):
        if key in _SECTIONS:
            yield from _section(key, {origin: layer.get(key, {}) for origin, layer in layers.items()})
        elif key == "ignore" and adds_ignores:
            written = layers[_CONFIGURATION].get(key, [])
            origin = f"{_CONFIGURATION} and {_OPTION}" if written else _OPTION
            yield _line(key, [*written, *layers[_OPTION][key]], origin)
        else:
            yield _setting(key, layers)


def _section(key: str, layers: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    inner = [f"  {_setting(name, layers)}" for name in _keys(layers)]
    yield from [f"{key}:", *inner] if inner else [_line(key, {}, _DEFAULT)]


def _keys(layers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for origin in (_DEFAULT, _CONFIGURATION, _OPTION) for key in layers[origin]))


def _setting(key: str, layers: Mapping[str, Mapping[str, Any]]) -> str:
    origin = next(origin for origin in (_OPTION, _CONFIGURATION, _DEFAULT) if key in layers[origin])
    return _line(key, layers[origin][key], origin)


def _line(key: str, value: Any, origin: str) -> str:
    # JSON is YAML, and its quotes distinguish strings from numbers.
    return f"{key}: {json_line(value)}  # {origin}"
