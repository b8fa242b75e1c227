"""SARIF 2.1.0 with all that GitHub code scanning reads: every rule, one location per result, fingerprints."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chartgen import __version__
from chartgen.escaping import json_text
from chartgen.rules.address import address_of
from chartgen.rules.page import page_of
from chartgen.rules.registry import all_rules
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from chartgen.lint.finding import Finding, LintResult
    from chartgen.lint.proven_fix import Edit, ProvenFix
    from chartgen.rules.rule import Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
_LONGEST = 1024


def sarif(result: LintResult) -> str:
    """One run that lists all rules, with or without results."""
    index = {rule.id: number for number, rule in enumerate(all_rules())}
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "chartgen",
                        "semanticVersion": __version__,
                        "informationUri": "https://flagger.app",
                        "rules": [_rule(rule, result.docs_url) for rule in all_rules()],
                    }
                },
                "automationDetails": {"id": "chartgen/lint/"},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, index) for finding in result.findings],
            }
        ],
    }
    return json_text(document)


def _rule(rule: type[Rule], docs_url: str | None) -> dict[str, Any]:
    page = page_of(rule)
    address = address_of(rule.id, docs_url)
    return {
        "id": rule.id,
        "name": rule.__name__,
        "shortDescription": {"text": _sentence(rule.summary)},
        "fullDescription": {"text": page.what[:_LONGEST]},
        **({"helpUri": address} if address else {}),
        "help": {"text": f"{page.what}\n\n{page.why}", "markdown": page.markdown},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": list(dict.fromkeys(("flagger", "helm", *rule.tags))),
            "precision": "high" if rule.severity is Severity.ERROR else "medium",
            "problem.severity": _PROBLEM[rule.severity],
        },
    }


def _result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    fixes = {"fixes": [_fix(finding.fix)]} if finding.fix else {}
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        # The first sentence becomes the alert's title.
        "message": {"text": _sentence(finding.message)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.path)},
                    "region": {
                        "startLine": finding.line,
                        "startColumn": finding.column,
                        "endLine": finding.end_line,
                        "endColumn": max(finding.end_column, finding.column + 1),
                    },
                }
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": finding.fingerprint},
        **fixes,
    }


def _fix(proven_fix: ProvenFix) -> dict[str, Any]:
    return {
        "description": {
            "text": _sentence(f"{proven_fix.title[:1].upper()}{proven_fix.title[1:]} ({proven_fix.safety.value})")
        },
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(edit.path)}, "replacements": [_replacement(edit)]}
            for edit in proven_fix.edits
        ],
    }


def _replacement(edit: Edit) -> dict[str, Any]:
    region = {
        "startLine": edit.line,
        "startColumn": edit.column,
        "endLine": edit.end_line,
        "endColumn": edit.end_column,
    }
    return {"deletedRegion": region, "insertedContent": {"text": edit.content}}


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _uri(path: str) -> str:
    """The URI relative to the working directory, which is the repository's root in code scanning."""
    archive, mark, inside = path.partition("!")
    return quote(Path(os.path.relpath(archive)).as_posix() + mark + inside, safe="/!")
