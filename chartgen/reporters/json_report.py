"""The result as JSON, version 1: fields can be added but not changed (`schemas/lint-result-v1.schema.json`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen import __version__
from chartgen.escaping import json_text
from chartgen.reporters.summary import by_rule
from chartgen.rules.address import address_of
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from chartgen.lint.finding import Finding, LintResult
    from chartgen.lint.proven_fix import ProvenFix


def json_report(result: LintResult) -> str:
    """The whole result as one document."""
    document = {
        "version": 1,
        "tool": {"name": "chartgen", "version": __version__},
        "summary": {
            "charts": len(result.charts),
            "charts_with_canaries": result.with_canary,
            **{severity.value: result.count(severity) for severity in Severity},
            "ignored": result.suppressed,
            "by_rule": by_rule(result),
        },
        "charts": [
            {"path": chart.path, "name": chart.name, "has_canary": chart.has_canary, "renderings": chart.renderings}
            for chart in result.charts
        ],
        "findings": [_finding(finding, result.docs_url) for finding in result.findings],
    }
    return json_text(document)


def _finding(finding: Finding, docs_url: str | None) -> dict[str, Any]:
    reported = finding.object
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "exact": finding.exact,
        "object": {"kind": reported.kind, "name": reported.name, "namespace": reported.namespace} if reported else None,
        "manifest_path": finding.manifest_path,
        "chart": finding.chart,
        "values_set": list(finding.releases),
        "tags": list(finding.tags),
        "fixable": finding.fixable,
        "fix": _fix(finding.fix) if finding.fix else None,
        "fingerprint": finding.fingerprint,
        "url": address_of(finding.rule, docs_url),
    }


def _fix(proven_fix: ProvenFix) -> dict[str, Any]:
    return {
        "message": proven_fix.title,
        "safety": proven_fix.safety.value,
        "edits": [edit._asdict() for edit in proven_fix.edits],
    }
