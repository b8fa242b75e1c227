"""A command whose `--help` lists its options in groups, in the order of their declaration."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand


class GroupedCommand(TyperCommand):
    """Options with a `rich_help_panel` are listed below it, the others first as `Options`."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record:
                name = getattr(param, "rich_help_panel", None) or "Options"
                groups.setdefault("Arguments" if param.param_type_name == "argument" else name, []).append(record)
        for name in sorted(groups, key=lambda name: (name != "Arguments", name != "Options")):
            with formatter.section(name):
                formatter.write_dl(groups[name])
