"""What the dependencies of a chart render, kept for other values and versions of the chart that they can't see.

add-canary and lint change a chart's own templates and values and render it again, and a large dependency takes most of
Helm's time. A dependency sees its own files, its part of the values, the release, and the named templates that it
includes. While all of that is the same, Helm renders the same, and only the chart's own templates are rendered again.
A name that a dependency builds from pieces of words (`print "can" "ary"`) isn't seen.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.charts.gotemplate.blocks import parse
from chartgen.charts.gotemplate.definitions import definitions_only
from chartgen.errors import RenderError
from chartgen.helm.randomness import is_random
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest

_SHARED_KEYS = frozenset({"global", "tags"})
_DESCRIPTIONS = ("Chart.yaml", "requirements.yaml", "Chart.lock", "requirements.lock")
# Keys of a dependency for which Helm changes the loaded chart.
_CHANGES_LOADED = (b"condition", b"tags", b"alias", b"import-values")
_WORD = lazy_pattern(r"\w+")
# Functions that change their argument: the values of a dependency are part of the chart's.
_CHANGES = lazy_pattern(r"\b(?:un)?set\b|[mM]erge")
# Ways to another file's template by its path: the path of the own file may only be continued.
_OTHER_PATH = lazy_pattern(r"BasePath(?!\s+\"/)|\bTemplate\.Name\b|templates/")
_BLOCK = lazy_pattern(r"\{\{-?\s*block\b")
_ACTION = "{{"


@dataclass(frozen=True, slots=True)
class _Definition:
    """A named template of the chart itself: the words of its name, and its text."""

    words: frozenset[str]
    text: str


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The dependencies of one chart. `own` is the chart whose dependencies render nothing."""

    own: Chart
    _are_plain: bool
    _digest: bytes
    _described: str
    _defaults: Mapping[str, Any]
    _words: frozenset[str]
    _definitions: tuple[_Definition, ...]

    def seen(self, values: Mapping[str, Any], request: RenderRequest) -> bytes | None:
        """A digest of everything that the dependencies see of a release; None if they may see more.

        `values` are those given to the chart.
        """
        release = [request.release_name, request.namespace, self._visible(values), self._visible(self._defaults)]
        text = json.dumps(release, sort_keys=True, default=str)
        cluster = json.dumps([request.kube_version, request.is_upgrade, request.api_versions])
        if _ACTION in text and _CHANGES.search(text):
            return None
        words = self._words | frozenset(_WORD.findall(text.lower()))
        result = hashlib.sha256(self._digest + f"{text}\n{cluster}\n".encode("utf-8", "surrogateescape"))
        for definition in self._reached(words):
            if _changes_arguments(definition):
                return None
            result.update(definition.encode("utf-8", "surrogateescape"))
        return result.digest()

    def stay_loaded(self, values: Mapping[str, Any]) -> bool:
        """Whether rendering doesn't change the loaded chart: Helm drops and renames dependencies, and keeps nulls."""
        nulls = json.dumps([self._visible(values), self._visible(self._defaults)], default=str)
        return self._are_plain and "null" not in nulls

    def _visible(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values below keys that a dependency, its conditions, or its tags name."""
        return {key: value for key, value in values.items() if key in _SHARED_KEYS or key in self._described}

    def _reached(self, words: frozenset[str]) -> Iterator[str]:
        """The texts of the chart's own named templates whose name the dependencies, or one of these, may spell."""
        left = list(self._definitions)
        while found := [definition for definition in left if definition.words <= words]:
            for definition in found:
                left.remove(definition)
                words |= frozenset(_WORD.findall(definition.text.lower()))
                yield definition.text


def dependencies_of(chart: Chart, read_yaml: Callable[[str], Any]) -> Dependencies | None:
    """The dependencies of a chart whose archives are opened; None if they and the chart may depend on each other."""
    below = {path: data for path, data in chart.files.items() if path.startswith("charts/")}
    templates = [path for path in below if _is_rendered(path)]
    own = [path for path in chart.files if path.startswith("templates/")]
    if not templates or is_random(chart) or _is_nested(own, templates):
        return None
    descriptions = b"\n".join(chart.files.get(path, b"") for path in _DESCRIPTIONS)
    names = b"\n".join(data for path, data in below.items() if path.rsplit("/", 1)[-1] in _DESCRIPTIONS)
    if any(b"/charts/" in chart.files[path] for path in own):
        return None
    texts = {path: chart.text(path) for path in below if "templates/" in path or _ACTION.encode() in below[path]}
    if any(_OTHER_PATH.search(text) or _changes_arguments(text) for text in texts.values()):
        return None
    defaults = _defaults(chart, read_yaml)
    if any(_BLOCK.search(chart.text(path)) for path in own) or not isinstance(defaults, dict):
        return None
    folders = {name for path in below for name in path.split("/")[1:-1:2]}
    described = b"\n".join((descriptions, names, "\n".join(folders).encode("utf-8", "surrogateescape")))
    texts_seen = b"\n".join(below.values()).lower()
    return Dependencies(
        replace(chart, files={**chart.files, **definitions_only(chart, templates)}),
        not any(word in described for word in _CHANGES_LOADED),
        _digest_of(chart, below, descriptions),
        described.decode("utf-8", "surrogateescape"),
        defaults,
        frozenset(word.decode() for word in set(re.findall(rb"[a-z0-9_]+", texts_seen))),
        tuple(_definitions(chart, own)),
    )


def _defaults(chart: Chart, read_yaml: Callable[[str], Any]) -> Any:
    """What values.yaml holds, None if Helm can't read it."""
    try:
        return (read_yaml(chart.text("values.yaml")) or {}) if "values.yaml" in chart.files else {}
    except RenderError:
        return None


def _is_rendered(path: str) -> bool:
    return "templates/" in path and not path.rsplit("/", 1)[-1].startswith("_")


def _is_nested(own: list[str], templates: list[str]) -> bool:
    """Whether Helm may render a template of the chart before one of a dependency: it begins with the deepest."""
    return max((path.count("/") for path in own), default=0) >= min(path.count("/") for path in templates)


def _changes_arguments(text: str) -> bool:
    """Whether the text calls a function that changes its argument."""
    if _ACTION not in text or not _CHANGES.search(text):
        return False
    return any(not action.is_comment and _CHANGES.search(action.body) for action in parse(text).actions)


def _definitions(chart: Chart, paths: list[str]) -> Iterator[_Definition]:
    for path in sorted(paths):
        template = parse(chart.text(path))
        for name, block in template.definitions():
            text = template.text[block.opener.start : block.end.end]
            yield _Definition(frozenset(_WORD.findall(name.lower())), text)


def _digest_of(chart: Chart, files: Mapping[str, bytes], descriptions: bytes) -> bytes:
    result = hashlib.sha256(f"{chart.name}\0".encode("utf-8", "surrogateescape") + descriptions)
    for path in sorted(files):
        result.update(f"\0{path}\0{len(files[path])}\0".encode("utf-8", "surrogateescape") + files[path])
    return result.digest()
