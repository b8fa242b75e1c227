"""A test that calls curl without --fail: an HTTP error is a success."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


# Tasks of the load tester whose command's exit code is the answer (pkg/loadtester).
_TESTS = ("bash", "helm", "helmv3")
_SEPARATORS = frozenset({"&&", "||", ";", "&", "|"})
_TAKES_ARGUMENT = frozenset("AbcCdDeEFhHKmoPQrtTuUwxXyYz")


class CurlCannotFail(CanaryRule):
    id = "curl-cannot-fail"
    severity = Severity.WARNING
    summary = "test with curl that accepts every HTTP status"
    tags = ("webhooks",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002

        for hook in canary.hooks:
            if hook.task in _TESTS and any(_ignores_status(words) for words in _commands(hook.command)):
                yield Problem(
                    f"hook {hook.name} calls curl without -f: it exits with 0 on HTTP 500 too, so the test accepts "
                    "every answer; add -f (--fail)",
                    at=(*hook.at, "metadata", "cmd"),
                )


def _commands(command: str) -> list[list[str]]:
    """The simple commands that aren't the input of a pipe or of a substitution, as words."""
    if re.search(r"\$\(|`|<\(", command):
        return []
    lexer = shlex.shlex(command.replace("\n", " ; "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    try:
        for word in lexer:
            if word == "|":
                found[-1] = []
            elif word in _SEPARATORS:
                found.append([])
            else:
                found[-1].append(word)
    except ValueError:
        return []
    return found


def _ignores_status(words: list[str]) -> bool:
    while words[:1] == ["timeout"]:
        words = words[2:]
    if words[:1] in (["sh"], ["bash"]) and "-c" in words[:-1]:
        return any(_ignores_status(inner) for inner in _commands(words[words.index("-c") + 1]))
    return words[:1] == ["curl"] and not any(_is_fail(word) for word in words[1:])


def _is_fail(word: str) -> bool:
    """Whether an argument is -f, --fail or --fail-with-body, or a group of short options with f."""
    if word.startswith("--"):
        return word in {"--fail", "--fail-with-body"}
    if not word.startswith("-"):
        return False
    for letter in word[1:]:
        if letter == "f":
            return True
        if letter in _TAKES_ARGUMENT:
            return False
    return False
