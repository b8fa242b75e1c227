"""`.helmignore`, as Helm reads it (pkg/ignore/rules.go): no `**`, `!` negates, a trailing `/` means folders only."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass

# Helm adds this rule to every chart: hidden files below templates/ are no templates.
_ALWAYS = "templates/.?*"


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
    """Go's filepath.Match: `*` and `?` stop at slashes."""
    parts, wanted = name.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


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
