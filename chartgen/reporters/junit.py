"""JUnit XML: a suite a chart, a failing case a finding; a clean run still has one passing case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from chartgen.escaping import shown, without_commands
from chartgen.reporters.text import headline, source_line

if TYPE_CHECKING:
    from chartgen.lint.finding import Finding, LintResult


def junit(result: LintResult) -> str:
    """Characters that XML does not allow are spelled out (`chartgen.escaping`)."""
    charts = dict.fromkeys(finding.chart for finding in result.findings)
    suites = [_suite(chart, [one for one in result.findings if one.chart == chart]) for chart in charts]
    if not suites:
        suites = ['  <testsuite name="chartgen" tests="1" failures="0">\n', '    <testcase classname="chartgen"']
        suites = ["".join(suites) + ' name="lint"/>\n  </testsuite>\n']
    count = len(result.findings)
    head = f'<testsuites name="chartgen" tests="{max(count, 1)}" failures="{count}">\n'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{"".join(suites)}</testsuites>\n'


def _suite(chart: str, findings: list[Finding]) -> str:
    count = len(findings)
    cases = "".join(_case(finding) for finding in findings)
    return (
        f"  <testsuite name={_attribute(chart)} tests={_attribute(str(count))}"
        f" failures={_attribute(str(count))}>\n{cases}  </testsuite>\n"
    )


def _case(finding: Finding) -> str:
    source = source_line(finding.path, finding.line)
    long = f"{headline(finding)}\n{source.rstrip() if source else ''}\n"
    return (
        f"    <testcase classname={_attribute(finding.path)} name={_attribute(finding.rule)}>\n"
        f"      <failure message={_attribute(finding.message)} type={_attribute(finding.severity.value)}>"
        f"{escape(_allowed(long))}</failure>\n    </testcase>\n"
    )


def _attribute(text: str) -> str:
    return quoteattr(_allowed(text))


def _allowed(text: str) -> str:
    """XML 1.0 has no U+FFFE and U+FFFF either (its Char production)."""
    return without_commands(shown(text)).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
