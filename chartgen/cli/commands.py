"""The group of subcommands; a mistyped one is answered with the command that was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

from chartgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

# Other words for what a command does.
_MEANT = {
    "delete": "remove-canary",
    "uninstall": "remove-canary",
    "undo": "remove-canary",
    "rm": "remove-canary",
    "init": "add-canary",
    "new": "add-canary",
    "create": "add-canary",
    "generate": "add-canary",
    "inject": "add-canary",
    "adopt": "migrate --adopt",
    "convert": "migrate",
    "upgrade": "migrate",
    "check": "lint",
    "validate": "lint",
    "verify": "lint",
    "fix": "lint --fix",
    "render": "emit",
    "template": "emit",
    "simulate": "plan",
    "restore": "recover",
    "help": "--help",
    "version": "--version",
}


class Commands(TyperGroup):
    """Resolves a subcommand by its name."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The subcommand of `args`; raises UsageError, with a suggestion, for one that doesn't exist."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and not ctx.resilient_parsing and self.get_command(ctx, name) is None:
            meant = meant_command(name, self.commands)
            hint = f"did you mean `chartgen {meant}`?" if meant else "`chartgen --help` lists the commands"
            raise UsageError(f"chartgen has no command {name!r}", hint=hint)
        return super().resolve_command(ctx, args)


def meant_command(name: str, commands: Iterable[str]) -> str | None:
    """The command that was probably meant by `name`: the rest of it missing, a typing error, or another word for it."""
    known = list(commands)
    word = name.lower().replace("_", "-").removesuffix("-canary")
    shortened = [command for command in known if len(word) > 1 and command.startswith(word)]
    meant = _MEANT.get(word)
    if meant and (meant.startswith("-") or meant.split()[0] in known):
        return meant
    if shortened:
        return shortened[0]
    first_words = {command.split("-")[0]: command for command in known}
    close = get_close_matches(word, [*known, *first_words], n=1)
    return first_words.get(close[0], close[0]) if close else None
