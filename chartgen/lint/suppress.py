"""Ignore comments: findings that somebody has accepted.

    # chartgen: ignore[rule-id, other-rule] until 2027-01-01 -- reason
    # chartgen: ignore-file[rule-id] -- reason

The first applies to its own line and the next one, in YAML, templates (`{{/* … */}}`) and plain manifests, up to and
including its date. Notes report comments that can't apply (an unknown rule, no rule, an invalid date) and comments that
match nothing, so that they are corrected or removed.
"""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from chartgen.config.selection import rule_named
from chartgen.errors import UsageError
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartgen.lint.finding import Finding

# Without `[…]` the comment names no rule, which a note reports.
_DIRECTIVE = lazy_pattern(
    r"chartgen:[ \t]*(?P<what>ignore(?:-file)?)(?![\w-])(?:\[(?P<rules>[\w\s,-]*)\])?(?P<rest>[^\n]*)"
)
# Looking for similar names takes milliseconds for each unknown one, and a chart can contain thousands.
_MOST_NOTES = 100
# The end of a comment in templates and in Markdown.
_END = lazy_pattern(r"\*/|-->")
_DATE = lazy_pattern(r"\d{4}-\d{2}-\d{2}")
_UNTIL = lazy_pattern(r"[ \t]+until[ \t]+(\S+?)(?=[ \t]|--|$)")


class Directive(NamedTuple):
    """One ignore comment. `until` is its last day, None without an end; `reason` can be empty.

    `invalid_date` is the text after `until` if it isn't a date: the comment then never applies.
    """

    path: str
    line: int
    rules: frozenset[str]
    whole_file: bool
    until: date | None
    reason: str
    invalid_date: str = ""

    def applies_on(self, day: date) -> bool:
        """Whether it hides findings on this day."""
        return not self.invalid_date and (self.until is None or self.until >= day)


class FilteredFindings(NamedTuple):
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
            end = _rest(match["rest"])
            if end:
                rules = frozenset(name.strip() for name in (match["rules"] or "").split(",") if name.strip())
                yield Directive(path, line, rules, match["what"] == "ignore-file", *end)


def _rest(text: str) -> tuple[date | None, str, str] | None:
    """Date, reason and invalid date after the rules, None if something else follows them."""
    comment = _END.split(text, maxsplit=1)[0]
    until = _UNTIL.match(comment)
    reason = comment[until.end() if until else 0 :].strip()
    if reason and not reason.startswith("--"):
        return None
    reason = reason.removeprefix("--").strip()
    if until is None:
        return None, reason, ""
    try:
        return _date(until[1]), reason, ""
    except ValueError:
        return None, reason, until[1]


def without_ignored(
    findings: Iterable[Finding], texts: Mapping[str, str], ran: frozenset[str], today: date | None = None
) -> FilteredFindings:
    """Drop ignored findings. A comment is only unused if all its rules are in `ran`, the rules that could report."""
    now = today or date.today()  # noqa: DTZ011 - a day on the calendar of whoever reads the file
    found = list(findings)
    given = tuple(dict.fromkeys(directives(texts)))
    by_place = _by_place(given)
    covering = [_covering(finding, by_place) for finding in found]
    used = frozenset(directive for around in covering for directive in around)
    kept = tuple(
        finding
        for finding, around in zip(found, covering, strict=True)
        if not any(directive.applies_on(now) for directive in around)
    )
    notes = tuple(islice(_notes(given, used, ran, now), _MOST_NOTES))
    return FilteredFindings(kept, len(found) - len(kept), notes)


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
        place = f"{directive.path}:{directive.line}"
        comment = f"{place}: the ignore comment for {', '.join(sorted(directive.rules))}"
        mistakes = list(_mistakes(directive))
        if mistakes:
            yield from (f"{place}: {mistake}" for mistake in mistakes)
        elif directive in used and not directive.applies_on(now):
            yield f"{comment} expired on {directive.until}"
        elif directive not in used and directive.rules <= ran:
            yield f"{comment} no longer matches a finding; remove it"


def _mistakes(directive: Directive) -> Iterator[str]:
    """Why the comment, or a part of it, never applies."""
    if not directive.rules:
        yield "the ignore comment names no rule; write `chartgen: ignore[RULE]`"
    for name in sorted(directive.rules):
        try:
            rule_named(name)
        except UsageError as error:
            yield f"{error.message} in an ignore comment: {error.hint}"
    if directive.invalid_date:
        yield f"{directive.invalid_date!r} in an ignore comment is not a date; write YYYY-MM-DD"


def _date(text: str) -> date:
    """A day as `YYYY-MM-DD`; ValueError for other texts, some of which Python's parser accepts too."""
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)
