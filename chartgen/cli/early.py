"""Helm loads while chartgen reads its options and imports what the command needs."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartgen.cli.remembered import RememberedRun

# The commands that always render a chart, unless their arguments are wrong or ask for something else.
_RENDERING = ("add-canary", "emit", "plan")
_NOT_FOR = ("--helm", "--help", "-h", "--show-config", "--render-timeout", "--render-memory")
_VARIABLES = ("CHARTGEN_HELM", "CHARTGEN_RENDER_TIMEOUT", "CHARTGEN_RENDER_MEMORY")


def start_helm_early(arguments: Sequence[str], remembered: RememberedRun | None) -> None:
    """Start the embedded Helm if the command will use it: for `lint`, if a chart may have a canary."""
    if arguments[:1] == ["lint"]:
        wanted = remembered is not None and remembered.will_render
    else:
        wanted = arguments[:1] != [] and arguments[0] in _RENDERING
    options = {argument.partition("=")[0] for argument in arguments}
    if not wanted or options.intersection(_NOT_FOR) or any(name in os.environ for name in _VARIABLES):
        return
    if importlib.util.find_spec("helm_python"):
        from chartgen.helm.limits import RenderLimits
        from chartgen.helm.worker_process import start_early

        start_early(RenderLimits())
