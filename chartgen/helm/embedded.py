"""Helm in process, through helm-python-sdk: no `helm` binary, no files written."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

from chartgen.errors import RenderError
from chartgen.helm.messages import render_error
from chartgen.helm.values import resolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest

_KEPT = 8


class EmbeddedEngine:
    """helm-python-sdk behind the Engine protocol. Loaded charts are kept, told apart by identity."""

    def __init__(self) -> None:
        import helm_python

        self._helm = helm_python
        self._loaded: dict[int, tuple[Chart, Any]] = {}

    @property
    def version(self) -> str:
        return str(self._helm.helm_sdk_version()).lstrip("v")

    def render(self, chart: Chart, request: RenderRequest) -> Mapping[str, str]:
        """See Engine.render. The SDK wraps the call without `kube_version` and `api_versions`, which it takes."""
        options: dict[str, Any] = {
            "name": request.release_name,
            "namespace": request.namespace,
            "is_install": not request.is_upgrade,
            "is_upgrade": request.is_upgrade,
            "api_versions": list(request.api_versions),
        }
        if request.kube_version:
            options["kube_version"] = request.kube_version
        handle = self._handle(chart)
        values = resolved(self._helm, request)
        try:
            native = self._helm._native  # noqa: SLF001 - the only way to pass kube_version and api_versions
            rendered = native.call_string("helm_render", handle._raw(), json.dumps(values), json.dumps(options))  # noqa: SLF001
        except self._helm.HelmError as error:
            raise render_error(str(error)) from error
        texts: dict[str, str] = json.loads(rendered)
        return {path: text for path, text in texts.items() if text.strip() and not path.endswith("NOTES.txt")}

    def values(self, chart: Chart, request: RenderRequest) -> dict[str, Any]:
        """See Engine.values."""
        try:
            merged: dict[str, Any] = self._handle(chart).merge_values(resolved(self._helm, request))
        except self._helm.HelmError as error:
            raise render_error(str(error)) from error
        return merged

    def read_yaml(self, text: str) -> Any:
        """See Engine.read_yaml; the library reads maps only, so anything else is read one level down."""
        try:
            return self._helm.values_from_yaml(text)
        except self._helm.HelmError as error:
            raise RenderError(str(error)) from error

    def read_documents(self, texts: list[str]) -> list[Any]:
        """See Engine.read_documents."""
        return [self.read_yaml(text) for text in texts]

    def _handle(self, chart: Chart) -> Any:
        if any(path.startswith("charts/") for path in chart.files):
            # Rendering drops disabled subcharts from the loaded chart for good (Helm's ProcessDependencies), so what
            # was rendered once answers for its first values only.
            stale = self._loaded.pop(id(chart), None)
            if stale:
                stale[1].close()
        if id(chart) not in self._loaded:
            while len(self._loaded) >= _KEPT:
                _, handle = self._loaded.pop(next(iter(self._loaded)))
                handle.close()
            self._loaded[id(chart)] = (chart, self._load(chart))
        return self._loaded[id(chart)][1]

    def _load(self, chart: Chart) -> Any:
        try:
            return self._helm.Chart.load_archive(archive_of(chart))
        except self._helm.HelmError as error:
            raise render_error(str(error)) from error


def archive_of(chart: Chart) -> bytes:
    """The chart as the `.tgz` Helm loads, the same bytes for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        for path in sorted(chart.files):
            data = chart.files[path]
            member = tarfile.TarInfo(f"{chart.name}/{path}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
