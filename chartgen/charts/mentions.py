"""Whether a text can render a Flagger object: by its bytes.

A template that builds both words from pieces (`print "Can" "ary"`) says neither; `--thorough` renders every chart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORDS = (b"flagger.app", b"Canary")


def mentions_flagger(data: bytes) -> bool:
    """Whether the bytes contain `flagger.app` or `Canary`."""
    return any(word in data for word in _WORDS)


def any_mentions_flagger(texts: Iterable[bytes]) -> bool:
    """Whether one of the texts does."""
    return any(map(mentions_flagger, texts))
