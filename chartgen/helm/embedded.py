"""Helm through helm-python-sdk, in a worker process of its own: no `helm` program, no files written."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.errors import LimitExceeded, RenderError
from chartgen.helm import protocol
from chartgen.helm.answers import Answers, Documents, read_answer
from chartgen.helm.archive import archive_of
from chartgen.helm.culprit import culprit
from chartgen.helm.dependencies import dependencies_of
from chartgen.helm.digests import Digests
from chartgen.helm.limits import RenderLimits, Spending
from chartgen.helm.messages import render_error
from chartgen.helm.protocol import SEPARATOR, Refused
from chartgen.helm.randomness import is_random
from chartgen.helm.rendered_dependencies import RenderedDependencies
from chartgen.helm.safe_schemas import with_safe_schemas
from chartgen.helm.values import resolved
from chartgen.helm.worker_process import (
    OutOfMemoryError,
    OutOfTimeError,
    TooLongError,
    WorkerDiedError,
    WorkerProcess,
    first_worker,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest

_KEPT = 12
_WITH_VALUES = frozenset(
    {"Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.yaml", "values.schema.json"}
)


class EmbeddedEngine:
    """helm-python-sdk behind the Engine protocol. Charts stay loaded in the worker.

    The worker starts with the engine, so that Helm loads while chartgen reads charts. A new worker replaces a dead one.
    """

    def __init__(self, limits: RenderLimits | None = None) -> None:
        self._limits = limits or RenderLimits()
        self._spending = Spending(self._limits)
        self._worker = first_worker(self._limits)
        self._digests = Digests()
        # The chart's number in the worker, by its digest and how it was loaded.
        self._loaded: dict[tuple[bytes, int], int] = {}
        # The files of a chart that decide about its values, by its digest.
        self._with_values: dict[bytes, Chart] = {}
        self._with_dependencies = RenderedDependencies(self._rendered)
        self._answers = Answers()
        self._documents = Documents()
        self._count = 0

    @property
    def version(self) -> str:
        return self._living_worker().version()

    def close(self) -> None:
        """End the worker; the next request starts another one."""
        self._worker.close()

    def render(self, chart: Chart, request: RenderRequest) -> Mapping[str, str]:
        """See Engine.render."""
        values = self._resolved(request)
        body = _render_body(values, request)
        try:
            texts = self._texts(chart, request, values, body)
        except LimitExceeded as error:
            if error.template is None and not error.repeated:
                error.template = culprit(chart, lambda part, seconds: self._probe(part, body, seconds))
            raise
        return {path: text for path, text in texts.items() if text.strip() and not path.endswith("NOTES.txt")}

    def _texts(self, chart: Chart, request: RenderRequest, values: dict[str, Any], body: bytes) -> dict[str, str]:
        if not any(path.startswith("charts/") for path in chart.files):
            return self._rendered(chart, body, stays_loaded=True)
        digest = self._digests.of(chart)
        if not self._with_dependencies.knows(digest):
            self._with_dependencies.add(digest, dependencies_of(with_safe_schemas(chart), self.read_yaml))
        return self._with_dependencies.texts(chart, digest, values, request, body)

    def _rendered(self, chart: Chart, body: bytes, *, stays_loaded: bool) -> dict[str, str]:
        loading = protocol.LOAD if stays_loaded else protocol.LOAD_EACH_TIME
        texts: dict[str, str] = self._about(chart, protocol.RENDER, body, loading)
        return texts

    def values(self, chart: Chart, request: RenderRequest) -> dict[str, Any]:
        """See Engine.values."""
        body = json.dumps(self._resolved(request)).encode()
        merged: dict[str, Any] = self._about(self._values_part(chart), protocol.VALUES, body, protocol.LOAD)
        return merged

    def _values_part(self, chart: Chart) -> Chart:
        """What of the chart decides about values: all of its versions with the same ones share the answers."""
        digest = self._digests.of(chart)
        if digest not in self._with_values:
            while len(self._with_values) >= _KEPT:
                self._with_values.pop(next(iter(self._with_values)))
            files = with_safe_schemas(chart).files
            # Helm treats a backslash in a file name as a slash.
            kept = {path: data for path, data in files.items() if re.split(r"[/\\]", path)[-1] in _WITH_VALUES}
            self._with_values[digest] = replace(chart, files=kept)
        return self._with_values[digest]

    def read_yaml(self, text: str) -> Any:
        """See Engine.read_yaml."""
        return self.read_documents([text])[0]

    def read_documents(self, texts: list[str]) -> list[Any]:
        """See Engine.read_documents."""
        self._spending.check_count(len(texts))
        return self._documents.of(texts, self._read)

    def _read(self, texts: list[str]) -> list[Any]:
        bodies = [text.encode("utf-8", "surrogateescape") for text in texts]
        if any(SEPARATOR in body for body in bodies):
            raise RenderError("yaml: control characters are not allowed")
        try:
            read: list[Any] = self._asked(None, protocol.READ, 0, SEPARATOR.join(bodies))
        except Refused as error:
            raise RenderError(str(error)) from error
        return read

    def _resolved(self, request: RenderRequest) -> dict[str, Any]:
        return resolved(lambda operation, body: self._asked(None, operation, 0, body), request)

    def _about(self, chart: Chart, operation: int, body: bytes, loading: int) -> Any:
        try:
            return self._asked(chart, operation, self._number(chart, loading), body)
        except Refused as error:
            raise render_error(str(error)) from error

    def _asked(self, chart: Chart | None, operation: int, number: int, body: bytes) -> Any:
        """Helm's parsed answer; raises Refused, LimitExceeded, or RenderError if the worker crashed."""
        known = self._answers.get(operation, number, body)
        if known is None:
            known = self._answer(chart, operation, number, body)
            self._answers.keep(operation, number, body, known)
        return read_answer(known)

    def _answer(self, chart: Chart | None, operation: int, number: int, body: bytes) -> bytes:
        seconds = self._spending.remaining(chart)
        worker = self._living_worker()
        worker.version()  # its start counts for no chart
        began, used = time.monotonic(), worker.cpu_seconds
        try:
            return worker.ask(operation, number, body, seconds)
        except OutOfTimeError as error:
            raise self._spending.out_of_time() from error
        except OutOfMemoryError as error:
            raise self._spending.out_of_memory(error.signal) from error
        except TooLongError as error:
            raise self._spending.too_long() from error
        except WorkerDiedError as error:
            raise RenderError(f"Helm crashed: {error}", hint="try another Helm with --helm PATH") from error
        finally:
            self._spending.charge(min(time.monotonic() - began, worker.cpu_seconds - used))

    def _probe(self, chart: Chart, body: bytes, seconds: float) -> bool:
        """Whether rendering this chart exceeds a limit, with `seconds` as the time limit."""
        worker = self._living_worker()
        try:
            worker.ask(protocol.LOAD, 0, archive_of(with_safe_schemas(chart)), None)
            worker.ask(protocol.RENDER, 0, body, seconds)
            worker.ask(protocol.DROP, 0, b"", None)
        except (OutOfTimeError, OutOfMemoryError, TooLongError):
            return True
        except (Refused, WorkerDiedError):
            pass
        return False

    def _living_worker(self) -> WorkerProcess:
        if not self._worker.is_alive:
            self._worker.close()
            self._loaded.clear()
            self._answers = Answers()
            self._worker = WorkerProcess(self._limits)
        return self._worker

    def _number(self, chart: Chart, loading: int) -> int:
        """The chart's number in the worker; loads the chart there first if necessary."""
        self._living_worker()
        key = self._digests.of(chart), loading
        if key not in self._loaded:
            while len(self._loaded) >= _KEPT:
                old = self._loaded.pop(next(iter(self._loaded)))
                self._answers.forget(old)
                self._asked(None, protocol.DROP, old, b"")
            self._count += 1
            self._asked(chart, loading, self._count, archive_of(with_safe_schemas(chart)))
            self._loaded[key] = self._count
            if is_random(chart):
                self._answers.ask_again(self._count)
        return self._loaded[key]


def _render_body(values: dict[str, Any], request: RenderRequest) -> bytes:
    options: dict[str, Any] = {
        "name": request.release_name,
        "namespace": request.namespace,
        "is_install": not request.is_upgrade,
        "is_upgrade": request.is_upgrade,
        "api_versions": list(request.api_versions),
    }
    if request.kube_version:
        options["kube_version"] = request.kube_version
    return json.dumps(values).encode() + SEPARATOR + json.dumps(options).encode()
