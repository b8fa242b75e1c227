"""`lazy_pattern`: as `re.compile`, but Python compiles the expression when it is used first.

Compiling takes 0.1 to 1 ms, and a run needs few of the patterns in the modules that it imports.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    lazy_pattern = re.compile  # what type checkers see
else:

    def lazy_pattern(text: str, flags: int = 0) -> _Pattern:
        """The pattern, compiled by its first use."""
        return _Pattern(text, flags)


class _Pattern:
    def __init__(self, text: str, flags: int) -> None:
        self._given = text, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._given)
        for method in ("match", "fullmatch", "search", "finditer", "findall", "sub", "split", "pattern"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)
