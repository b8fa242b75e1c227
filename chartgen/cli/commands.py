"""The group of subcommands; a mistyped one is answered with the command that was probably meant."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from typer import BadParameter
from typer.core import TyperGroup

from chartgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

# Click's error for a wrong command line, of which Typer exports only this subclass.
_WRONG_USAGE: type[Exception] = BadParameter.__mro__[1]
# Click's words, and those of the rest of chartgen.
_WORDS = {
    "not a valid float": "not a number",
    "not a valid integer": "not a whole number",
    "not a valid int range": "not a whole number",
}
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

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the program; raises UsageError for wrong options before the command."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except _WRONG_USAGE as error:
            raise _reworded(error) from error

    def invoke(self, ctx: Any) -> Any:
        """Run the command; raises UsageError for its wrong options."""
        try:
            return super().invoke(ctx)
        except _WRONG_USAGE as error:
            raise _reworded(error) from error


def _reworded(error: Any) -> Exception:
    """Click's error as one of chartgen's, with what is wrong and how to go on; the help page stays as it is."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return error  # type: ignore[no-any-return]
    command = error.ctx.command_path if error.ctx else "chartgen"
    hint = f"`{command} --help` lists the arguments and options"
    message = error.format_message().rstrip(".")
    if similar := getattr(error, "possibilities", None):
        hint = f"did you mean {' or '.join(sorted(similar))}?"
        message = message.partition(" (")[0].partition(" Did you")[0]
    invalid = re.fullmatch(r"Invalid value for (?:.* / )?'(.+?)': (.*)", message, re.DOTALL)
    message = f"{invalid[1]}: {invalid[2]}" if invalid else message[:1].lower() + message[1:]
    for click, ours in _WORDS.items():
        message = message.replace(click, ours)
    return UsageError(message, hint=hint)


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
