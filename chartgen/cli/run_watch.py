"""Runs `chartgen watch`: follows the rollout and prints it as lines, JSON lines or a view that redraws."""

from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import typer

from chartgen.cli import exit_codes
from chartgen.cli.output import note
from chartgen.cluster.access.resources import CANARIES
from chartgen.cluster.access.source import UnreadableError
from chartgen.cluster.drift.drift import runs_what_is_wanted
from chartgen.cluster.preflight.metric_checks import values_of
from chartgen.cluster.preflight.run import context_of
from chartgen.cluster.watching.expectation import expectation
from chartgen.cluster.watching.feed import Feed
from chartgen.cluster.watching.follow import follow
from chartgen.cluster.watching.rollout import Limits, Result, new_rollout
from chartgen.errors import ClusterError
from chartgen.flagger.canary import as_str
from chartgen.flagger.crd import NEWEST, newer_note
from chartgen.flagger.schedule.state import BOOTSTRAP_PHASES
from chartgen.manifests.manifest import value_at
from chartgen.reporters.watch_formats import end_line, header, json_end, json_update, text_line, title, view

if TYPE_CHECKING:
    from chartgen.cluster.access.live import LiveSource
    from chartgen.cluster.access.source import Object
    from chartgen.cluster.preflight.context import Context
    from chartgen.cluster.watching.expectation import Expectation
    from chartgen.cluster.watching.rollout import Update

# To the upper left corner; what is left of an older line; what is below.
_HOME, _LINE_END, _BELOW = "\x1b[H", "\x1b[K\n", "\x1b[J"
_CLEAR = "\x1b[2J"


def run(source: LiveSource, namespace: str, name: str, limits: Limits, format_name: str) -> int:
    """Watch one Canary; returns the exit code."""
    body = _canary(source, namespace, name)
    feed = Feed(source, namespace, name).start()
    context = context_of(body, (), source)
    plan = _plan(body, source, context)
    rollout = new_rollout(body, plan, limits, time.time(), lambda: runs_what_is_wanted(source, body))
    printer = _printer(format_name, title(f"{namespace}/{name}", source.name), plan)

    def report(update: Update) -> None:
        measured = not update.message and update.position.weight > 0
        printer.show(replace(update, metrics=values_of(context)) if measured else update)

    end = follow(feed, rollout, report, printer.beat)
    if format_name == "json":
        printer.result(json_end(end, time.time()))
    if end.result is Result.DELETED:
        raise ClusterError(f"Canary {namespace}/{name}: {end.reason}", hint="find out who deleted it, and deploy again")
    if format_name != "json":
        printer.result(end_line(end))
    return exit_codes.OK if end.result.exit_ok else exit_codes.FOUND


def _canary(source: LiveSource, namespace: str, name: str) -> Object:
    try:
        body = source.get(CANARIES, namespace, name)
    except UnreadableError as error:
        raise ClusterError(f"{source.name}: {error.reason}", hint=error.command or None) from error
    if body is None:
        raise ClusterError(
            f"Canary {namespace}/{name} doesn't exist",
            hint=f"look for it: kubectl get canaries --namespace {namespace}",
        )
    return {"apiVersion": CANARIES.api_version, "kind": CANARIES.kind, **body}


def _plan(body: Object, source: LiveSource, context: Context) -> Expectation:
    phase = as_str(value_at(body, ("status", "phase")))
    version = context.flagger.version if context.flagger and context.flagger.version else NEWEST
    if remark := newer_note(version):
        note(remark)
        version = NEWEST
    provider = context.flagger.provider if context.flagger else ""
    plan = expectation(body, source, version, provider, bootstrap=phase in BOOTSTRAP_PHASES)
    if plan.reason:
        note(f"no complete plan to compare with: {plan.reason}")
    return plan


def _printer(format_name: str, title: str, plan: Expectation) -> Printer:
    if format_name == "json":
        return JsonPrinter()
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and os.environ.get("CI", "").lower() in {"", "false"}:
        return ViewPrinter(title, plan)
    return LinePrinter(title)


class Printer:
    """Where updates are shown."""

    def show(self, update: Update) -> None:
        """Show one update."""
        raise NotImplementedError

    def beat(self, at: float) -> None:
        """Nothing happened until `at`."""

    def result(self, line: str) -> None:
        """Show the last line."""
        _print(line)


class LinePrinter(Printer):
    """A line per update, for logs."""

    def __init__(self, title: str) -> None:
        _print(title)
        _print(header())

    def show(self, update: Update) -> None:
        """Print the line."""
        _print(text_line(update))


class JsonPrinter(Printer):
    """A JSON document per line."""

    def show(self, update: Update) -> None:
        """Print the document."""
        _print(json_update(update))


@dataclass(slots=True)
class ViewPrinter(Printer):
    """A view of the whole rollout, drawn again at each change and each second."""

    title: str
    plan: Expectation
    updates: list[Update] = field(default_factory=list)
    drawn: bool = False

    def show(self, update: Update) -> None:
        """Draw it anew."""
        self.updates.append(update)
        self.beat(update.at)

    def beat(self, at: float) -> None:
        """Draw the clock anew."""
        width, height = shutil.get_terminal_size()
        lines = view(self.title, self.plan, self.updates, at, width)[: height - 1]
        clear = "" if self.drawn else _CLEAR
        self.drawn = True
        typer.echo(f"{clear}{_HOME}{_LINE_END.join(lines)}{_LINE_END}{_BELOW}".encode(), nl=False)
        sys.stdout.flush()


def _print(line: str) -> None:
    typer.echo(line.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()
