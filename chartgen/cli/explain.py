"""`chartgen explain RULE`: the rule's page."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    rule: Annotated[str, typer.Argument(help="Id of the rule.")],
    format_: Annotated[str, typer.Option("--format", metavar="text|markdown|json", help="Output format.")] = "text",
) -> None:
    """Say what a rule does, why, and how to do better."""
    from chartgen.cli.output import write_result
    from chartgen.config.selection import rule_named
    from chartgen.reporters.rule_page import rule_page

    write_result(rule_page(rule_named(rule), format_), None)
