"""The table of rules: id, severity, tags, one line."""

from __future__ import annotations

import json

from chartgen.errors import UsageError
from chartgen.rules.registry import RULES


def rule_list(form: str) -> str:
    """All rules as `text`, `json` or `markdown`."""
    makers = {"text": _text, "json": _json, "markdown": _markdown}
    if form not in makers:
        raise UsageError(f"--format {form!r}", hint=f"choose one of {', '.join(makers)}")
    return makers[form]()


def _text() -> str:
    width = max(len(rule.id) for rule in RULES)
    return "".join(f"{rule.id:{width}}  {rule.severity.value:7}  {rule.summary}\n" for rule in RULES)


def _json() -> str:
    rows = [
        {
            "id": rule.id,
            "severity": rule.severity.value,
            "summary": rule.summary,
            "tags": list(rule.tags),
            "former_ids": list(rule.former_ids),
        }
        for rule in RULES
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _markdown() -> str:
    rows = "".join(f"| `{rule.id}` | {rule.severity.value} | {rule.summary} |\n" for rule in RULES)
    return f"| rule | severity | what |\n|---|---|---|\n{rows}"
