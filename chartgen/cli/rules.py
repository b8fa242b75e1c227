"""`chartgen rules`: list the rules, one per line."""

from __future__ import annotations

from typing import Annotated

import typer

from chartgen.cli.choices import PageFormat


def rules(
    format_: Annotated[PageFormat, typer.Option("--format", help="Output format.")] = "text",
) -> None:
    """List the rules of chartgen lint."""
    from chartgen.cli.output import write_result
    from chartgen.reporters.rule_list import rule_list

    write_result(rule_list(format_), None)
