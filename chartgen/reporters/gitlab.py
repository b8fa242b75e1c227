"""GitLab Code Quality: a JSON array with a line and a fingerprint for each finding."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from chartgen.escaping import json_text
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from chartgen.lint.finding import Finding, LintResult

_LEVELS = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def gitlab(result: LintResult) -> str:
    """The report; equal fingerprints get a number, because GitLab requires unique ones."""
    occurrences: Counter[str] = Counter()
    issues: list[dict[str, Any]] = []
    for finding in result.findings:
        occurrences[finding.fingerprint] += 1
        issues.append(_issue(finding, occurrences[finding.fingerprint]))
    return json_text(issues)


def _issue(finding: Finding, number: int) -> dict[str, Any]:
    blocks_cluster = "cluster-wide" in finding.tags
    return {
        # GitLab hides check_name, so the description starts with the rule.
        "description": f"{finding.rule}: {finding.message}",
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint if number == 1 else f"{finding.fingerprint}-{number}",
        "severity": "blocker" if blocks_cluster else _LEVELS[finding.severity],
        "location": {"path": finding.path.removeprefix("./"), "lines": {"begin": finding.line}},
    }
