"""Which Helm reads the chart: the embedded one, the one on PATH, or the one the user names."""

from __future__ import annotations

import importlib.util
import shutil
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.errors import HelmError
from chartgen.helm.limits import RenderLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest

_HOW = "pip install 'chartgen[helm]', or put helm 3.8 or newer on PATH, or name one with --helm PATH"


class HelmChoice(NamedTuple):
    """The options about Helm: `program` as select_engine takes it, and what one chart may use."""

    program: str = "auto"
    limits: RenderLimits = RenderLimits()


def select_engine(choice: str = "auto", limits: RenderLimits | None = None) -> Engine:
    """`auto` (embedded, else `helm` on PATH), `embedded`, or the path of a helm binary; HelmError without any."""
    if choice in {"auto", "embedded"} and importlib.util.find_spec("helm_python"):
        from chartgen.helm.embedded import EmbeddedEngine

        return EmbeddedEngine(limits)
    if choice == "embedded":
        raise HelmError("the embedded Helm is not installed", hint=_HOW)
    path = shutil.which("helm" if choice == "auto" else choice)
    if path is None:
        missing = "no Helm found" if choice == "auto" else f"--helm {choice}: program not found"
        raise HelmError(missing, hint=_HOW)
    from chartgen.helm.binary import BinaryEngine

    return BinaryEngine(path, limits)


def deferred_engine(choice: str = "auto", limits: RenderLimits | None = None) -> Engine:
    """As select_engine, but the embedded Helm only starts when it is asked something."""
    if choice in {"auto", "embedded"} and importlib.util.find_spec("helm_python"):
        return DeferredEngine(choice, limits)
    return select_engine(choice, limits)


class DeferredEngine:
    """The engine of select_engine, started by the first request."""

    def __init__(self, choice: str, limits: RenderLimits | None) -> None:
        self._choice, self._limits = choice, limits

    @cached_property
    def _engine(self) -> Engine:
        return select_engine(self._choice, self._limits)

    def another(self) -> DeferredEngine:
        """The same choice, with a Helm of its own."""
        return DeferredEngine(self._choice, self._limits)

    @property
    def version(self) -> str:
        """See Engine.version."""
        return self._engine.version

    def render(self, chart: Chart, request: RenderRequest) -> Mapping[str, str]:
        """See Engine.render."""
        return self._engine.render(chart, request)

    def values(self, chart: Chart, request: RenderRequest) -> dict[str, Any]:
        """See Engine.values."""
        return self._engine.values(chart, request)

    def read_yaml(self, text: str) -> Any:
        """See Engine.read_yaml."""
        return self._engine.read_yaml(text)

    def read_documents(self, texts: list[str]) -> list[Any]:
        """See Engine.read_documents."""
        return self._engine.read_documents(texts)
