"""From a chart with a Canary made by hand to one complete, proven plan that brings it to the current versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.canary.conflicts import created_files
from chartgen.charts.vendored import with_subcharts_opened
from chartgen.edits.plan import Plan
from chartgen.errors import ConflictError, UsageError
from chartgen.flagger.crd import admit
from chartgen.flagger.former import CURRENT
from chartgen.helm.request import RenderRequest, ValueSources
from chartgen.migration.edits import Left, Made, migrate_source, releases_of
from chartgen.migration.meaning import canaries_of, require_same_meaning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.migration.edits import MigratedSource
    from chartgen.rules.releases import Releases

_HEADING = "problems prevent the migration"


@dataclass(frozen=True, slots=True)
class MigrateOptions:
    """The options of one `migrate`. `adopt`: replace the Canary's template with chartgen's own."""

    adopt: bool = False
    release_name: str | None = None
    sources: ValueSources = field(default_factory=ValueSources)


@dataclass(frozen=True, slots=True)
class PlannedMigration:
    """A proven plan; empty if nothing in the chart's Canaries needs to change.

    `canaries` are their names. `made` are the edits, `left` what has to be edited by hand, and `rejected` what the API
    server rejects in a Canary also after the migration. `renderings` were compared, and `rollouts` simulated. `unread`
    are keys of the values that an adopted Canary doesn't read any more.
    """

    plan: Plan
    canaries: tuple[str, ...]
    made: tuple[Made, ...] = ()
    left: tuple[Left, ...] = ()
    rejected: tuple[str, ...] = ()
    renderings: int = 0
    rollouts: int = 0
    unread: tuple[str, ...] = ()


def plan_migration(engine: Engine, chart: Chart, options: MigrateOptions) -> PlannedMigration:
    """The plan for `chart`, proven by Helm and the simulator; writes nothing, raises ChartgenError if it can't."""
    if chart.packaged:
        raise UsageError(f"{chart.root}: chartgen can't change a packaged chart", hint="unpack it, or use its source")
    opened = with_subcharts_opened(chart)
    request = RenderRequest(release_name=options.release_name or "release-name", sources=options.sources)
    releases, usual = releases_of(engine, opened, request)
    names = _require_canaries(chart, releases)
    if own := created_files(chart):
        _refuse_own(chart, own, releases)
        return PlannedMigration(Plan(chart.root, ()), names)
    migrated = migrate_source(engine, releases, usual)
    if options.adopt:
        return _adopted(engine, chart, migrated, request, names)
    _refuse_half(chart, migrated)
    plan = Plan.of(chart.root, opened.files, migrated.after.files)
    if not plan:
        return PlannedMigration(plan, names, left=migrated.left, rejected=tuple(_rejected(migrated)))
    pairs = zip(releases.renderings, migrated.after.releases.renderings, strict=True)
    rollouts = sum(require_same_meaning(engine, before, after) for before, after in pairs)
    return PlannedMigration(
        plan,
        names,
        migrated.made,
        migrated.left,
        tuple(_rejected(migrated)),
        len(releases.renderings),
        rollouts,
    )


def _adopted(
    engine: Engine, chart: Chart, migrated: MigratedSource, request: RenderRequest, names: tuple[str, ...]
) -> PlannedMigration:
    """The plan that replaces the Canary with chartgen's own, starting from the migrated chart."""
    from chartgen.migration.adoption import adopt

    current = migrated.after.releases.chart
    adoption = adopt(engine, current, migrated.after.releases, request)
    edited = {path: data for path, data in current.files.items() if migrated.before.chart.files.get(path) != data}
    return PlannedMigration(
        Plan.of(chart.root, migrated.before.chart.files, {**edited, **adoption.after}),
        names,
        migrated.made,
        tuple(left for left in migrated.left if left.kind != "Canary"),
        unread=adoption.unread,
        renderings=adoption.renderings,
        rollouts=adoption.rollouts,
    )


def _require_canaries(chart: Chart, releases: Releases) -> tuple[str, ...]:
    """The names of the Canaries; raises if the chart has none, or renders none."""
    if releases.exceeded:
        raise releases.exceeded
    names = dict.fromkeys(canary.name for rendering in releases.renderings for canary in canaries_of(rendering))
    if names:
        return tuple(names)
    if releases.failures:
        raise releases.failures[0].error
    if not releases.has_canary:
        raise UsageError(f"{chart.root}: the chart has no Canary", hint=f"add one: chartgen add-canary {chart.root}")
    raise UsageError(
        f"{chart.root}: the chart renders its Canary with none of the values that chartgen tried",
        hint="set the values that render it with -f or --set",
    )


def _refuse_own(chart: Chart, own: list[str], releases: Releases) -> None:
    """Raise ConflictError for a Canary of an old version that add-canary wrote: it rewrites it."""
    versions = {canary.api_version for rendering in releases.renderings for canary in canaries_of(rendering)}
    if versions - {CURRENT}:
        raise ConflictError(
            [f"{', '.join(own)}: the Canary was added by chartgen, so add-canary updates it"],
            hint=f"chartgen add-canary {chart.root} --api-version v1beta1",
        )


def _refuse_half(chart: Chart, migrated: MigratedSource) -> None:
    """Raise ConflictError if a Canary would be neither old nor new."""
    half = [left for left in migrated.left if left.prevents]
    if half:
        raise ConflictError(
            [left.text for left in half],
            hint=f"nothing was written; edit these by hand and run again, or use chartgen's own template:"
            f" chartgen migrate --adopt {chart.root}",
            heading=_HEADING,
        )


def _rejected(migrated: MigratedSource) -> Iterator[str]:
    found: dict[str, None] = {}
    for rendering in migrated.after.releases.renderings[: migrated.usual]:
        for canary in canaries_of(rendering):
            for refusal in admit(canary.body).refusals:
                value = canary.get(refusal.at)
                if (value is None or value == "") and refusal.at != ("spec", "analysis"):
                    continue  # a value that each environment sets
                found[f"Canary {canary.name}: {'.'.join(map(str, refusal.at))}: {refusal.message}"] = None
    yield from found
