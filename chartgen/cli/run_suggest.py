"""Runs `chartgen plan --suggest`: searches the settings, prints them, and writes them into the chart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.api.plan_canaries import canary_contexts, require_one
from chartgen.api.planning import plan_inputs
from chartgen.api.unfinished import refuse_unfinished, warn_unfinished
from chartgen.cli import exit_codes
from chartgen.cli.output import note, write_result
from chartgen.cli.run_fix import diff_prefix
from chartgen.cli.write_suggestion import Writer, require_writable
from chartgen.edits.diff import unified_diff
from chartgen.edits.transaction import apply
from chartgen.errors import ChartgenError, UsageError
from chartgen.planning.detection.discrimination import TOLERABLE_FALSE_ALARM
from chartgen.planning.suggestion.search import suggest
from chartgen.planning.suggestion.space import Limits
from chartgen.reporters.suggestion_json import suggestion_json
from chartgen.reporters.suggestion_text import present_settings, suggestion_text

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.api.plan_request import CanarySource, PlanOptions
    from chartgen.api.session import Session
    from chartgen.api.settings import PlanSettings
    from chartgen.cli.write_suggestion import PlannedEdit
    from chartgen.helm.engine import Engine
    from chartgen.planning.budgets import Budgets
    from chartgen.planning.request import CanaryContext
    from chartgen.planning.suggestion.suggestion import Suggestion

FORMATS = {"text": suggestion_text, "json": suggestion_json}
# What a healthy service does, and how often a false alarm may stop its release, unless options or a policy say more.
_HEALTHY_ERROR_RATE = "0.1%"


@dataclass(frozen=True, slots=True)
class Action:
    """What happens with the settings that are found, beyond printing them."""

    write: bool
    diff: bool


def action_of(*, suggest: bool, write: bool, diff: bool) -> Action | None:
    """None without `--suggest`; UsageError for options that need it."""
    if suggest:
        return Action(write and not diff, diff)
    for option, given in (("--write", write), ("--diff", diff)):
        if given:
            raise UsageError(f"{option} requires --suggest", hint="add --suggest and the budgets to meet")
    return None


def with_defaults(
    options: PlanOptions, budgets: Budgets, format_name: str, compare: str
) -> tuple[PlanOptions, Budgets]:
    """The options and budgets of a search; UsageError for those that it can't use."""
    unusable = {
        "--bootstrap": options.bootstrap,
        "--scenario": options.scenarios,
        "--compare": compare,
        "--error-rates": options.error_rates,
        "--slow-rate": options.slow_rates,
    }
    for option, given in unusable.items():
        if given:
            raise UsageError(f"--suggest can't be combined with {option}", hint=f"leave out {option}")
    if format_name not in FORMATS:
        raise UsageError(f"--suggest has no format {format_name}", hint=f"choose {' or '.join(FORMATS)}")
    if options.rps is None and options.week is None:
        raise UsageError(
            "--suggest requires the traffic",
            hint="add --rps N, the requests per second on the whole service, or --traffic FILE",
        )
    if not budgets.detect:
        raise UsageError(
            "--suggest requires --detect",
            hint="add --detect 2%:95% for releases that fail 2 % and must be rolled back with a probability of 95 %",
        )
    alarm = TOLERABLE_FALSE_ALARM if budgets.false_alarm is None else budgets.false_alarm
    options = replace(options, healthy_error_rate=options.healthy_error_rate or _HEALTHY_ERROR_RATE)
    return options, replace(budgets, false_alarm=alarm)


def run(
    chart: str, settings: PlanSettings, session: Session, action: Action, *, format_name: str, output: Path | None
) -> int:
    """Run one search; returns the exit code: 1 if no setting meets the budgets."""
    inputs = plan_inputs(chart, settings, session)
    source = inputs.source
    options, budgets = with_defaults(inputs.options, inputs.budgets, format_name, settings.get("compare", ""))
    request = options.request(budgets)
    if action.write or action.diff:
        require_writable(source)
    if action.write and source.folder:
        refuse_unfinished(source.folder)
    elif source.folder:
        warn_unfinished([source.folder], note)
    engine = session.engine
    context = require_one(canary_contexts(engine, source, note), source.label)
    writes = action.write or action.diff
    writer = _writer(engine, source, context, writes=writes)
    limits = Limits(
        inputs.policy.max_weight, inputs.policy.max_step, same_form=writer is not None and writer.keeps_form
    )
    found = suggest(context, request, budgets, limits)
    found = replace(found, values=writer.values(found) if writer else None)
    edit = writer.edit(found) if writer and writes and found.chosen else None
    if not action.diff:
        write_result(FORMATS[format_name](found), output)
    if found.chosen is None:
        if action.write or action.diff:
            note("nothing was written: no setting meets the budgets")
        return exit_codes.FOUND
    if edit:
        _carry_out(edit, found, action, output)
    return exit_codes.OK


def _carry_out(edit: PlannedEdit, found: Suggestion, action: Action, output: Path | None) -> None:
    """Print or write the change, then say what else there is to know."""
    if action.diff:
        for line in present_settings(found):
            note(line)
        write_result(unified_diff(edit.plan, diff_prefix(edit.plan.root)), output)
    else:
        apply(edit.plan)
    for line in edit.remarks(would=action.diff):
        note(line)


def _writer(engine: Engine, source: CanarySource, context: CanaryContext, *, writes: bool) -> Writer | None:
    """None if nothing can be written, and nothing should be."""
    if writes:
        return Writer.of(engine, source, context)
    try:
        return Writer.of(engine, source, context) if source.folder else None
    except ChartgenError:
        return None
