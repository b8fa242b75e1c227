"""The renderings of a chart that differ: one that repeats another isn't checked again."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.helm.request import ELSEWHERE

if TYPE_CHECKING:
    from chartgen.manifests.rendering import Rendering


def namespace_label(*namespaces: str) -> str:
    """How the label of a rendering begins."""
    return f"namespace{'s' if len(namespaces) > 1 else ''} {', '.join(namespaces)}"


class DistinctRenderings:
    """Collects renderings. With `merge_namespaces`, two that differ only in the name of their own namespace are one.

    A mention of another namespace makes them differ: `http://web.staging` is right in staging only. What the
    configuration says about namespaces isn't in the renderings, so they aren't merged then.
    """

    def __init__(self, *, merge_namespaces: bool) -> None:
        self._found: list[Rendering] = []
        self._namespaces: list[list[str]] = []
        self._merges = merge_namespaces

    def add(self, rendering: Rendering) -> None:
        """Add a rendering; a release that somebody has replaces one that only lint tries."""
        for index, other in enumerate(self._found):
            if _is_same(rendering, other):
                if other.invented and not rendering.invented:
                    self._found[index] = rendering
                return
            if self._merges and _is_twin(rendering, other):
                if _rest(rendering) == _rest(other):
                    self._namespaces[index].append(rendering.request.namespace)
                return
        self._found.append(rendering)
        self._namespaces.append([rendering.request.namespace])

    def labelled(self) -> tuple[Rendering, ...]:
        """The renderings in order; the label of each has all its namespaces."""
        return tuple(
            replace(rendering, label=f"{namespace_label(*names)}{_rest(rendering)}") if len(names) > 1 else rendering
            for rendering, names in zip(self._found, self._namespaces, strict=True)
        )


def _rest(rendering: Rendering) -> str:
    return rendering.label.removeprefix(namespace_label(rendering.request.namespace))


def _is_same(rendering: Rendering, other: Rendering) -> bool:
    """Whether a rendering repeats another: the same texts for the same namespace and switch setting."""
    return (
        rendering.texts == other.texts
        and other.request.namespace == rendering.request.namespace
        and (other.switched == rendering.switched or rendering.switched is None)
    )


def _is_twin(rendering: Rendering, other: Rendering) -> bool:
    """Whether a rendering is that of another namespace, with its own name in place of the other's."""
    own, others = rendering.request.namespace, other.request.namespace
    return (
        own != others
        and ELSEWHERE not in {own, others}
        and (rendering.switched, rendering.gated) == (other.switched, other.gated)
        and _without_namespace(rendering) == _without_namespace(other)
    )


def _without_namespace(rendering: Rendering) -> dict[str, str]:
    name = re.compile(rf"(?<![a-zA-Z0-9]){re.escape(rendering.request.namespace)}(?![a-zA-Z0-9])")
    return {path: name.sub("\0", text) for path, text in rendering.texts.items()}
