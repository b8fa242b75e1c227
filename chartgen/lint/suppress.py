"""Findings that people have looked at: comments beside the line, and an annotation on the object.

    # chartgen: ignore[rule-id, other-rule] until 2027-01-01 -- reason
    # chartgen: ignore-file[rule-id] -- reason

The first holds for its own line and the next one, in YAML, templates (`{{/* … */}}`) and plain manifests. A date that
has passed ends it. What matches nothing is told, so that no ignore outlives its mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartgen.lint.finding import Finding

_DIRECTIVE = re.compile(r"chartgen:[ \t]*(?P<what>ignore(?:-file)?)\[(?P<rules>[\w\s,-]+)\](?P<rest>[^\n]*)")
# What ends a comment on its line, in templates and in Markdown.
_END = re.compile(r"\*/|-->")
_UNTIL = re.compile(r"[ \t]+until[ \t]+(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Directive:
    """One ignore. `until` is the last day it holds, None for ever; `reason` may be empty."""

    path: str
    line: int
    rules: frozenset[str]
    whole_file: bool
    until: date | None
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of the finding, its date aside."""
        near = self.whole_file or finding.line in {self.line, self.line + 1}
        return finding.path == self.path and near and finding.rule in self.rules


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left after the ignores: `notes` tell of unused, expired and unreadable ones."""

    findings: tuple[Finding, ...]
    suppressed: int
    notes: tuple[str, ...]


def directives(texts: Mapping[str, str]) -> Iterator[Directive]:
    """The ignores in files: shown path → text."""
    for path, text in texts.items():
        if "chartgen:" not in text:
            continue
        line, counted = 1, 0
        for match in _DIRECTIVE.finditer(text):
            line, counted = line + text.count("\n", counted, match.start()), match.start()
            meant = _rest(match["rest"])
            if meant:
                rules = frozenset(name.strip() for name in match["rules"].split(",") if name.strip())
                yield Directive(path, line, rules, match["what"] == "ignore-file", *meant)


def _rest(text: str) -> tuple[date | None, str] | None:
    """Date and reason behind the rules, None where something else follows them."""
    comment = _END.split(text, maxsplit=1)[0]
    until = _UNTIL.match(comment)
    reason = comment[until.end() if until else 0 :].strip()
    if reason and not reason.startswith("--"):
        return None
    return _date(until[1] if until else None), reason.removeprefix("--").strip()


def without_ignored(
    findings: Iterable[Finding], texts: Mapping[str, str], ran: frozenset[str], today: date | None = None
) -> Kept:
    """Drop what is ignored. `ran` are the ids of the rules that ran: an ignore of another one is not unused."""
    now = today or date.today()  # noqa: DTZ011 - a day on the calendar of whoever reads the file
    found = list(findings)
    given = list(directives(texts))
    used = {one: [finding for finding in found if one.covers(finding)] for one in given}
    valid = [one for one in given if one.until is None or one.until >= now]
    kept = tuple(finding for finding in found if not any(one.covers(finding) for one in valid))
    notes = [*_notes(used, ran, now)]
    return Kept(kept, len(found) - len(kept), tuple(notes))


def _notes(used: Mapping[Directive, list[Finding]], ran: frozenset[str], now: date) -> Iterator[str]:
    for directive, findings in used.items():
        what = f"{directive.path}:{directive.line}: the ignore comment for {', '.join(sorted(directive.rules))}"
        if findings and directive.until is not None and directive.until < now:
            yield f"{what} expired on {directive.until}"
        elif not findings and directive.rules <= ran:
            yield f"{what} no longer matches a finding; remove it"


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return date.min  # no day of the calendar: it holds on none
