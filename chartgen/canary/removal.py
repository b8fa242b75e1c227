"""From a chart with canaries of chartgen's to one complete, proven plan that takes them out again.

It works from what identifies chartgen's own parts, whatever they contain: the header of its templates, the lines around
the Service and the replicas, and the keys of its blocks in values.yaml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chartgen.canary.conflicts import created_files, without_canary, without_slots
from chartgen.canary.editor_comments import without_schema_line
from chartgen.canary.existing import delivery_in, existing_canaries, existing_toggle
from chartgen.canary.files import is_edited
from chartgen.canary.options import DELIVERIES
from chartgen.canary.other_values import OtherValues, other_values
from chartgen.canary.own_values import changed_settings
from chartgen.charts.positions import top_level_keys
from chartgen.charts.vendored import with_subcharts_opened
from chartgen.edits.plan import Plan
from chartgen.errors import ConflictError, UsageError
from chartgen.flagger.emission import default_namespace
from chartgen.helm.request import RenderRequest, ValueSources
from chartgen.manifests.switches.gates import gated_namespaces, mentions
from chartgen.proof.removal import RemovalCase, prove_removal
from chartgen.proof.renderer import Renderer
from chartgen.proof.variations import variations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.existing import ExistingCanary
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest

_ELSEWHERE = "outside-the-gate"
_HINT = "nothing was written; resolve this and run `chartgen remove-canary` again"
_HEADING = "problems prevent removing the canary"


@dataclass(frozen=True, slots=True)
class RemoveOptions:
    """The options of one `remove-canary`.

    `targets` are the workloads whose Canaries are removed, all if empty. `force`: delete chartgen's templates even if
    they were edited by hand.
    """

    targets: tuple[str, ...] = ()
    force: bool = False
    release_name: str | None = None
    sources: ValueSources = field(default_factory=ValueSources)


@dataclass(frozen=True, slots=True)
class PlannedRemoval:
    """A proven plan. It is empty if the chart has no canary of chartgen's.

    `edited` has a line for each part that was edited by hand since, with what happens to it; `others` are values files
    that still set the canaries' keys, and `rejects_others`: Helm will reject them, because values.schema.json forbids
    keys that it doesn't name. `canaries` are rendered while the canary is on, in `namespaces`; `delivery` deploys them.
    """

    plan: Plan
    edited: tuple[str, ...] = ()
    others: tuple[OtherValues, ...] = ()
    rejects_others: bool = False
    canaries: tuple[Manifest, ...] = ()
    namespaces: tuple[str, ...] = ()
    renderings: int = 0
    delivery: str = DELIVERIES[0]


def plan_removal(engine: Engine, chart: Chart, options: RemoveOptions) -> PlannedRemoval:
    """The plan that removes the canaries, proven by Helm; writes nothing, raises ChartgenError if it can't."""
    if chart.packaged:
        raise UsageError(f"{chart.root}: chartgen can't change a packaged chart", hint="unpack it, or use its source")
    stripped = without_canary(chart)
    found = existing_canaries(engine, chart, stripped)
    if not found:
        _refuse_hand_made(chart)
        return PlannedRemoval(Plan(chart.root, ()))
    current, renderer = with_subcharts_opened(chart), Renderer(engine)
    request = _request(engine, chart, options)
    chosen = _chosen(renderer, current, request, found, options.targets)
    slots = [each.slot for each in chosen]
    own = without_slots(chart, slots)
    edited = [path for path in created_files(chart) if path not in own.files and is_edited(chart.text(path))]
    _refuse(own, [slot.prefix(chart.name) for slot in slots], edited, options)
    after = _after(chart, own, [slot.key for slot in slots])
    files = {path: data for path, data in {**chart.files, **after}.items() if data is not None}
    without = with_subcharts_opened(replace(own, files=files))
    cases = _cases(renderer, current, without, request, chosen)
    return PlannedRemoval(
        Plan.of(chart.root, chart.files, after),
        tuple(_edited_lines(engine, chosen, edited)),
        tuple(other for slot in slots for other in other_values(chart, slot.key)),
        _rejects(renderer, without, request, slots[0].key),
        renderings=prove_removal(renderer, current, without, cases),
        canaries=tuple(_canaries(renderer, current, request, chosen)),
        delivery=delivery_in(chosen[0].template),
        namespaces=gated_namespaces(engine, chart, request),
    )


def _refuse_hand_made(chart: Chart) -> None:
    """Raise ConflictError if the chart has a Canary that chartgen didn't add."""
    if mentions(chart):
        raise ConflictError(
            [f"{chart.root}: the chart's Canary wasn't added by chartgen, so it can't tell what belongs to it"],
            hint=f"remove it by hand, or let chartgen take it over first: chartgen migrate --adopt {chart.root}",
        )


