"""JUnit XML: one suite per chart, one failed case per finding; a clean run has one passed case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from chartgen.escaping import shown, without_commands
from chartgen.reporters.text import Sources, headline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartgen.lint.finding import Finding, LintResult


def junit(result: LintResult) -> str:
    """The document; characters that XML doesn't allow are escaped (`chartgen.escaping`)."""
    root = _counted(Element("testsuites"), "chartgen", result.findings)
    sources = Sources()
    for chart in dict.fromkeys(finding.chart for finding in result.findings):
        findings = [finding for finding in result.findings if finding.chart == chart]
        suite = _counted(SubElement(root, "testsuite"), chart, findings)
        for finding in findings:
            _add_case(suite, finding, sources)
    if not result.findings:
        suite = _counted(SubElement(root, "testsuite"), "chartgen", [])
        SubElement(suite, "testcase", classname="chartgen", name="lint")
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _counted(element: Element, name: str, findings: Sequence[Finding]) -> Element:
    """The element with its counts: a run without findings is one passed test."""
    element.set("name", allowed(name))
    element.set("tests", str(max(len(findings), 1)))
    element.set("failures", str(len(findings)))
    return element


def _add_case(suite: Element, finding: Finding, sources: Sources) -> None:
    case = SubElement(suite, "testcase", classname=allowed(finding.path), name=finding.rule)
    failure = SubElement(case, "failure", message=allowed(finding.message), type=finding.severity.value)
    source = sources.line(finding.path, finding.line)
    failure.text = allowed(f"{headline(finding)}\n{source.rstrip() if source else ''}\n")


def allowed(text: str) -> str:
    """Escape what XML 1.0 doesn't allow, U+FFFE and U+FFFF included (its Char production)."""
    return without_commands(shown(text)).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
