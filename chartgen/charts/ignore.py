"""`.helmignore`, as Helm reads it (pkg/ignore/rules.go): no `**`, `!` negates, a trailing `/` means folders only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# Helm adds this rule to every chart: hidden files below templates/ are no templates.
_ALWAYS = "templates/.?*"
# What a pattern consists of: a class such as `[^a-z]`, a character meant literally, or any other.
_PIECE = re.compile(
    r"\[(?P<negated>\^?)(?P<ranges>(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-]))?)+)\]|\\.|[^\[\\]", re.DOTALL
)
_MEMBER = re.compile(r"\\(.)|([^-])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Rule:
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
    compiled = _compiled(pattern)
    return compiled is not None and compiled.fullmatch(name) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Go's filepath.Match as a regular expression; None for a malformed pattern, which Helm refuses itself."""
    pieces = list(_PIECE.finditer(pattern))
    if sum(len(piece.group()) for piece in pieces) != len(pattern):
        return None
    try:
        return re.compile("".join(map(_as_regex, pieces)), re.DOTALL)
    except re.error:
        return None


def _as_regex(piece: re.Match[str]) -> str:
    if piece["ranges"]:
        members = _MEMBER.sub(lambda member: re.escape(member[1] or member[2]), piece["ranges"])
        return f"[{piece['negated']}{members}]"
    return {"*": "[^/]*", "?": "[^/]"}.get(piece.group()) or re.escape(piece.group().removeprefix("\\"))


def _rule(line: str) -> _Rule:
    negated = line.startswith("!")
    pattern = line[1:] if negated else line
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    rooted = pattern.startswith("/")
    return _Rule(pattern.removeprefix("/"), negated, folders_only, rooted)


class Ignore:
    """The rules of one chart."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.lstrip("\ufeff").splitlines()]
        self._rules = [_rule(line) for line in lines if line and not line.startswith("#") and "**" not in line]
        self._rules.append(_rule(_ALWAYS))

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether Helm leaves this path (below the chart, forward slashes) out."""
        for rule in self._rules:
            if rule.negated:
                # As Helm has it: a negated rule leaves out what it does not match.
                if rule.folders_only and not is_folder:
                    continue
                if not rule.matches(path, is_folder=is_folder):
                    return True
            elif rule.matches(path, is_folder=is_folder):
                return True
        return False
