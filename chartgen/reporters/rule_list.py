"""The list of rules: id, severity, fixes and summary, in Markdown by family."""

from __future__ import annotations

from importlib import import_module
from inspect import getdoc
from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.escaping import json_text
from chartgen.rules.fix import Safety
from chartgen.rules.registry import all_rules

if TYPE_CHECKING:
    from chartgen.rules.rule import Rule


def rule_list(form: str) -> str:
    """All rules as `text`, `json` or `markdown`."""
    writers = {"text": _text, "json": _json, "markdown": _markdown}
    if form not in writers:
        raise UsageError(f"--format: {form!r} is not a valid format", hint=f"choose one of {', '.join(writers)}")
    return writers[form]()


def _text() -> str:
    rules = all_rules()
    width = max(len(rule.id) for rule in rules)
    return "".join(f"{rule.id:{width}}  {rule.severity.value:7}  {_fixes(rule):11}  {rule.summary}\n" for rule in rules)


def _fixes(rule: type[Rule]) -> str:
    """`fix` if the rule has a safe fix, `unsafe fix` if all are unsafe, empty if it has none."""
    if not rule.fixes:
        return ""
    return "fix" if Safety.SAFE in rule.fixes else "unsafe fix"


def _json() -> str:
    rows = [
        {
            "id": rule.id,
            "family": rule.__module__.split(".")[-2],
            "severity": rule.severity.value,
            "summary": rule.summary,
            "tags": list(rule.tags),
            "former_ids": list(rule.former_ids),
            "fixes": [safety.value for safety in rule.fixes],
        }
        for rule in all_rules()
    ]
    return json_text(rows)


def _markdown() -> str:
    """One table per family, with the title and the subject from its package's docstring."""
    families: dict[str, list[type[Rule]]] = {}
    for rule in all_rules():
        families.setdefault(rule.__module__.rpartition(".")[0], []).append(rule)
    return "\n".join(_family(getdoc(import_module(name)) or "", families[name]) for name in sorted(families))


def _family(docstring: str, rules: list[type[Rule]]) -> str:
    title, _, subject = docstring.partition(": ")
    rows = "".join(f"| `{rule.id}` | {rule.severity.value} | {rule.summary} | {_fixes(rule)} |\n" for rule in rules)
    intro = f"## {title}\n\n{subject[:1].upper()}{subject[1:]}\n"
    return f"{intro}\n| rule | severity | what | fix |\n|---|---|---|---|\n{rows}"