def _chosen(
    renderer: Renderer, chart: Chart, request: RenderRequest, found: list[ExistingCanary], targets: tuple[str, ...]
) -> list[ExistingCanary]:
    """The Canaries of these targets, all without any; UsageError names a target without a Canary."""
    if not targets:
        return found
    by_target: dict[str, ExistingCanary] = {}
    for each in found:
        for canary in _canaries(renderer, chart, request, [each]):
            by_target[str(canary.get(("spec", "targetRef", "name")))] = each
    chosen = []
    for target in targets:
        names = [name for name in by_target if target in {name, name.removeprefix(f"{request.release_name}-")}]
        if not names:
            known = ", ".join(sorted(by_target))
            raise UsageError(f"--target {target}: chartgen added no canary for it", hint=f"choose one of {known}")
        chosen.append(by_target[names[0]])
    return chosen


def _refuse(own: Chart, prefixes: list[str], edited: list[str], options: RemoveOptions) -> None:
    problems = [] if options.force else [f"{path} was edited after chartgen created it" for path in edited]
    hint = "commit the edits if you need them again, then run with --force to delete them" if problems else _HINT
    leftovers = [line for prefix in prefixes for line in _leftovers(own, prefix)]
    if problems or leftovers:
        raise ConflictError([*problems, *leftovers], hint=_HINT if leftovers else hint, heading=_HEADING)


def _leftovers(own: Chart, prefix: str) -> Iterator[str]:
    """A line for each template that still uses chartgen's named templates: its lines there were edited by hand."""
    uses = re.compile(rf"(?:include|template|define)\s+\"({re.escape(prefix)}\.[\w.-]+)\"")
    for path in sorted(own.files):
        text = own.text(path) if path.startswith("templates/") else ""
        for match in uses.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield (
                f"{path}:{line} uses {match[1]}, but not in the lines that add-canary writes. Remove what uses it there"
            )


def _after(chart: Chart, own: Chart, keys: list[str]) -> dict[str, bytes | None]:
    """Every file that differs without the Canaries, None for a deleted one."""
    from chartgen.edits.json_undo import remove_property
    from chartgen.edits.yaml_undo import remove_block

    after: dict[str, bytes | None] = dict.fromkeys(path for path in chart.files if path not in own.files)
    after |= {path: data for path, data in own.files.items() if chart.files[path] != data}
    values, schema = chart.files.get("values.yaml"), chart.files.get("values.schema.json")
    # The last one added first: only then is each block where its adding left it.
    for key in reversed(keys):
        if values is not None and key in top_level_keys(values.decode("utf-8", "surrogateescape")):
            values = after["values.yaml"] = remove_block(without_schema_line(values, key), key)
        if schema is not None:
            schema = after["values.schema.json"] = remove_property(schema, key)
    return after


def _request(engine: Engine, chart: Chart, options: RemoveOptions) -> RenderRequest:
    request = RenderRequest(release_name=options.release_name or "release-name", sources=options.sources)
    return replace(request, namespace=default_namespace(engine, chart, request))


def _switched(request: RenderRequest, chosen: list[ExistingCanary], *, on: bool) -> RenderRequest:
    """The request with these Canaries on in every namespace, or off."""
    for each in chosen:
        settings: dict[str, object] = {existing_toggle(each): on}
        if on and "namespaces" in each.block:
            settings["namespaces"] = []
        request = request.over({each.slot.key: settings})
    return request


def _cases(
    renderer: Renderer, current: Chart, without: Chart, request: RenderRequest, chosen: list[ExistingCanary]
) -> Iterator[RemovalCase]:
    """Every release of the proof with the canary off inside its namespaces, and as it is outside of them."""
    rendering = renderer.attempt(without, request)
    values = rendering.values if rendering else {}
    for variation in variations(renderer.engine, without, request, values, ()):
        off = _switched(variation.request, chosen, on=False)
        yield RemovalCase(f"{variation.label}, canary off", variation.request, off)
    if gated_namespaces(renderer.engine, current, request):
        outside = replace(request, namespace=_ELSEWHERE)
        yield RemovalCase(f"namespace {_ELSEWHERE}", outside, outside)


def _rejects(renderer: Renderer, without: Chart, request: RenderRequest, key: str) -> bool:
    """Whether Helm rejects a values file that still sets the key."""
    still_set = renderer.attempt(without, request.over({key: {"enable": False}}))
    return still_set is None and renderer.attempt(without, request) is not None


def _canaries(
    renderer: Renderer, chart: Chart, request: RenderRequest, chosen: list[ExistingCanary]
) -> Iterator[Manifest]:
    rendering = renderer.attempt(chart, _switched(request, chosen, on=True))
    for each in chosen if rendering else ():
        for manifest in rendering.of_kind("Canary") if rendering else ():
            if manifest.template == f"{chart.name}/{each.slot.canary}":
                yield manifest


def _edited_lines(engine: Engine, chosen: list[ExistingCanary], edited: list[str]) -> Iterator[str]:
    for path in edited:
        yield f"{path} was edited after chartgen created it; it is deleted with the edits"
    settings = [setting for each in chosen for setting in changed_settings(engine, each)]
    if settings:
        yield (
            f"values.yaml: the block that is removed has settings other than add-canary's defaults:"
            f" {', '.join(settings)}"
        )
