"""`chartgen explain RULE`: show the rule's page."""

from __future__ import annotations

from typing import Annotated

import typer

from chartgen.cli import completion, options
from chartgen.cli.choices import PageFormat


def explain(
    rule: Annotated[str, typer.Argument(autocompletion=completion.rule_ids, help="Id of the rule.")],
    format_: Annotated[PageFormat, typer.Option("--format", help="Output format.")] = "text",
    docs_url: Annotated[
        str,
        typer.Option(
            metavar="URL", help="Address of chartgen's documentation [default: the installed package's, if any]."
        ),
    ] = "",
) -> None:
    """Show what a rule reports, why it matters, and a bad and a good example, and the address of its page."""
    from chartgen.cli.output import write_result
    from chartgen.config.selection import rule_named
    from chartgen.reporters.rule_page import rule_page

    write_result(rule_page(rule_named(rule), format_, options.docs_site(docs_url)), None)
