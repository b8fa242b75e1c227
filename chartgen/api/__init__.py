"""The Python API: typed functions that the commands use, too.

Nothing else of the package is public. Each keyword of a function is the option of the command with the same name
(`--step-weight` is `step_weight`), with the same default; options that can be repeated take a list. The functions print
nothing. Each failure is a ChartgenError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.errors import ChartgenError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from typing_extensions import Unpack

    from chartgen.api.add_canary_result import AddCanaryResult
    from chartgen.api.emit_result import EmitResult
    from chartgen.api.session import Session
    from chartgen.api.settings import AddCanarySettings, EmitSettings, LintSettings, PlanSettings
    from chartgen.lint.finding import LintResult
    from chartgen.planning.report import Report as PlanReport

# Session and the types of the results are imported when they are used: the commands import this package at their start.
_HOMES = {
    "AddCanaryResult": "chartgen.api.add_canary_result",
    "EmitResult": "chartgen.api.emit_result",
    "LintResult": "chartgen.lint.finding",
    "PlanReport": "chartgen.planning.report",
    "Session": "chartgen.api.session",
}
__all__ = [
    "AddCanaryResult",
    "ChartgenError",
    "EmitResult",
    "LintResult",
    "PlanReport",
    "Session",
    "add_canary",
    "emit",
    "lint",
    "plan",
]


def add_canary(
    chart: str | Path, *, write: bool = True, session: Session | None = None, **settings: Unpack[AddCanarySettings]
) -> AddCanaryResult:
    """Add a Flagger canary to the chart in the folder `chart`, verified with Helm, or change the one it has.

    With `write=False`, the files stay as they are; the result describes the change. Either all files are written or
    none. The keywords are listed in chartgen.api.settings.AddCanarySettings.
    """
    from chartgen.api.adding import add
    from chartgen.api.boundary import located
    from chartgen.api.session import Session

    with located(chart):
        return add(chart, settings, session or Session(), write=write)


def lint(
    paths: str | Path | Iterable[str | Path], *, session: Session | None = None, **settings: Unpack[LintSettings]
) -> LintResult:
    """Find mistakes in the canaries of charts; `paths` are charts, folders of charts, archives, or manifests.

    A chart that can't be checked is one of `errors` of the result; if none can, the first error is raised. The keywords
    are listed in chartgen.api.settings.LintSettings.
    """
    from chartgen.api.boundary import located
    from chartgen.api.linting import lint_charts
    from chartgen.api.session import Session

    given = [paths] if isinstance(paths, str) or not hasattr(paths, "__iter__") else list(paths)
    with located(given[0] if len(given) == 1 else ""):
        return lint_charts(given, settings, session or Session())


def emit(chart: str | Path, *, session: Session | None = None, **settings: Unpack[EmitSettings]) -> EmitResult:
    """Render the Canaries, MetricTemplates, and AlertProviders of a chart (a folder or an archive).

    Raises ChartgenError if the chart renders no Canary with these settings. The keywords are listed in
    chartgen.api.settings.EmitSettings.
    """
    from chartgen.api.boundary import located
    from chartgen.api.emitting import emit_objects
    from chartgen.api.session import Session

    with located(chart):
        return emit_objects(chart, settings, session or Session())


def plan(chart: str | Path, *, session: Session | None = None, **settings: Unpack[PlanSettings]) -> PlanReport:
    """Simulate what Flagger does with each Canary of a chart, an archive, a file of manifests, or `-` for stdin.

    `exceeded` of the result lists the budgets that a plan exceeds. The keywords are listed in
    chartgen.api.settings.PlanSettings.
    """
    from chartgen.api.boundary import located
    from chartgen.api.planning import plan_canaries
    from chartgen.api.session import Session

    with located(chart):
        return plan_canaries(str(chart), settings, session or Session())


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), "Report" if name == "PlanReport" else name)
