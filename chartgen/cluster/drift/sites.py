"""The lines of a YAML file that set an app's version: image tags, and versions of its chart.

values.yaml, helmfile, HelmRelease (spec.chart.spec.version, spec.values), Application (targetRevision, helm.parameters,
valuesObject, values), the dependencies of an environment of Jenkins X, kustomization.yaml, and plain manifests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from chartgen.cluster.drift.scope import scope_of
from chartgen.cluster.drift.versions import repository_of
from chartgen.edits.yaml_source import composed
from chartgen.errors import ConflictError
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.cluster.drift.scope import Scope
    from chartgen.cluster.drift.versions import Change

Route = tuple[str | int, ...]

_MARKER = lazy_pattern(r"^---(?=\s|$)", re.MULTILINE)
_TAG_KEY = lazy_pattern(r".*tag", re.IGNORECASE)
_VERSION_KEYS = ("version", "targetRevision")
_REPOSITORY_KEYS = ("repository", "repo", "newName", "image", "name")
# Values of one app inside another document: Argo CD's helm.values, and Flux' chart values in text.
_NESTED_KEYS = ("values",)
_DEPTH = 60
# Of blocks of text. The API server returns them as JSON, so there it must be the content that says it is YAML.
BLOCK_STYLES = ("|", ">")
_MAP = lazy_pattern(r":\s")


class Owner(Enum):
    """Whose a part of a file is."""

    APP = "the app's"
    UNKNOWN = "nobody says"
    OTHER = "another app's"


@dataclass(frozen=True, slots=True)
class Site:
    """A scalar that sets a version.

    `segment`: the index of its document in the file; `route` in it; `nested`: the route inside the text of that scalar.
    `sure`: the file itself says that it is this app's; otherwise only the version is the same.
    """

    path: str
    line: int
    segment: int
    route: Route
    nested: Route
    old: str
    new: str
    kind: str
    sure: bool

    @property
    def text(self) -> str:
        """`env/values.yaml:4: image.tag: v2`."""
        return f"{self.path}:{self.line}: {'.'.join(map(str, (*self.route, *self.nested)))}: {self.old}"


def segments(text: str) -> list[str]:
    """The documents of a file, which together are its text again."""
    starts = [0, *(match.start() for match in _MARKER.finditer(text) if match.start())]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds the sites of an app's changes. `apps`: its names. `running`: look for what runs, not what is desired.

    `namespace`: the app's, empty for any; what names another one is another deployment's, even with the same names.
    """

    changes: tuple[Change, ...]
    apps: frozenset[str]
    namespace: str = ""
    running: bool = False

    def sites(self, path: str, text: str) -> Iterator[Site]:
        """Every site in a file; none in a file that isn't YAML, such as a template."""
        line = 0
        for index, segment in enumerate(segments(text)):
            for root in _roots(segment, path):
                scope = scope_of(root)
                if not scope.elsewhere(self.namespace):
                    yield from self._walk(root, _Place(path, line, index, owner=self._owner(scope, path)))
            line += segment.count("\n")

    def _owner(self, scope: Scope, path: str) -> Owner:
        """Whose a document is: a HelmRelease or Application says it, else perhaps the file's path."""
        if scope.names & self.apps:
            return Owner.APP
        if scope.owned:
            return Owner.OTHER
        return Owner.APP if {part.partition(".")[0] for part in path.split("/")} & self.apps else Owner.UNKNOWN

    def _owner_of_entry(self, siblings: dict[str, str], owner: Owner) -> Owner:
        """Whose an entry of a list is: a release of a helmfile has a name and a chart."""
        released = siblings.get("chart") and siblings.get("namespace")
        if self.namespace and released not in {None, "", self.namespace}:
            return Owner.OTHER
        if {siblings.get("name", ""), siblings.get("alias", "")} & self.apps:
            return Owner.APP
        return Owner.OTHER if siblings.get("name") and siblings.get("chart") else owner

    def _walk(self, node: Any, place: _Place) -> Iterator[Site]:
        if place.depth > _DEPTH:
            return
        if node.id == "sequence":
            for index, item in enumerate(node.value):
                yield from self._walk(item, place.below(index))
        elif node.id == "mapping":
            siblings = {key.value: value.value for key, value in node.value if key.id == value.id == "scalar"}
            owner = self._owner_of_entry(siblings, place.owner)
            for key, value in node.value:
                if key.id != "scalar":
                    continue
                below = place.below(key.value, Owner.APP if key.value in self.apps else owner)
                if value.id == "scalar":
                    yield from self._scalar(key.value, value, siblings, below)
                else:
                    yield from self._walk(value, below)

    def _scalar(self, key: str, node: Any, siblings: dict[str, str], place: _Place) -> Iterator[Site]:
        if key in _NESTED_KEYS and (node.style in BLOCK_STYLES or _MAP.search(node.value)) and not place.nested_in:
            for root in _roots(node.value, place.path):
                yield from self._walk(root, place.inside(node.start_mark.line + 1))
            return
        for change in self.changes:
            match = self._match(change, key, node.value, siblings, place.owner)
            if match is not None:
                old, new, sure = match
                yield place.site(node.start_mark.line, old, new, change.kind, sure=sure)

    def _match(
        self, change: Change, key: str, value: str, siblings: dict[str, str], owner: Owner
    ) -> tuple[str, str, bool] | None:
        """Old and new value, and whether it is surely this app's."""
        if owner is Owner.OTHER:
            return None
        old, new = self._pair(change.desired, change.running)
        if change.kind == "chart":
            return (old, new, True) if value == old and _is_chart_version(key, siblings, change.name) else None
        if value == old:
            return old, new, True
        tag, new_tag = self._pair(change.desired_tag, change.running_tag)
        is_tag = _TAG_KEY.fullmatch(key) or (key == "value" and _TAG_KEY.fullmatch(siblings.get("name", "")))
        if not tag or value != tag or not is_tag:
            return None
        repository = _sibling_repository(key, siblings)
        if repository:
            return (tag, new_tag, True) if _same_repository(change.name, repository) else None
        return tag, new_tag, owner is Owner.APP

    def _pair(self, desired: str, running: str) -> tuple[str, str]:
        return (running, desired) if self.running else (desired, running)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is. `nested_in`: the route of the text that it is in, if `in_text`."""

    path: str
    line: int
    segment: int
    route: Route = ()
    nested_in: Route = ()
    owner: Owner = Owner.UNKNOWN

    @property
    def depth(self) -> int:
        return len(self.route) + len(self.nested_in)

    def below(self, step: str | int, owner: Owner | None = None) -> _Place:
        return _Place(self.path, self.line, self.segment, (*self.route, step), self.nested_in, owner or self.owner)

    def inside(self, line: int) -> _Place:
        return _Place(self.path, self.line + line, self.segment, (), self.route, self.owner)

    def site(self, line: int, old: str, new: str, kind: str, *, sure: bool) -> Site:
        outer, inner = (self.nested_in, self.route) if self.nested_in else (self.route, ())
        return Site(self.path, self.line + line + 1, self.segment, outer, inner, old, new, kind, sure)


def _roots(text: str, path: str) -> list[Any]:
    try:
        return composed(text, path, expands=True)
    except ConflictError:
        return []


def _is_chart_version(key: str, siblings: dict[str, str], chart: str) -> bool:
    """A version beside the chart's name: HelmRelease and helmfile (chart), Application (chart), dependencies (name)."""
    named = siblings.get("chart") or siblings.get("name") or ""
    return key in _VERSION_KEYS and named.rstrip("/").rpartition("/")[2] == chart and "apiVersion" not in siblings


def _sibling_repository(key: str, siblings: dict[str, str]) -> str:
    if key == "value":
        return ""
    found = (
        siblings[name]
        for name in _REPOSITORY_KEYS
        if "/" in siblings.get(name, "") or (name in {"repository", "repo"} and siblings.get(name))
    )
    return next(found, "")


def _same_repository(image: str, repository: str) -> bool:
    """Whether an image is of the repository, whose registry may be written elsewhere."""
    repository = repository_of(repository)
    return image == repository or image.endswith(f"/{repository}")
