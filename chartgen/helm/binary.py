"""The `helm` program, 3.8 or newer: `helm template` on a temporary copy of the chart, never the chart itself.

Values and documents are read through Helm's own `toJson`, so both engines read YAML alike.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.errors import HelmError, RenderError, UsageError
from chartgen.helm.messages import render_error
from chartgen.helm.overlay import beside_overlay, overlay_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest, ValueSources

_OLDEST = (3, 8)
_SECONDS = 120
_SOURCE = re.compile(r"^---\n# Source: (?P<path>\S+)\n", re.MULTILINE)
_VALUES = "templates/zz-chartgen-values.yaml"
_VALUES_TEMPLATE = b"kind: ChartgenValues\nvalues: {{ .Values | toJson }}\n"
_READER_CHART = b"apiVersion: v2\nname: reader\nversion: 0.0.0\n"
_READER = b'{{- range $path, $_ := .Files.Glob "documents/*" }}\n{{ base $path }}: {{ $.Files.Get $path | fromYaml | toJson }}\n{{- end }}\n'  # noqa: E501


class BinaryEngine:
    """One helm program behind the Engine protocol."""

    def __init__(self, path: str) -> None:
        self._path = path
        numbers = tuple(int(part) for part in re.findall(r"\d+", self.version)[:2])
        if numbers < _OLDEST:
            raise HelmError(f"{path} is helm {self.version}", hint="use helm 3.8 or newer")

    @cached_property
    def version(self) -> str:
        return self._run(["version", "--template", "{{.Version}}"], Path.cwd()).strip().lstrip("v")

    def render(self, chart: Chart, request: RenderRequest) -> Mapping[str, str]:
        """See Engine.render."""
        with tempfile.TemporaryDirectory(prefix="chartgen-") as folder:
            _write_chart(Path(folder) / "chart", chart.files)
            return dict(_by_template(self._template(Path(folder), request)))

    def values(self, chart: Chart, request: RenderRequest) -> dict[str, Any]:
        """See Engine.values: a copy of the chart without its templates prints them."""
        kept = {path: data for path, data in chart.files.items() if "templates/" not in path}
        with tempfile.TemporaryDirectory(prefix="chartgen-") as folder:
            _write_chart(Path(folder) / "chart", {**kept, _VALUES: _VALUES_TEMPLATE})
            printed = dict(_by_template(self._template(Path(folder), request)))
        text = next(text for path, text in printed.items() if path.endswith(_VALUES))
        values: dict[str, Any] = json.loads(text.split("values:", 1)[1])
        return values

    def read_yaml(self, text: str) -> Any:
        """See Engine.read_yaml."""
        return self.read_documents([text])[0]

    def read_documents(self, texts: list[str]) -> list[Any]:
        """See Engine.read_documents: one process reads them all."""
        if not texts:
            return []
        files = {f"documents/d{number:06}": _encoded(text) for number, text in enumerate(texts)}
        with tempfile.TemporaryDirectory(prefix="chartgen-") as folder:
            _write_chart(
                Path(folder) / "chart", {**files, "Chart.yaml": _READER_CHART, "templates/reader.yaml": _READER}
            )
            printed = self._run(["template", "reader", "chart"], Path(folder))
        found = [json.loads(line.split(": ", 1)[1]) for line in printed.splitlines() if re.match(r"d\d{6}: ", line)]
        for read in found:
            if isinstance(read, dict) and set(read) == {"Error"}:
                raise RenderError(str(read["Error"]))
        return found

    def _template(self, folder: Path, request: RenderRequest) -> str:
        arguments = ["template", request.release_name, str(folder / "chart"), "--namespace", request.namespace]
        arguments += [
            *_value_arguments(_on_disk(beside_overlay(request), folder)),
            *overlay_arguments(request, folder / "overlay.json"),
        ]
        arguments += [f"--api-versions={version}" for version in request.api_versions]
        arguments += [f"--kube-version={request.kube_version}"] if request.kube_version else []
        arguments += ["--is-upgrade"] if request.is_upgrade else []
        return self._run(arguments, Path.cwd())

    def _run(self, arguments: list[str], folder: Path) -> str:
        try:
            done = subprocess.run(
                [self._path, *arguments],
                cwd=folder,
                env=_environment(),
                capture_output=True,
                timeout=_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as error:
            raise HelmError(f"{self._path} took longer than {_SECONDS} s", hint="is a template looping?") from error
        except OSError as error:
            raise HelmError(
                f"{self._path}: can't be run: {error.strerror}", hint="choose another program with --helm"
            ) from error
        if done.returncode:
            raise _refusal(done.stderr.decode("utf-8", "replace"))
        return done.stdout.decode("utf-8", "surrogateescape")


def _refusal(said: str) -> Exception:
    lines = [line for line in said.splitlines() if not line.startswith(("WARNING:", "Use --debug", "coalesce.go"))]
    message = "\n".join(lines).strip().removeprefix("Error: ")
    if message.startswith(("failed to parse", "failed parsing --set", "open ")):
        return UsageError(message, hint="see the -f and --set arguments")
    return render_error(message)


def _environment() -> dict[str, str]:
    """The environment without what changes Helm's answers or lets it reach a cluster."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HELM_", "KUBE"))}
    return {**kept, "KUBECONFIG": os.devnull}


def _write_chart(root: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _on_disk(sources: ValueSources, folder: Path) -> ValueSources:
    """The sources with the files that are edited in memory written into `folder`."""
    placed: dict[str, str] = {}
    for number, (path, text) in enumerate(sources.edited):
        file = folder / f"edited-{number}.yaml"
        file.write_bytes(_encoded(text))
        placed[path] = str(file)
    return replace(sources, files=tuple(placed.get(path, path) for path in sources.files))


def _value_arguments(sources: ValueSources) -> Iterator[str]:
    flags = (
        ("--values", sources.files),
        ("--set-json", sources.set_json),
        ("--set", sources.set),
        ("--set-string", sources.set_string),
        ("--set-file", sources.set_file),
    )
    for flag, given in flags:
        for value in given:
            yield from (flag, value)


def _by_template(printed: str) -> Iterator[tuple[str, str]]:
    """Template path and text: the documents that `helm template` printed for it, in order."""
    found: dict[str, list[str]] = {}
    marks = list(_SOURCE.finditer(printed))
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        end = after.start() if after else len(printed)
        found.setdefault(mark["path"], []).append(printed[mark.end() : end].rstrip("\n"))
    for path, texts in found.items():
        yield path, "\n---\n".join(texts) + "\n"
