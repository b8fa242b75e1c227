"""The `helm` program, 3.8 or newer: `helm template` on a temporary copy of the chart, never the chart itself.

Values and documents pass through Helm's own `toJson`, so both engines read YAML the same way. Plain ones have only one
meaning and don't need a process.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.errors import HelmError, RenderError, UsageError
from chartgen.helm.answers import Documents, read_answer
from chartgen.helm.limits import RenderLimits, Spending
from chartgen.helm.messages import render_error
from chartgen.helm.overlay import beside_overlay, overlay_arguments
from chartgen.helm.plain_documents import plain_values, read_plain
from chartgen.helm.program import run_program
from chartgen.helm.rendered import Rendered
from chartgen.helm.safe_schemas import with_safe_schemas
from chartgen.helm.worker_process import OutOfMemoryError, OutOfTimeError, TooLongError
from chartgen.inputs.names import checked_name
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest, ValueSources

_OLDEST = (3, 8)
_SOURCE = lazy_pattern(r"^---\n# Source: (?P<path>\S+)\n", re.MULTILINE)
# Helm renders the most deeply nested template first (pkg/engine: sortTemplates): no other one has changed values then.
_VALUES = f"templates/{'v/' * 40}zz-chartgen-values.yaml"
_VALUES_TEMPLATE = b"kind: ChartgenValues\nvalues: {{ .Values | toJson }}\n"
_READER_CHART = b"apiVersion: v2\nname: reader\nversion: 0.0.0\n"
_READER = b'{{- range $path, $_ := .Files.Glob "documents/*" }}\n{{ base $path }}: {{ $.Files.Get $path | fromYaml | toJson }}\n{{- end }}\n'  # noqa: E501


class BinaryEngine:
    """One helm program behind the Engine protocol."""

    def __init__(self, path: str, limits: RenderLimits | None = None) -> None:
        self._path = path
        self._limits = limits or RenderLimits()
        self._spending = Spending(self._limits)
        self._rendered = Rendered()
        self._documents = Documents()
        if self._release() < _OLDEST:
            raise HelmError(f"{path} is helm {self.version}", hint="use helm 3.8 or newer")

    @cached_property
    def version(self) -> str:
        return self._run(["version", "--template", "{{.Version}}"], Path.cwd()).strip().lstrip("v")

    def _release(self) -> tuple[int, int]:
        """Major and minor version; HelmError if the program isn't helm."""
        try:
            numbers = re.match(r"(\d+)\.(\d+)", self.version)
        except (HelmError, UsageError) as error:
            raise self._not_helm() from error
        if numbers is None:
            raise self._not_helm()
        return int(numbers[1]), int(numbers[2])

    def _not_helm(self) -> HelmError:
        return HelmError(
            f"{self._path} isn't helm {'.'.join(map(str, _OLDEST))} or newer",
            hint="give --helm the path of a helm program",
        )

    def render(self, chart: Chart, request: RenderRequest) -> Mapping[str, str]:
        """See Engine.render: one process prints the values, too."""
        known = self._rendered.get(chart, request)
        if known is None:
            with tempfile.TemporaryDirectory(prefix="chartgen-") as folder:
                _write_chart(Path(folder) / "chart", {**with_safe_schemas(chart).files, _VALUES: _VALUES_TEMPLATE})
                known = dict(_by_template(self._template(Path(folder), chart, request)))
            self._rendered.keep(chart, request, known, known.pop(f"{chart.name}/{_VALUES}", ""))
        return dict(known)

    def values(self, chart: Chart, request: RenderRequest) -> dict[str, Any]:
        """See Engine.values: those of a rendering, which commands need next, or of a chart without templates."""
        printed = self._rendered.values(chart, request)
        if printed is None:
            alone = plain_values(chart, request)
            if alone is not None:
                return alone
            with contextlib.suppress(RenderError):
                self.render(chart, request)
            printed = self._rendered.values(chart, request)
        return _values_in(printed or self._values_alone(chart, request))

    def _values_alone(self, chart: Chart, request: RenderRequest) -> str:
        kept = {path: data for path, data in with_safe_schemas(chart).files.items() if "templates/" not in path}
        with tempfile.TemporaryDirectory(prefix="chartgen-") as folder:
            _write_chart(Path(folder) / "chart", {**kept, _VALUES: _VALUES_TEMPLATE})
            printed = dict(_by_template(self._template(Path(folder), chart, request)))
        return next(text for path, text in printed.items() if path.endswith(_VALUES))

    def read_yaml(self, text: str) -> Any:
        """See Engine.read_yaml."""
        return self.read_documents([text])[0]

    def read_documents(self, texts: list[str]) -> list[Any]:
        """See Engine.read_documents: a single process reads those that are not plain."""
        self._spending.check_count(len(texts))
        return self._documents.of(texts, self._read)

    def _read(self, texts: list[str]) -> list[Any]:
        plain = [read_plain(text) for text in texts]
        others = [text for text, document in zip(texts, plain, strict=True) if document is None]
        read = iter(self._read_by_program(others) if others else ())
        return [next(read) if document is None else document for document in plain]

    def _read_by_program(self, texts: list[str]) -> list[Any]:
        files = {f"documents/d{number:06}": _encoded(text) for number, text in enumerate(texts)}
        with tempfile.TemporaryDirectory(prefix="chartgen-") as folder:
            _write_chart(
                Path(folder) / "chart", {**files, "Chart.yaml": _READER_CHART, "templates/reader.yaml": _READER}
            )
            printed = self._run(["template", "reader", "chart"], Path(folder))
        found = [read_answer(line.split(": ", 1)[1]) for line in printed.splitlines() if re.match(r"d\d{6}: ", line)]
        for read in found:
            if isinstance(read, dict) and set(read) == {"Error"}:
                raise RenderError(str(read["Error"]))
        return found

    def _template(self, folder: Path, chart: Chart, request: RenderRequest) -> str:
        arguments = ["template", request.release_name, str(folder / "chart"), "--namespace", request.namespace]
        arguments += [
            *_on_disk(beside_overlay(request), folder).arguments,
            *overlay_arguments(request, folder / "overlay.json"),
        ]
        arguments += [f"--api-versions={version}" for version in request.api_versions]
        arguments += [f"--kube-version={request.kube_version}"] if request.kube_version else []
        arguments += ["--is-upgrade"] if request.is_upgrade else []
        try:
            return self._run(arguments, Path.cwd(), chart)
        except UsageError as error:
            message = error.message
            for number, (path, _) in enumerate(request.sources.edited):
                message = message.replace(str(_copy(folder, number)), path)
            raise UsageError(message, hint=error.hint) from error

    def _run(self, arguments: list[str], folder: Path, chart: Chart | None = None) -> str:
        seconds = self._spending.remaining(chart)
        began = time.monotonic()
        try:
            done = run_program([self._path, *arguments], folder, self._limits, seconds)
        except OutOfTimeError as error:
            raise self._spending.out_of_time() from error
        except OutOfMemoryError as error:
            raise self._spending.out_of_memory(error.signal) from error
        except TooLongError as error:
            raise self._spending.too_long() from error
        self._spending.charge(min(time.monotonic() - began, done.cpu_seconds))
        if done.code:
            raise _refusal(done.stderr)
        return done.stdout.decode("utf-8", "surrogateescape")


