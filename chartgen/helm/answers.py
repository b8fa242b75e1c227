"""Helm's answers: kept while their chart is loaded, and read with errors for values that Python can't hold."""

from __future__ import annotations

import json
import marshal
from typing import TYPE_CHECKING, Any

from chartgen.errors import RenderError
from chartgen.helm import protocol

if TYPE_CHECKING:
    from collections.abc import Callable

# Kubernetes objects nest some 20 levels. Recursive Python code needs up to three stack frames for each.
_DEEPEST = 200
_HINT = "look for a value that nests itself, or a number of thousands of digits"


# What depends on nothing but the request, and on the chart if it isn't random.
_LASTING = frozenset({protocol.RENDER, protocol.VALUES})
_MOST_BYTES = 64 * 1024 * 1024


class Answers:
    """The worker's answers by operation, chart and request: Helm renders nothing twice."""

    def __init__(self) -> None:
        self._kept: dict[int, dict[tuple[int, bytes], bytes]] = {}
        self._random: set[int] = set()
        self._size = 0

    def get(self, operation: int, chart: int, body: bytes) -> bytes | None:
        """The answer to an earlier request, None without one."""
        return self._kept.get(chart, {}).get((operation, body))

    def keep(self, operation: int, chart: int, body: bytes, answer: bytes) -> None:
        """Keep an answer, if another request would get the same."""
        if operation not in _LASTING or chart in self._random:
            return
        if self._size + len(body) + len(answer) > _MOST_BYTES:
            self._kept.clear()
            self._size = 0
        self._size += len(body) + len(answer)
        self._kept.setdefault(chart, {})[operation, body] = answer

    def forget(self, chart: int) -> None:
        """Drop the answers about a chart."""
        self._size -= sum(len(body) + len(kept) for (_, body), kept in self._kept.pop(chart, {}).items())

    def ask_again(self, chart: int) -> None:
        """Keep no answer about this chart: it may differ each time."""
        self._random.add(chart)


class Documents:
    """The YAML documents that Helm has read: each text is read once."""

    def __init__(self) -> None:
        self._read: dict[str, bytes] = {}
        self._size = 0

    def of(self, texts: list[str], read: Callable[[list[str]], list[Any]]) -> list[Any]:
        """The document of each text, a new one at each call; `read` reads those that are not known, all at once."""
        unknown = [text for text in dict.fromkeys(texts) if text not in self._read]
        fresh = dict(zip(unknown, read(unknown), strict=True)) if unknown else {}
        known = {text: self._read[text] for text in texts if text in self._read}
        for text, document in fresh.items():
            known[text] = self._keep(text, marshal.dumps(document))
        return [marshal.loads(known[text]) for text in texts]  # noqa: S302 - what this process has dumped

    def _keep(self, text: str, document: bytes) -> bytes:
        self._size += len(text) + len(document)
        if self._size > _MOST_BYTES:
            self._read.clear()
            self._size = len(text) + len(document)
        self._read[text] = document
        return document


def read_answer(answer: bytes | str) -> Any:
    """The parsed JSON output of Helm, None if it is empty.

    Raises RenderError for a number of more than 4,300 digits or nesting of more than 200 levels.
    """
    if not answer:
        return None
    try:
        read = json.loads(answer)
    except RecursionError as error:
        raise RenderError(f"what the chart renders nests more than {_DEEPEST} levels deep", hint=_HINT) from error
    except ValueError as error:
        raise RenderError(f"Helm's answer can't be read: {error}", hint=_HINT) from error
    opened = answer.count(b"{") + answer.count(b"[") if isinstance(answer, bytes) else _DEEPEST + 1
    if opened > _DEEPEST and _nests_too_deep(read):
        raise RenderError(f"what the chart renders nests more than {_DEEPEST} levels deep", hint=_HINT)
    return read


def _nests_too_deep(read: Any) -> bool:
    level = [read]
    for _ in range(_DEEPEST):
        below = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, (dict, list)))
        level = [value for values in below for value in values if isinstance(value, (dict, list))]
        if not level:
            return False
    return True
