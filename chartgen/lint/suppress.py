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

    def covers(self, finding: Finding) -> bool:
        """Whether it matches the finding, regardless of its date."""
        near = self.whole_file or finding.line in {self.line, self.line + 1}
        return finding.path == self.path and near and finding.rule in self.rules


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
    comments = list(directives(texts))
    covered = {directive: [finding for finding in found if directive.covers(finding)] for directive in comments}
    valid = [directive for directive in comments if directive.until is None or directive.until >= now]
    remaining = tuple(finding for finding in found if not any(directive.covers(finding) for directive in valid))
    return FilteredFindings(remaining, len(found) - len(remaining), tuple(_notes(covered, ran, now)))


def _notes(covered: Mapping[Directive, list[Finding]], ran: frozenset[str], now: date) -> Iterator[str]:
    for directive, findings in covered.items():
        comment = f"{directive.path}:{directive.line}: the ignore comment for {', '.join(sorted(directive.rules))}"
        if findings and directive.until is not None and directive.until < now:
            yield f"{comment} expired on {directive.until}"
        elif not findings and directive.rules <= ran:
            yield f"{comment} no longer matches a finding; remove it"


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return date.min  # not a day of the calendar: the comment never applies
