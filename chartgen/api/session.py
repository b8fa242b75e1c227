"""What several calls of the API share: the Helm that they ask, and who hears their remarks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.helm.limits import MEBIBYTE, RenderLimits
from chartgen.helm.select import HelmChoice, deferred_engine, select_engine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.api.settings import RenderSettings, ValuesSettings
    from chartgen.charts.snapshot import Snapshot
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest, ValueSources
    from chartgen.lint.engine import Watcher
    from chartgen.lint.kept_outcomes import KeptOutcomes

Note = Callable[[str], None]


class Session:
    """Several calls with one session start Helm once.

    `helm` is `auto`, `embedded`, or the path of a helm program. Helm may take `render_timeout` seconds and
    `render_memory` MiB for one chart; 0 is no limit. `on_note` gets each remark, such as a chart that an interrupted
    run left half written; by default remarks are logged as warnings of the logger `chartgen`.
    """

    def __init__(
        self,
        *,
        helm: str = "auto",
        render_timeout: int = 10,
        render_memory: int = 1024,
        on_note: Note | None = None,
    ) -> None:
        if render_timeout < 0 or render_memory < 0:
            raise UsageError("render_timeout and render_memory can't be negative", hint="0 is no limit")
        self.choice = HelmChoice(helm, RenderLimits(render_timeout, render_memory * MEBIBYTE))
        self.note = on_note or _log
        # Set by `chartgen lint`: who watches a run, what its paths lead to if that is already read, and what an earlier
        # run found.
        self.watcher: Watcher | None = None
        self.snapshot: Snapshot | None = None
        self.kept: KeptOutcomes | None = None
        self._sources: dict[tuple[tuple[str, ...], ...], ValueSources] = {}

    @cached_property
    def engine(self) -> Engine:
        """The Helm of this session; HelmError without any."""
        return select_engine(self.choice.program, self.choice.limits)

    @cached_property
    def deferred_engine(self) -> Engine:
        """The same, but the embedded Helm only starts when it is asked something."""
        return deferred_engine(self.choice.program, self.choice.limits)

    def value_sources(self, settings: ValuesSettings) -> ValueSources:
        """The values of `settings`. A pipe among the files is read once in a session."""
        from chartgen.helm.request import ValueSources
        from chartgen.inputs.files import read_pipe, text_of

        given = [_texts(settings.get(name)) for name in ("values", "set_json", "set", "set_string", "set_file")]
        key = tuple(given)
        if key not in self._sources:
            piped = ((path, read_pipe(path)) for path in dict.fromkeys(given[0]))
            edited = tuple((path, text_of(data, path)) for path, data in piped if data is not None)
            files, set_json, set_, set_string, set_file = given
            self._sources[key] = ValueSources(files, set_json, set_, set_string, set_file, edited)
        return self._sources[key]

    def render_request(self, settings: RenderSettings) -> RenderRequest:
        """The request for the release of `settings`."""
        from chartgen.api.names import kube_version, release_name
        from chartgen.helm.request import RenderRequest, with_api_versions

        return RenderRequest(
            release_name=release_name(settings.get("release_name") or RenderRequest().release_name),
            sources=self.value_sources(settings),
            kube_version=kube_version(settings.get("kube_version") or "") or None,
            api_versions=with_api_versions(list(settings.get("api_versions") or ())),
        )


def _texts(given: Any) -> tuple[str, ...]:
    paths: Iterable[Any] = given or ()
    return tuple(map(str, paths))


def _log(text: str) -> None:
    import logging

    logging.getLogger("chartgen").warning(text)
