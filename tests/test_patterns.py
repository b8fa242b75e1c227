"""A lazy pattern finds what a compiled one finds."""

from __future__ import annotations

import re

from chartgen.patterns import lazy_pattern


def test_every_method_works_before_and_after_the_first_use() -> None:
    text, compiled = "One two\none", re.compile("^(one)", re.IGNORECASE | re.MULTILINE)
    for _ in range(2):
        pattern = lazy_pattern("^(one)", re.IGNORECASE | re.MULTILINE)
        assert [found.span(1) for found in pattern.finditer(text)] == [
            found.span(1) for found in compiled.finditer(text)
        ]
        assert pattern.findall(text) == compiled.findall(text)
        assert pattern.sub("x", text) == compiled.sub("x", text)
        assert pattern.split(text) == compiled.split(text)
        assert pattern.pattern == compiled.pattern
        assert (pattern.groups, pattern.flags) == (compiled.groups, compiled.flags)
        assert pattern.match(text)
        assert pattern.search(text)
        assert not pattern.fullmatch(text)
