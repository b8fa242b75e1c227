"""`-f` and `--set…` read by the embedded Helm, in Helm's own order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.helm.request import merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.helm.request import RenderRequest, ValueSources


def resolved(helm: Any, request: RenderRequest) -> dict[str, Any]:
    """The values given to the chart: files, then --set-json, --set, --set-string, --set-file, then the overlay.

    The order is Helm's (pkg/cli/values/options.go: MergeValues). `helm` is the helm_python module.
    """
    sources = request.sources
    values: dict[str, Any] = {}
    for path in sources.files:
        values = merged(values, read_values_file(helm, path, sources.text(path)))
    for flag, given, parse in _sets(helm, sources):
        for expression in given:
            values = merged(values, _parsed(helm, flag, expression, parse))
    return merged(values, request.overlay)


def read_values_file(helm: Any, path: str, text: str | None = None) -> dict[str, Any]:
    """One `-f` file, or `text` in its place; UsageError names it where it cannot be read or is no map."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig") if text is None else text
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint="pass an existing file to -f") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 text: {error}", hint="values files are UTF-8 YAML") from error
    try:
        read: dict[str, Any] = helm.values_from_yaml(text)
    except helm.HelmError as error:
        raise UsageError(
            f"{path}: Helm can't read it as values: {error}", hint="a values file is one YAML mapping"
        ) from error
    return read or {}


def _sets(helm: Any, sources: ValueSources) -> list[tuple[str, tuple[str, ...], Callable[[str], dict[str, Any]]]]:
    return [
        ("--set-json", sources.set_json, helm.parse_set_json),
        ("--set", sources.set, helm.parse_set_string),
        ("--set-string", sources.set_string, helm.parse_set_string_values),
        ("--set-file", sources.set_file, helm.parse_set_file),
    ]


def _parsed(helm: Any, flag: str, expression: str, parse: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    try:
        return parse(expression)
    except helm.HelmError as error:
        raise UsageError(f"{flag} {expression}: {error}", hint="write it as for helm: key.path=value") from error
