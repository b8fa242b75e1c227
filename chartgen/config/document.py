"""Read a configuration file, check it against its schema, and apply its overrides for one chart."""

from __future__ import annotations

import fnmatch
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chartgen.config.validation import SCHEMA, find_faults
from chartgen.errors import InputError, UsageError
from chartgen.helm.request import merged
from chartgen.inputs.files import read_confined, read_named, text_of
from chartgen.inputs.limits import DEPTH
from chartgen.inputs.shape import bounded
from chartgen.inputs.yaml import yaml_document
from chartgen.resources import schema_path

if TYPE_CHECKING:
    from pathlib import Path

_HINT = f"the valid settings are in {schema_path(SCHEMA)}"


def document_at(path: Path, subject: Path, *, named: bool = False) -> dict[str, Any]:
    """The settings of a file for `subject`, a chart or file; UsageError lists the invalid ones.

    A file that isn't `named` by an option is not read through a link out of its repository.
    """
    document = _read(path, named=named)
    found = list(find_faults(document))
    if found:
        raise UsageError("\n".join(f"{path}: {fault}" for fault in found), hint=_HINT)
    return _for_subject(document, os.path.relpath(subject, path.parent).replace(os.sep, "/"))


def _for_subject(document: dict[str, Any], inside: str) -> dict[str, Any]:
    """The document with each matching entry of `overrides` merged in: `ignore` adds, other lists replace."""
    result = {key: value for key, value in document.items() if key != "overrides"}
    for override in document.get("overrides", ()):
        if any(_matches(inside, glob) for glob in override["paths"]):
            settings = {key: value for key, value in override.items() if key != "paths"}
            ignored = [*result.get("ignore", ()), *settings.get("ignore", ())]
            result = merged(result, settings)
            if ignored:
                result["ignore"] = ignored
    return result


def _matches(inside: str, glob: str) -> bool:
    """A glob matches a chart, or a folder with everything below it."""
    return fnmatch.fnmatch(inside, glob) or fnmatch.fnmatch(inside, f"{glob.rstrip('/')}/*")


def _read(path: Path, *, named: bool) -> dict[str, Any]:
    try:
        text = text_of(read_named(path) if named else read_confined(path), path)
    except InputError as error:
        raise UsageError(error.message, hint="correct it, or use --no-config") from error
    try:
        document = _toml(text) if path.suffix == ".toml" else _or_empty(yaml_document(text))
    except InputError as error:
        raise UsageError(error.at(path), hint="correct it, or use --no-config") from error
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: cannot be read: {reason}", hint="correct it, or use --no-config") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path}: is not a mapping of settings", hint=_HINT)
    return document


def _toml(text: str) -> Any:
    tomllib: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        return bounded(tomllib.loads(text).get("tool", {}).get("chartgen", {}))
    except RecursionError as error:
        raise ValueError(f"nested more than {DEPTH} levels deep") from error


def yaml_of(text: str) -> Any:
    """A YAML document as plain Python; ValueError if it isn't one."""
    try:
        return _or_empty(yaml_document(text))
    except InputError as error:
        raise ValueError(error.at("line") if error.line else error.message) from error


def _or_empty(loaded: Any) -> Any:
    return {} if loaded is None else loaded
