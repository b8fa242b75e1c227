"""The reference pages of the site: every option of the commands, and every rule at an address that doesn't change."""

from __future__ import annotations

import re
from importlib import import_module
from inspect import getdoc
from typing import TYPE_CHECKING, Any

import typer
from typer.main import get_command

from chartgen.cli.app import app
from chartgen.rules.page import page_of
from chartgen.rules.registry import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.rule import Rule


def cli_page() -> str:
    """Every command with its arguments and options, as its `--help` describes them."""
    sections = [_command(command, path) for path, command in _commands(get_command(app), "chartgen")]
    intro = "[Commands](commands.md) describes what each command does.\n"
    return f"# Options of every command\n\n{intro}\n" + "\n".join(sections)


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The command and those below it, with the words that run each. (Typer's own Click has no types.)"""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, f"{path} {name}")


def _command(command: Any, path: str) -> str:
    context = typer.Context(command, info_name=path)
    rows: dict[str, list[str]] = {}
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record:
            default = "Arguments" if param.param_type_name == "argument" else "Options"
            panel = getattr(param, "rich_help_panel", None) or default
            rows.setdefault(panel, []).append(f"| `{_cell(record[0])}` | {_prose(record[1])} |\n")
    tables = "".join(f"\n| {panel} | |\n|---|---|\n{''.join(lines)}" for panel, lines in rows.items())
    help_text = re.sub(r"(?<!\n)\n(?!\n)", " ", (command.help or "").replace("\b\n", "").strip())
    return f"## `{path}`\n\n{_prose(help_text)}\n{tables}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _prose(text: str) -> str:
    """Help text as Markdown: angle brackets and stars are text, not markup."""
    return re.sub(r"([<>*_\[\]])", r"\\\1", _cell(" ".join(text.split()) if "\n\n" not in text else text))


def families() -> dict[str, list[type[Rule]]]:
    """The rules by the package they are in, such as `metrics`."""
    found: dict[str, list[type[Rule]]] = {}
    for rule in all_rules():
        found.setdefault(rule.__module__.split(".")[-2], []).append(rule)
    return found


def family_page(family: str) -> str:
    """All rules of a family with their pages; each heading, and each former id, is an anchor."""
    title, _, subject = (getdoc(import_module(f"chartgen.rules.{family}")) or "").partition(": ")
    rules = families()[family]
    intro = f"{subject[:1].upper()}{subject[1:]}\n\n[All rules](../rules.md) in one table.\n"
    return f"# Rules: {title}\n\n{intro}\n" + "\n".join(_rule(rule) for rule in rules)


def _rule(rule: type[Rule]) -> str:
    _, _, body = page_of(rule).markdown.partition("\n")
    body = re.sub(r"^## (.+)$", r"**\1**", body.strip(), flags=re.MULTILINE)
    body = re.sub(r"\]\((?:\.\./)+docs/", "](../", body)
    former = "".join(f'<a id="{name}"></a>' for name in rule.former_ids)
    fixes = " and ".join(f"`{safety.option}`" for safety in rule.fixes)
    facts = f"*{rule.severity.value}*" + (f", fixable with {fixes}" if fixes else "")
    return f"## {rule.id}\n\n{former}{rule.summary[:1].upper()}{rule.summary[1:]} ({facts})\n\n{body}\n"
