"""Ignore comments: findings that somebody has accepted.

    # chartgen: ignore[rule-id, other-rule] until 2027-01-01 -- reason
    # chartgen: ignore-file[rule-id] -- reason

The first applies to its own line and the next one, in YAML, templates (`{{/* … */}}`) and plain manifests, up to and
including its date. A note reports comments that match nothing, so that they are removed.
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
# The end of a comment in templates and in Markdown.
_END = re.compile(r"\*/|-->")
_UNTIL = re.compile(r"[ \t]+until[ \t]+(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Directive:
    """One ignore comment. `until` is its last day, None without an end; `reason` can be empty."""

    path: str
    line: int
    rules: frozenset[str]
    whole_file: bool
    until: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class FilteredFindings:
    """The findings that no comment ignores; `notes` report unused and expired comments."""

    findings: tuple[Finding, ...]
    suppressed: int
    notes: tuple[str, ...]


def directives(texts: Mapping[str, str]) -> Iterator[Directive]:
    """The ignore comments in `texts`, by shown path."""
    for path, text in texts.items():
        if "chartgen:" not in text:
            continue
        line, counted = 1, 0
        for match in _DIRECTIVE.finditer(text):
            line, counted = line + text.count("\n", counted, match.start()), match.start()
            until_and_reason = _rest(match["rest"])
            if until_and_reason:
                rules = frozenset(name.strip() for name in match["rules"].split(",") if name.strip())
                yield Directive(path, line, rules, match["what"] == "ignore-file", *until_and_reason)


def _rest(text: str) -> tuple[date | None, str] | None:
    """Date and reason after the rules, None if something else follows them."""
    comment = _END.split(text, maxsplit=1)[0]
    until = _UNTIL.match(comment)
    reason = comment[until.end() if until else 0 :].strip()
    if reason and not reason.startswith("--"):
        return None
    return _date(until[1] if until else None), reason.removeprefix("--").strip()


def without_ignored(
    findings: Iterable[Finding], texts: Mapping[str, str], ran: frozenset[str], today: date | None = None
) -> FilteredFindings:
    """Drop ignored findings. `ran` are the ids of the rules that ran: a comment for another rule is not unused."""
    now = today or date.today()  # noqa: DTZ011 - a day on the calendar of whoever reads the file
    found = list(findings)
    given = tuple(dict.fromkeys(directives(texts)))
    by_place = _by_place(given)
    covering = [_covering(finding, by_place) for finding in found]
    used = frozenset(directive for around in covering for directive in around)
    kept = tuple(
        finding
        for finding, around in zip(found, covering, strict=True)
        if not any(directive.until is None or directive.until >= now for directive in around)
    )
    return FilteredFindings(kept, len(found) - len(kept), tuple(_notes(given, used, ran, now)))


def _by_place(given: Iterable[Directive]) -> dict[tuple[str, str, int], list[Directive]]:
    """The directives by rule, path and line of the findings they cover; line 0 stands for the whole file."""
    found: dict[tuple[str, str, int], list[Directive]] = {}
    for directive in given:
        lines = (0,) if directive.whole_file else (directive.line, directive.line + 1)
        for rule in directive.rules:
            for line in lines:
                found.setdefault((rule, directive.path, line), []).append(directive)
    return found


def _covering(finding: Finding, by_place: Mapping[tuple[str, str, int], list[Directive]]) -> list[Directive]:
    near = by_place.get((finding.rule, finding.path, finding.line), [])
    return near + by_place.get((finding.rule, finding.path, 0), [])


def _notes(given: Iterable[Directive], used: frozenset[Directive], ran: frozenset[str], now: date) -> Iterator[str]:
    for directive in given:
        comment = f"{directive.path}:{directive.line}: the ignore comment for {', '.join(sorted(directive.rules))}"
        if directive in used and directive.until is not None and directive.until < now:
            yield f"{comment} expired on {directive.until}"
        elif directive not in used and directive.rules <= ran:
            yield f"{comment} no longer matches a finding; remove it"


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return date.min  # not a day of the calendar: the comment never applies
