"""The outcomes of single charts in the user's cache: after a change of one chart, only that one is checked again.

The entry is named by all that decides about every chart (arguments, variables, day, chartgen itself), and has an
outcome under the digest of the chart's files and of everything around charts. An outcome is only kept if that covers
every file that was read for it. It is JSON: what a stranger might write there could be wrong, but never run.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from chartgen.cache import entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chartgen.charts.snapshot import Snapshot
    from chartgen.lint.finding import Finding
    from chartgen.lint.outcome import Outcome

# These depend on how busy the machine is.
_BY_CHANCE = ("chart-exceeds-limits",)
_TEXTS = ("rule", "message", "path", "chart", "manifest_path", "fingerprint")
_NUMBERS = ("line", "column", "end_line", "end_column")
_SWITCHES = ("once", "exact")
_PLAIN = (*_TEXTS, *_NUMBERS, *_SWITCHES)
_LISTS = ("releases", "tags", "yields_to")
_OTHER_SHAPE = (AttributeError, KeyError, TypeError, ValueError)


class KeptOutcomes:
    """The outcomes of an earlier run, and those that this run adds; `name` is the entry's."""

    def __init__(self, name: str, snapshot: Snapshot) -> None:
        self._name = name
        self._snapshot = snapshot
        self._known = _loaded(name)
        self._unpacked: dict[str, Outcome | None] = {}
        self._kept: dict[str, Any] = {}

    def has(self, path: Path) -> bool:
        """Whether the outcome of a chart is known."""
        return self._outcome(path) is not None

    def outcome(self, path: Path) -> Outcome:
        """The known outcome of a chart."""
        key, outcome = self._key(path), self._outcome(path)
        assert key
        assert outcome
        self._kept[key] = self._known[key]
        return outcome

    def _outcome(self, path: Path) -> Outcome | None:
        """None for one of another shape, too: something else wrote it."""
        key = self._key(path)
        if key is None or key not in self._known:
            return None
        if key not in self._unpacked:
            try:
                self._unpacked[key] = unpacked(self._known[key])
            except _OTHER_SHAPE:
                self._unpacked[key] = None
        return self._unpacked[key]

    def add(self, path: Path, outcome: Outcome) -> None:
        """Keep the outcome of a chart, if the same files always have it."""
        key = self._key(path)
        by_chance = any(finding.rule in _BY_CHANCE for finding in outcome.findings)
        if key is None or by_chance or not outcome.lasts or outcome.error:
            return
        if self._snapshot.chart_covers(path, outcome.read):
            self._kept[key] = packed(outcome)

    def store(self) -> None:
        """Write the entry. It has only the charts of this run."""
        if self._kept.keys() != self._known.keys():
            text = json.dumps(self._kept, separators=(",", ":"))
            entries.store(self._name, [zlib.compress(text.encode("ascii"), 1)])

    def _key(self, path: Path) -> str | None:
        digest = self._snapshot.chart_digest(path)
        return digest.hex() if digest else None


def _loaded(name: str) -> dict[str, Any]:
    pieces = entries.load(name)
    if pieces is None or len(pieces) != 1:
        return {}
    try:
        known = json.loads(zlib.decompress(pieces[0]))
    except (ValueError, RecursionError, zlib.error):
        return {}
    return known if isinstance(known, dict) else {}


def packed(outcome: Outcome) -> Any:
    """What `unpacked` makes the outcome of, as JSON can hold it."""
    checked = outcome.checked
    return {
        "findings": [_packed_finding(finding) for finding in outcome.findings],
        "checked": [checked.path, checked.name, checked.has_canary, checked.renderings, checked.is_file]
        if checked
        else None,
        "notes": list(outcome.notes),
        "suppressed": outcome.suppressed,
    }


def unpacked(packed: Any) -> Outcome:
    """The outcome that was packed; AttributeError, KeyError, TypeError or ValueError for anything else."""
    from chartgen.lint.finding import CheckedChart
    from chartgen.lint.outcome import Outcome

    checked = packed["checked"]
    return Outcome(
        tuple(_unpacked_finding(finding) for finding in _of(list, packed["findings"])),
        CheckedChart(*_all_of((str, str, bool, int, bool), checked)) if checked else None,
        _texts(packed["notes"]),
        _of(int, packed["suppressed"]),
    )


def _packed_finding(finding: Finding) -> dict[str, Any]:
    about, fix, limits = finding.object, finding.fix, finding.limits
    return {
        **{name: getattr(finding, name) for name in (*_PLAIN, *_LISTS)},
        "severity": finding.severity.value,
        "object": [about.kind, about.name, about.namespace] if about else None,
        "fix": [fix.safety.value, fix.title, [_packed_edit(edit) for edit in fix.edits]] if fix else None,
        "limits": [limits.fail_on.value if limits.fail_on else None, limits.min_severity.value],
    }


def _packed_edit(edit: Any) -> list[Any]:
    return [edit.path, edit.line, edit.column, edit.end_line, edit.end_column, edit.content]


def _unpacked_finding(packed: dict[str, Any]) -> Finding:
    from chartgen.lint.finding import Finding, FoundObject, Limits
    from chartgen.rules.rule import Severity

    fail_on, min_severity = packed["limits"]
    fields: dict[str, Any] = {
        **{name: _of(str, packed[name]) for name in _TEXTS},
        **{name: _of(int, packed[name]) for name in _NUMBERS},
        **{name: _of(bool, packed[name]) for name in _SWITCHES},
        **{name: _texts(packed[name]) for name in _LISTS},
        "severity": Severity(packed["severity"]),
        "object": FoundObject(*_all_of((str, str, str | None), packed["object"])) if packed["object"] else None,
        "fix": _unpacked_fix(*packed["fix"]) if packed["fix"] else None,
        "limits": Limits(Severity(fail_on) if fail_on else None, Severity(min_severity)),
    }
    return Finding(**fields)


def _unpacked_fix(safety: str, title: str, edits: list[Any]) -> Any:
    from chartgen.lint.proven_fix import Edit, ProvenFix
    from chartgen.rules.fix import Safety

    each = tuple(Edit(*_all_of((str, int, int, int, int, str), edit)) for edit in _of(list, edits))
    return ProvenFix(Safety(safety), _of(str, title), each)


def _of(kind: Any, value: Any) -> Any:
    """The value; TypeError for one of another type."""
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(value)
    return value


def _all_of(kinds: tuple[Any, ...], values: Any) -> Iterator[Any]:
    return (_of(kind, value) for kind, value in zip(kinds, values, strict=True))


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(_of(str, value) for value in _of(list, values))
