"""A configuration as it is written: read, laid together for one chart, and held against its schema."""

from __future__ import annotations

import fnmatch
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chartgen.config.validation import SCHEMA, faults
from chartgen.errors import UsageError
from chartgen.helm.request import merged

if TYPE_CHECKING:
    from pathlib import Path

_HINT = f"see docs/configuration.md, or the schema {SCHEMA}"


def document_at(path: Path, subject: Path) -> dict[str, Any]:
    """The settings of a file that hold for `subject`, a chart or file; UsageError tells what cannot be meant."""
    document = _read(path)
    found = list(faults(document))
    if found:
        raise UsageError("\n".join(f"{path}: {fault}" for fault in found), hint=_HINT)
    return _for_subject(document, os.path.relpath(subject, path.parent).replace(os.sep, "/"))


def _for_subject(document: dict[str, Any], inside: str) -> dict[str, Any]:
    """The document with each matching entry of `overrides` laid over it: `ignore` adds, other lists replace."""
    result = {key: value for key, value in document.items() if key != "overrides"}
    for override in document.get("overrides", ()):
        if any(_matches(inside, glob) for glob in override["paths"]):
            over = {key: value for key, value in override.items() if key != "paths"}
            ignored = [*result.get("ignore", ()), *over.get("ignore", ())]
            result = merged(result, over)
            if ignored:
                result["ignore"] = ignored
    return result


def _matches(inside: str, glob: str) -> bool:
    """A glob names a chart, or a folder with all below it."""
    return fnmatch.fnmatch(inside, glob) or fnmatch.fnmatch(inside, f"{glob.rstrip('/')}/*")


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = _toml(text) if path.suffix == ".toml" else yaml_of(text)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: cannot be read: {reason}", hint="fix it, or run with --no-config") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path}: is not a mapping of settings", hint=_HINT)
    return document


def _toml(text: str) -> Any:
    tomllib: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    return tomllib.loads(text).get("tool", {}).get("chartgen", {})


def yaml_of(text: str) -> Any:
    """A YAML document as plain Python; ValueError where it is none."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        loaded = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ValueError(str(error)) from error
    return {} if loaded is None else loaded
