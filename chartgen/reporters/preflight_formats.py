"""The results of `chartgen preflight`: text, JSON, Markdown and JUnit."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from chartgen import __version__
from chartgen.cluster.preflight.check import Status
from chartgen.escaping import json_text, shown, shown_line, without_commands
from chartgen.reporters.junit import allowed
from chartgen.reporters.plan_markdown import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chartgen.cluster.preflight.check import Check, Result

_PLURAL = {Status.WARNING: "warnings", Status.BLOCKER: "blockers"}


def counts(result: Result) -> str:
    """`12 ok, 1 warning, 0 blockers, 2 not checked`."""
    numbers = {status: len(result.of(status)) for status in Status}
    words = {
        status: status.value if number == 1 else _PLURAL.get(status, status.value) for status, number in numbers.items()
    }
    return ", ".join(f"{number} {words[status]}" for status, number in numbers.items())


def text(results: Sequence[Result]) -> str:
    """A table for a terminal; under each problem, the command that mends it."""
    return without_commands(
        "\n".join("".join(f"{shown_line(line)}\n" for line in _text_lines(result)) for result in results)
    )


def _text_lines(result: Result) -> Iterator[str]:
    yield f"Canary {result.canary} in {result.cluster}"
    width = max((len(check.id) for check in result.checks), default=0)
    for check in result.checks:
        yield f"  {check.status.value:<11}  {check.id:<{width}}  {check.subject}: {_one_line(check.message)}"
        if check.command:
            yield f"  {'':<11}  {'':<{width}}  $ {_one_line(check.command)}"
    yield f"  {counts(result)}"


def markdown(results: Sequence[Result]) -> str:
    """A table for a pull request."""
    return without_commands(shown("\n".join("\n".join(_markdown_lines(result)) + "\n" for result in results)))


def _markdown_lines(result: Result) -> Iterator[str]:
    yield f"## Preflight of Canary {escaped(result.canary)} in {escaped(result.cluster)}\n"
    yield f"{escaped(counts(result))}\n"
    yield "| | check | object | result | command |"
    yield "| --- | --- | --- | --- | --- |"
    for check in result.checks:
        cells = (check.status.value, check.id, check.subject, check.message, check.command)
        yield f"| {' | '.join(escaped(cell) for cell in cells)} |"


def json_report(results: Sequence[Result]) -> str:
    """One document, version 1 (`schemas/preflight-v1.schema.json`)."""
    return json_text(
        {
            "version": 1,
            "tool": {"name": "chartgen", "version": __version__},
            "canaries": [
                {
                    "canary": result.canary,
                    "cluster": result.cluster,
                    "ready": not result.of(Status.BLOCKER),
                    "rps": result.rps,
                    "summary": {status.name.lower(): len(result.of(status)) for status in Status},
                    "checks": [_json_check(check) for check in result.checks],
                }
                for result in results
            ],
        }
    )


def _json_check(check: Check) -> dict[str, str | None]:
    return {
        "id": check.id,
        "status": check.status.name.lower(),
        "subject": check.subject,
        "message": check.message,
        "command": check.command or None,
    }


def junit(results: Sequence[Result]) -> str:
    """One suite per Canary: a blocker is a failure; a warning passes with its text, what wasn't checked is skipped."""
    root = Element("testsuites", name="chartgen preflight")
    for result in results:
        number = {status: len(result.of(status)) for status in Status}
        suite = SubElement(root, "testsuite", name=allowed(f"preflight {result.canary}"))
        suite.set("tests", str(len(result.checks)))
        suite.set("failures", str(number[Status.BLOCKER]))
        suite.set("skipped", str(number[Status.SKIPPED]))
        for check in result.checks:
            _add_case(suite, check)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _add_case(suite: Element, check: Check) -> None:
    case = SubElement(suite, "testcase", classname=check.id, name=allowed(check.subject))
    note = allowed("\n".join(filter(None, (check.message, check.command))))
    if check.status is Status.BLOCKER:
        SubElement(case, "failure", message=allowed(check.message), type="blocker").text = note
    elif check.status is Status.SKIPPED:
        SubElement(case, "skipped", message=allowed(check.message))
    elif check.status is Status.WARNING:
        SubElement(case, "system-out").text = f"warning: {note}"


def _one_line(value: str) -> str:
    return " ".join(value.split())


PREFLIGHT_FORMATS: dict[str, Callable[[Sequence[Result]], str]] = {
    "text": text,
    "json": json_report,
    "markdown": markdown,
    "junit": junit,
}
