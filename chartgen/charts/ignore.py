"""`.helmignore` as Helm reads it (pkg/ignore/rules.go): no `**`, `!` negates, a trailing `/` means folders only."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from chartgen.errors import InputError
from chartgen.inputs.limits import HELMIGNORE_RULES, HELMIGNORE_STEPS
from chartgen.patterns import lazy_pattern

# Helm adds this rule to every chart: hidden files in templates/ aren't templates.
_ALWAYS = "templates/.?*"
# One part of a pattern: a class such as `[^a-z]`, an escaped character, or any other character.
_PIECE = lazy_pattern(
    r"\[(?P<negated>\^?)(?P<ranges>(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-]))?)+)\]|\\.|[^\[\\]", re.DOTALL
)
# Replaces a star between the parts of a pattern: text files don't contain it.
_STAR = "\0"
_SPECIAL = frozenset("*?[\\")
_MEMBER = lazy_pattern(r"\\(.)|([^-])", re.DOTALL)


class _Rule(NamedTuple):
    pattern: str
    negated: bool
    folders_only: bool
    rooted: bool

    def matches(self, path: str, *, is_folder: bool) -> bool:
        if self.folders_only and not is_folder:
            return False
        if self.rooted or "/" in self.pattern:
            return _match(path, self.pattern)
        return _match(path.rsplit("/", 1)[-1], self.pattern)


def _match(name: str, pattern: str) -> bool:
    if _SPECIAL.isdisjoint(pattern):
        return name == pattern
    compiled = _compiled(pattern)
    return compiled is not None and compiled.fullmatch(name) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Go's filepath.Match as a regular expression; None for a malformed pattern, which Helm itself rejects.

    As in Go, the text after a star matches at its first occurrence without backtracking, except after the last star:
    many stars cost no more than one.
    """
    pieces = list(_PIECE.finditer(pattern))
    if sum(len(piece.group()) for piece in pieces) != len(pattern):
        return None
    first, *after_stars = "".join(map(_as_regex, pieces)).split(_STAR)
    committed = (f"(?=([^/]*?{chunk}))\\{number}" for number, chunk in enumerate(after_stars[:-1], start=1))
    last = [f"[^/]*{chunk}" for chunk in after_stars[-1:]]
    try:
        return re.compile("".join([first, *committed, *last]), re.DOTALL)
    except re.error:
        return None


def _as_regex(piece: re.Match[str]) -> str:
    if piece["ranges"]:
        members = _MEMBER.sub(lambda member: re.escape(member[1] or member[2]), piece["ranges"])
        return f"[{piece['negated']}{members}]"
    return {"*": _STAR, "?": "[^/]"}.get(piece.group()) or re.escape(piece.group().removeprefix("\\"))


def _rule(line: str) -> _Rule:
    negated = line.startswith("!")
    pattern = line[1:] if negated else line
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    rooted = pattern.startswith("/")
    return _Rule(pattern.removeprefix("/"), negated, folders_only, rooted)


class Ignore:
    """The rules of one chart; `name` is the file's name in errors. InputError if there are too many."""

    def __init__(self, text: str, name: str = ".helmignore") -> None:
        lines = [line.strip() for line in text.lstrip("\ufeff").replace(_STAR, "").splitlines()]
        self._rules = [_rule(line) for line in lines if line and not line.startswith("#") and "**" not in line]
        self._name = name
        if len(self._rules) > HELMIGNORE_RULES:
            raise InputError(f"{name}: holds more than {HELMIGNORE_RULES:,} patterns", hint="ignore whole folders")
        self._rules.append(_rule(_ALWAYS))
        # A pattern with several stars may compare each of its letters with each letter of a path, others only one.
        self._cost = sum(len(rule.pattern) if rule.pattern.count("*") > 1 else 1 for rule in self._rules)
        self._steps_left = HELMIGNORE_STEPS

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether Helm excludes this path (relative to the chart, forward slashes)."""
        self._steps_left -= self._cost * len(path)
        if self._steps_left < 0:
            raise InputError(f"{self._name}: takes too long to match", hint="write fewer patterns with several stars")
        for rule in self._rules:
            if rule.negated:
                # As in Helm: a negated rule excludes everything that it doesn't match.
                if rule.folders_only and not is_folder:
                    continue
                if not rule.matches(path, is_folder=is_folder):
                    return True
            elif rule.matches(path, is_folder=is_folder):
                return True
        return False
