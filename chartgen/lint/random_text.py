"""What Helm makes anew at each rendering, such as random names: reports and fingerprints show `*` in its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chartgen.helm.randomness import is_random
from chartgen.patterns import lazy_pattern
from chartgen.rules.reading.next_upgrade import rendered_later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.manifests.rendering import Rendering

# A UUID is one word: two of them may share a part.
_WORD = lazy_pattern(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9]+")
# Longer texts (certificates) are in no message; shorter words may be anything else.
_LONGEST_TEXT = 512
_SHORTEST_WORD = 3


class RandomText:
    """Finds the random words of the renderings of one chart: renders each one a second time when it is asked for."""

    def __init__(self, engine: Engine, chart: Chart) -> None:
        self._engine = engine
        self._chart = chart
        self._is_random: bool | None = None
        self._patterns: dict[int, re.Pattern[str] | None] = {}
        self._kept: list[Rendering] = []

    def masked(self, text: str, rendering: Rendering | None) -> str:
        """The text with `*` in place of every random word of the rendering."""
        if rendering is None or not text or not self._chart_is_random():
            return text
        if id(rendering) not in self._patterns:
            self._kept.append(rendering)
            self._patterns[id(rendering)] = self._pattern(rendering)
        pattern = self._patterns[id(rendering)]
        return pattern.sub("*", text) if pattern else text

    def _chart_is_random(self) -> bool:
        if self._is_random is None:
            self._is_random = is_random(self._chart)
        return self._is_random

    def _pattern(self, rendering: Rendering) -> re.Pattern[str] | None:
        again = rendered_later(self._engine, rendering, rendering.request)
        twins = {(each.template, each.document, each.kind): each for each in again.manifests} if again else {}
        words: set[str] = set()
        for manifest in rendering.manifests:
            twin = twins.get((manifest.template, manifest.document, manifest.kind))
            for text, other in _differences(manifest.body, twin.body) if twin else ():
                words |= set(_WORD.findall(text)) - set(_WORD.findall(other))
        choices = "|".join(sorted((re.escape(word) for word in words if len(word) >= _SHORTEST_WORD), key=len)[::-1])
        return re.compile(rf"(?<![A-Za-z0-9])(?:{choices})(?![A-Za-z0-9])") if choices else None


def _differences(body: Any, other: Any) -> Iterator[tuple[str, str]]:
    """The texts that differ, in pairs; of a random key only the key."""
    if isinstance(body, dict) and isinstance(other, dict):
        for key, value in body.items():
            if key in other:
                yield from _differences(value, other[key])
            else:
                yield str(key), " ".join(map(str, other.keys() - body.keys()))
    elif isinstance(body, list) and isinstance(other, list):
        for item, other_item in zip(body, other, strict=False):
            yield from _differences(item, other_item)
    elif body != other and len(str(body)) <= _LONGEST_TEXT:
        yield str(body), str(other)