def _values_in(text: str) -> dict[str, Any]:
    values: dict[str, Any] = read_answer(text.split("values:", 1)[1])
    return values


def _refusal(stderr: str) -> Exception:
    lines = [line for line in stderr.splitlines() if not line.startswith(("WARNING:", "Use --debug", "coalesce.go"))]
    message = "\n".join(lines).strip().removeprefix("Error: ")
    if message.startswith(("failed to parse", "failed parsing --set", "open ")):
        return UsageError(message, hint="see the -f and --set arguments")
    return render_error(message)


def _write_chart(root: Path, files: Mapping[str, bytes]) -> None:
    """Write a copy of the chart, private to this user: its parent is a mkdtemp folder with mode 0700."""
    for path, data in files.items():
        target = root / checked_name(path, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _on_disk(sources: ValueSources, folder: Path) -> ValueSources:
    """The sources with the files that are edited in memory written into `folder`."""
    placed: dict[str, str] = {}
    for number, (path, text) in enumerate(sources.edited):
        file = _copy(folder, number)
        file.write_bytes(_encoded(text))
        placed[path] = str(file)
    return sources._replace(files=tuple(placed.get(path, path) for path in sources.files))


def _copy(folder: Path, number: int) -> Path:
    return folder / f"edited-{number}.yaml"


def _by_template(printed: str) -> Iterator[tuple[str, str]]:
    """Template path and text: the documents that `helm template` printed for it, in order."""
    found: dict[str, list[str]] = {}
    marks = list(_SOURCE.finditer(printed))
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        end = after.start() if after else len(printed)
        found.setdefault(mark["path"], []).append(printed[mark.end() : end].rstrip("\n"))
    for path, texts in found.items():
        yield path, "\n---\n".join(texts) + "\n"
