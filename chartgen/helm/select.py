"""Which Helm reads the chart: the embedded one, the one on PATH, or the one the user names."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.errors import HelmError
from chartgen.helm.limits import RenderLimits

if TYPE_CHECKING:
    from chartgen.helm.engine import Engine

_HOW = "pip install 'chartgen[helm]', or put helm 3.8 or newer on PATH, or name one with --helm PATH"


@dataclass(frozen=True, slots=True)
class HelmChoice:
    """The options about Helm: `program` as select_engine takes it, and what one chart may use."""

    program: str = "auto"
    limits: RenderLimits = field(default_factory=RenderLimits)


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
