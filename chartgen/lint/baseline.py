"""Baselines: files of known findings, so that only new ones are reported."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.errors import InputError, UsageError
from chartgen.escaping import json_text
from chartgen.inputs.files import read_named, text_of
from chartgen.inputs.limits import BASELINE_BYTES
from chartgen.inputs.shape import json_document

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.lint.finding import Finding, LintResult


def baseline_text(result: LintResult) -> str:
    """The findings of a result as a baseline file, sorted; without lines, so that edits above don't change it."""
    rows = [
        {"fingerprint": finding.fingerprint, "rule": finding.rule, "path": finding.path, "message": finding.message}
        for finding in sorted(result.findings, key=_baseline_order)
    ]
    return json_text({"version": 1, "findings": rows})


def _baseline_order(finding: Finding) -> tuple[str, str, str, str]:
    return (finding.path, finding.rule, finding.message, finding.fingerprint)


def without_known(result: LintResult, path: Path) -> LintResult:
    """The result without the findings of a baseline file; each entry hides one finding."""
    known = Counter(str(row.get("fingerprint")) for row in _rows(path))
    fresh = []
    for finding in result.findings:
        if known[finding.fingerprint] > 0:
            known[finding.fingerprint] -= 1
        else:
            fresh.append(finding)
    gone = sum(known.values())
    note = (f"{path}: {gone} of its findings no longer occur; update it with --write-baseline",) if gone else ()
    hidden = result.suppressed + len(result.findings) - len(fresh)
    return replace(result, findings=tuple(fresh), suppressed=hidden, notes=(*result.notes, *note))


def fingerprints(path: Path) -> frozenset[str]:
    """The fingerprints in a baseline file."""
    return frozenset(str(row.get("fingerprint")) for row in _rows(path))


def _rows(path: Path) -> list[dict[str, Any]]:
    hint = "write one with --write-baseline FILE"
    try:
        text = text_of(read_named(path, BASELINE_BYTES), path)
    except InputError as error:
        raise UsageError(error.message, hint=hint) from error
    try:
        document = json_document(text)
    except InputError as error:
        raise UsageError(f"{path}: isn't a baseline in JSON: {error.message}", hint=hint) from error
    rows = document.get("findings") if isinstance(document, dict) and document.get("version") == 1 else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError(f"{path}: is not a baseline file of version 1", hint=hint)
    return rows
