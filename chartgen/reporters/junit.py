"""JUnit XML: a suite a chart, a failing case a finding; a clean run still has one passing case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from chartgen.reporters.text import headline, source_line

if TYPE_CHECKING:
    from chartgen.lint.finding import Finding, LintResult


def junit(result: LintResult) -> str:
    """Characters that XML does not allow become U+FFFD."""
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
    return "".join(character if _is_allowed(ord(character)) else "\ufffd" for character in text)


def _is_allowed(code: int) -> bool:
    """XML 1.0's Char production."""
    return code in {0x9, 0xA, 0xD} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000  # noqa: PLR2004
