"""`-f` and `--set…` read by the embedded Helm, in Helm's own order."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.errors import InputError, UsageError
from chartgen.helm import protocol
from chartgen.helm.protocol import SEPARATOR, Refused
from chartgen.helm.request import merged
from chartgen.inputs.files import read_named, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.helm.request import RenderRequest, ValueSources

    # One request to Helm: operation and body → its parsed JSON; raises Refused.
    Ask = Callable[[int, bytes], Any]


def resolved(ask: Ask, request: RenderRequest) -> dict[str, Any]:
    """The values given to the chart: files, then --set-json, --set, --set-string, --set-file, then the overlay.

    The order is Helm's (pkg/cli/values/options.go: MergeValues).
    """
    sources = request.sources
    values: dict[str, Any] = {}
    for path in sources.files:
        values = merged(values, _values_file(ask, path, sources.text(path)))
    for flag, given, operation in _sets(sources):
        for expression in given:
            values = merged(values, _parsed(ask, flag, expression, operation))
    return merged(values, request.overlay)


def _values_file(ask: Ask, path: str, text: str | None) -> dict[str, Any]:
    """One `-f` file, or `text` in its place; UsageError if it can't be read or isn't a mapping."""
    try:
        text = text_of(read_named(path), path) if text is None else text
    except InputError as error:
        raise UsageError(error.message, hint="pass an existing UTF-8 file to -f") from error
    try:
        (read,) = ask(protocol.READ, text.encode("utf-8", "surrogateescape"))
    except (Refused, ValueError) as error:
        raise UsageError(
            f"{path}: Helm can't read it as values: {error}", hint="a values file is one YAML mapping"
        ) from error
    return read or {}


def _sets(sources: ValueSources) -> tuple[tuple[str, tuple[str, ...], int], ...]:
    return (
        ("--set-json", sources.set_json, protocol.SET_JSON),
        ("--set", sources.set, protocol.SET),
        ("--set-string", sources.set_string, protocol.SET_STRING),
        ("--set-file", sources.set_file, protocol.SET_FILE),
    )


def _parsed(ask: Ask, flag: str, expression: str, operation: int) -> dict[str, Any]:
    body = os.fsencode(expression)
    if operation == protocol.SET_FILE:
        body = os.fsencode(Path.cwd()) + SEPARATOR + body
    try:
        read: dict[str, Any] = ask(operation, body)
    except (Refused, ValueError) as error:
        raise UsageError(f"{flag} {expression}: {error}", hint="write it as for helm: key.path=value") from error
    return read
