"""The interface to Helm: the embedded one (helm-python-sdk, in a worker process) or the `helm` on PATH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest


class Engine(Protocol):
    """One Helm. Every method raises RenderError for errors in the chart or its values, LimitExceeded for a chart that
    exceeds the limits of time, memory or output, HelmError otherwise.
    """

    @property
    def version(self) -> str:
        """Helm's own version, such as `4.2.3`."""

    def render(self, chart: Chart, request: RenderRequest) -> Mapping[str, str]:
        """Template path → rendered text, as `helm template` prints it, hooks included.

        Keys are `<chart name>/templates/…`, subcharts `<chart name>/charts/<sub>/templates/…`; without
        empty outputs and NOTES.txt. Doesn't write into the chart's folder.
        """

    def values(self, chart: Chart, request: RenderRequest) -> dict[str, Any]:
        """The values a template sees as `.Values`: the chart's defaults coalesced with the request's."""

    def read_yaml(self, text: str) -> Any:
        """One YAML document as Helm reads it (`fromYaml`): y, 1:30, 010, 1e3 and `<<` have Helm's meaning."""

    def read_documents(self, texts: list[str]) -> list[Any]:
        """`read_yaml` for many documents in one call: starting a process costs more than reading."""
