"""The results of `chartgen drift`: text, JSON, Markdown and JUnit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from chartgen import __version__
from chartgen.escaping import json_text, shown, shown_line, without_commands
from chartgen.reporters.junit import allowed
from chartgen.reporters.plan_markdown import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chartgen.cluster.drift.drift import Drift
    from chartgen.cluster.drift.revert import GitState


@dataclass(frozen=True, slots=True)
class Reported:
    """A drift with what Git says; `git` is None without --git. `reverted`: whether Git says what runs from now on."""

    drift: Drift
    git: GitState | None = None
    reverted: bool = False

    @property
    def failed(self) -> bool:
        """Whether the desired version isn't the one that runs, and nothing was done about it."""
        return bool(self.drift.changes) and not self.reverted and not self.git_is_true

    @property
    def git_is_true(self) -> bool:
        """Whether Git already says what runs."""
        return self.git is not None and not self.git.desired and bool(self.git.running)


def text(reported: Sequence[Reported]) -> str:
    """Lines for a terminal; nothing for a Canary without drift."""
    lines = [line for each in reported for line in _lines(each)]
    return without_commands(shown("".join(f"{shown_line(line)}\n" for line in lines)))


def _lines(each: Reported) -> Iterator[str]:
    drift = each.drift
    if not drift.changes:
        return
    yield f"Canary {drift.namespace}/{drift.canary}: phase {drift.phase or 'none'}"
    yield from (f"  {change.text}" for change in drift.changes)
    if drift.reason:
        yield f"  Flagger: {drift.reason}"
    yield from (
        f"  {site.path}: {'.'.join(map(str, (*site.route, *site.nested)))}: {site.old}" for site in drift.objects
    )
    if each.git is not None:
        verb = "set back" if each.reverted else "still wants the desired version"
        yield from (f"  {site.text} {verb}{f': {site.new}' if each.reverted else ''}" for site in each.git.desired)
        if each.git_is_true:
            yield "  Git says what runs; deploy it"
        elif not each.git.desired:
            yield "  no file in Git names either version"


def json_report(reported: Sequence[Reported]) -> str:
    """One document, version 1 (`schemas/drift-v1.schema.json`)."""
    tool = {"name": "chartgen", "version": __version__}
    return json_text({"version": 1, "tool": tool, "canaries": [_document(each) for each in reported]})


def _document(each: Reported) -> dict[str, Any]:
    drift = each.drift
    sites = each.git.desired if each.git else ()
    return {
        "canary": f"{drift.namespace}/{drift.canary}",
        "phase": drift.phase,
        "under_way": drift.under_way,
        "drift": bool(drift.changes),
        "reverted": each.reverted,
        "reason": drift.reason or None,
        "release": drift.release or None,
        "changes": [
            {"kind": change.kind, "name": change.name, "desired": change.desired, "running": change.running}
            for change in drift.changes
        ],
        "objects": [{"object": site.path, "desired": site.old, "running": site.new} for site in drift.objects],
        "git": [{"path": site.path, "line": site.line, "desired": site.old, "running": site.new} for site in sites],
    }


def markdown(reported: Sequence[Reported]) -> str:
    """A table for a pull request."""
    lines = ["| canary | | desired | running |", "| --- | --- | --- | --- |"]
    for each in reported:
        place = f"{each.drift.namespace}/{each.drift.canary}"
        for change in each.drift.changes:
            cells = (place, f"{change.kind} {change.name}", change.desired, change.running)
            lines.append(f"| {' | '.join(map(escaped, cells))} |")
    body = "\n".join(lines) if len(lines) > 2 else "No drift."  # noqa: PLR2004 - the header
    return without_commands(shown(f"## Drift\n\n{body}\n"))


def junit(reported: Sequence[Reported]) -> str:
    """One case per Canary."""
    failures = [each for each in reported if each.failed]
    root = Element("testsuites", name="chartgen drift")
    suite = SubElement(root, "testsuite", name="drift", tests=str(len(reported)), failures=str(len(failures)))
    for each in reported:
        case = SubElement(
            suite, "testcase", classname="drift", name=allowed(f"{each.drift.namespace}/{each.drift.canary}")
        )
        if each.failed:
            message = "; ".join(change.text for change in each.drift.changes)
            SubElement(case, "failure", message=allowed(message), type="drift").text = allowed("\n".join(_lines(each)))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


DRIFT_FORMATS: dict[str, Callable[[Sequence[Reported]], str]] = {
    "text": text,
    "json": json_report,
    "markdown": markdown,
    "junit": junit,
}
