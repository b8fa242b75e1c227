"""A rule's page (`<module>.md`), which `explain`, SARIF and the table of rules show."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.rules.rule import Rule

_SECTION = lazy_pattern(r"^## (?P<title>.+)$", re.MULTILINE)
_CODE = lazy_pattern(r"^```\w*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """`markdown` is the whole page; `bad` and `good` are its examples, in the page's order."""

    markdown: str
    what: str
    why: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    references: tuple[str, ...]


def page_of(rule: type[Rule]) -> Page:
    """The page beside the rule's module."""
    return _page(path_of(rule))


def path_of(rule: type[Rule]) -> Path:
    """The path of the page."""
    return Path(inspect.getfile(rule)).with_suffix(".md")


@cache
def _page(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    sections = _sections(text)
    return Page(
        markdown=text,
        what=_first(sections, "What it does"),
        why=_first(sections, "Why is this bad"),
        bad=tuple(_code(body) for title, body in sections if title == "Bad"),
        good=tuple(_code(body) for title, body in sections if title == "Good"),
        references=tuple(line.removeprefix("- ") for line in _first(sections, "References").splitlines()),
    )


def _sections(text: str) -> list[tuple[str, str]]:
    headings = list(_SECTION.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return [(heading["title"], text[heading.end() : end].strip()) for heading, end in zip(headings, ends, strict=True)]


def _first(sections: list[tuple[str, str]], title: str) -> str:
    return next((body for name, body in sections if name == title), "")


def _code(body: str) -> str:
    match = _CODE.search(body)
    return match["code"] if match else ""
