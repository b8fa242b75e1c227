"""Report code that nothing in the package uses: `python .ci/dead_code.py`."""

from __future__ import annotations

import sys
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).parents[1]
# Name -> why it may go unused.
WHITELIST = {
    "state_at": "tests compare ticks with recordings",
    "target_replicas": "tests compare ticks with recordings",
    "primary_replicas": "tests compare ticks with recordings",
    "__getattr__": "Python calls it for `from chartgen.api import Session`",
    "ci_script": "the recipes in ci/ ask for it",
    "help": "programs that use the API read it",
    "format_options": "typer calls it for --help",
    "log_errors": "an option of google-re2",
    "whitespace_split": "an option of shlex",
    "has_examples": "the test of the rules' pages asks for it",
}
_COMMANDS = ["@*.command", "@*.callback"]


def unused() -> list[str]:
    """A line for each unused piece; and for each name of the whitelist that is used, or gone."""
    vulture = Vulture(ignore_decorators=_COMMANDS)
    vulture.scavenge([ROOT / "chartgen"])
    found = [item for item in vulture.get_unused_code() if not _is_registered(item.typ, item.name, Path(item.filename))]
    extra = sorted(set(WHITELIST) - {item.name for item in found})
    return [
        *(item.get_report() for item in found if item.name not in WHITELIST),
        *(f".ci/dead_code.py: {name} is used, or gone: take it off the whitelist" for name in extra),
    ]


def _is_registered(kind: str, name: str, file: Path) -> bool:
    """Rules are loaded by their ids, subcommands and formats of lint by the names of their modules."""
    parent = file.resolve().parent
    by_name = parent in {ROOT / "chartgen" / "cli", ROOT / "chartgen" / "reporters"}
    is_module = kind == "function" and by_name and file.stem == name
    return is_module or (kind == "class" and parent.parent == ROOT / "chartgen" / "rules")


if __name__ == "__main__":
    lines = unused()
    print(*lines, sep="\n", end="\n" if lines else "", file=sys.stderr)
    sys.exit(bool(lines))
