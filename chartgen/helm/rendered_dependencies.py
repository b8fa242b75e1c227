"""What the dependencies of charts have rendered, so that Helm renders only the chart's own templates again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from chartgen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.dependencies import Dependencies
    from chartgen.helm.request import RenderRequest

_MOST_VERSIONS = 16
_MOST_CHARACTERS = 32 * 1024 * 1024


class Render(Protocol):
    """Helm: template path → text. A chart that `stays_loaded` isn't changed by being rendered."""

    def __call__(self, chart: Chart, body: bytes, *, stays_loaded: bool) -> dict[str, str]: ...


@dataclass(slots=True)
class _Version:
    """One version of a chart; without `parts`, it is rendered as a whole.

    `first` is its first rendering: what the dependencies saw, the body of the request, and the texts. The chart's own
    templates and the kept texts must give the same before they are used.
    """

    parts: Dependencies | None
    first: tuple[bytes, bytes, dict[str, str]] | None = None
    is_checked: bool = False


class RenderedDependencies:
    """Renders charts with dependencies: the first release of each version as a whole, the others as far as needed."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._versions: dict[bytes, _Version] = {}
        # The texts of dependencies by what these see.
        self._known: dict[bytes, dict[str, str]] = {}
        self._size = 0

    def knows(self, digest: bytes) -> bool:
        """Whether `add` was called for this version of a chart."""
        return digest in self._versions

    def add(self, digest: bytes, parts: Dependencies | None) -> None:
        """A version of a chart."""
        while len(self._versions) >= _MOST_VERSIONS:
            self._versions.pop(next(iter(self._versions)))
        self._versions[digest] = _Version(parts)

    def texts(
        self, chart: Chart, digest: bytes, values: Mapping[str, Any], request: RenderRequest, body: bytes
    ) -> dict[str, str]:
        """All that the chart renders; `body` is the request with the `values` given to the chart."""
        version = self._versions[digest]
        seen = version.parts.seen(values, request) if version.parts else None
        known = self._known.get(seen) if seen else None
        if known is not None and self._is_right(version):
            own = self._own(version, body, stays_loaded=bool(version.parts and version.parts.stay_loaded(values)))
            if own is not None:
                return dict(sorted({**own, **known}.items()))
        texts = self._render(chart, body, stays_loaded=False)
        if seen:
            self._keep(seen, {path: text for path, text in texts.items() if path.startswith(f"{chart.name}/charts/")})
            if not version.is_checked:
                version.first = version.first or (seen, body, texts)
        return texts

    def _own(self, version: _Version, body: bytes, *, stays_loaded: bool) -> dict[str, str] | None:
        """What the chart's own templates render; None if Helm can't: then it must say why for the whole chart."""
        try:
            return self._render(version.parts.own, body, stays_loaded=stays_loaded) if version.parts else None
        except RenderError:
            return None

    def _is_right(self, version: _Version) -> bool:
        """Whether the first rendering is what the own templates and the kept texts give."""
        if version.first and not version.is_checked:
            seen, body, texts = version.first
            own = self._own(version, body, stays_loaded=False)
            version.is_checked = own is not None and {**own, **self._known.get(seen, {})} == texts
            version.first = None
            if not version.is_checked:
                version.parts = None
        return version.is_checked

    def _keep(self, seen: bytes, texts: dict[str, str]) -> None:
        if seen in self._known:
            return
        self._size += sum(map(len, texts.values()))
        if self._size > _MOST_CHARACTERS:
            self._known.clear()
            self._size = 0
        else:
            self._known[seen] = texts
