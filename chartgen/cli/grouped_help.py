"""A command whose `--help` lists its options in groups and ends with examples, and that can be quiet."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperOption

from chartgen.cli.examples import EXAMPLES

_LAST = ("Release", "Helm")


class GroupedCommand(TyperCommand):
    """Options with a `rich_help_panel` are listed below it, the others first as `Options`, Release and Helm last."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        if not any("--quiet" in param.opts for param in self.params):
            self.params.append(_quiet_option())

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record:
                name = getattr(param, "rich_help_panel", None) or "Options"
                groups.setdefault("Arguments" if param.param_type_name == "argument" else name, []).append(record)
        for name in sorted(groups, key=lambda name: (name != "Arguments", name != "Options", name in _LAST)):
            with formatter.section(name):
                formatter.write_dl(groups[name])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        examples = EXAMPLES.get(self.name or "", ())
        if examples:
            with formatter.section("Examples"):
                for example in examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
        super().format_epilog(ctx, formatter)


def _quiet_option() -> TyperOption:
    return TyperOption(
        param_decls=["-q", "--quiet"],
        is_flag=True,
        default=False,
        expose_value=False,
        callback=_set_quiet,
        help="Print only results, errors and WARNINGs: no remarks, no list of changed files.",
    )


def _set_quiet(_context: Any, _param: Any, value: bool) -> bool:
    from chartgen.cli.output import set_quiet

    set_quiet(on=value)
    return value
