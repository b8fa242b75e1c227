"""`chartgen rules`: every rule in one line."""

from __future__ import annotations

from typing import Annotated

import typer


def rules(
    format_: Annotated[str, typer.Option("--format", metavar="text|json|markdown", help="Output format.")] = "text",
) -> None:
    """List the rules of chartgen lint."""
    from chartgen.cli.output import write_result
    from chartgen.reporters.rule_list import rule_list

    write_result(rule_list(format_), None)
