"""Which Canaries one run writes: those of the chart, and new ones for further targets, each with its options."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.canary.existing import delivery_in, read_back
from chartgen.canary.occupied_slots import occupied_slots
from chartgen.canary.options import AddCanaryOptions
from chartgen.canary.slots import FIRST, Slot, slot_for
from chartgen.canary.survey import is_called, surroundings_of
from chartgen.canary.targets import KNATIVE, choose_target, possible_targets
from chartgen.errors import ConflictError
from chartgen.helm.request import RenderRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.canary.existing import ExistingCanary
    from chartgen.charts.chart import Chart
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.renderer import Renderer

# The release of the renderings, and so in the names of objects, unless --release-name sets another.
RELEASE = "release-name"


@dataclass(frozen=True, slots=True)
class CanaryJob:
    """One Canary to write: `options` name its target and slot. `asked`: the options of the command are for it."""

    options: AddCanaryOptions
    existing: ExistingCanary | None
    asked: bool


def request_of(options: AddCanaryOptions) -> RenderRequest:
    """The release to analyze, as a current server sees it: the first namespace of the canary."""
    request = RenderRequest(
        release_name=options.release_name or RELEASE,
        namespace=options.namespaces[0] if options.namespaces else "default",
        sources=options.sources,
    )
    return request.as_served()


def jobs(
    renderer: Renderer, chart: Chart, original: Chart, found: list[ExistingCanary], options: AddCanaryOptions
) -> list[CanaryJob]:
    """The Canaries in the order of their slots. `original` is `chart` without those `found` in it.

    Without a target, the options are for all Canaries of the chart, or for a new one if there is none yet. Raises
    ConflictError and UsageError if a target isn't clear.
    """
    rendered = {existing.slot: _rendered(renderer, chart, existing, options) for existing in found}
    targets = {slot: target for slot, (target, _) in rendered.items()}
    apexes = {slot: apex for slot, (_, apex) in rendered.items()}
    if not (options.targets or options.all_targets):
        if not found:
            return [_first_job(renderer, original, options)]
        result = [_existing_job(chart, existing, options, targets[existing.slot], asked=True) for existing in found]
        return [_with_apex(job, apexes) for job in result]
    rendering = renderer.render(original, request_of(options))
    names = _all_targets(rendering, options.provider) if options.all_targets else options.targets
    wanted = list(dict.fromkeys(_chosen(rendering, name, targets.values(), options.provider) for name in names))
    occupied = occupied_slots(renderer, original, rendering.request, frozenset(wanted))
    slots = _slots(chart, wanted, targets, options, occupied)
    result = [
        _existing_job(chart, existing, options, targets[existing.slot], asked=existing.slot in slots.values())
        if existing.slot not in slots.values() or targets[existing.slot]
        else _existing_job(chart, existing, options, _name_of(slots, existing.slot), asked=True)
        for existing in found
    ]
    if found and "--delivery" not in options.given:
        options = replace(options, delivery=delivery_in(found[0].template))
    result += [
        CanaryJob(replace(options, target=name, slot=slot), None, asked=True)
        for name, slot in slots.items()
        if slot not in targets
    ]
    return sorted((_with_apex(job, apexes) for job in result), key=lambda job: job.options.slot.suffix)


def _first_job(renderer: Renderer, original: Chart, options: AddCanaryOptions) -> CanaryJob:
    """The job of a chart without a Canary of chartgen's: at the first slot, unless another Canary has it."""
    job, request = CanaryJob(options, None, asked=True), request_of(options)
    rendering = renderer.attempt(original, request) if FIRST.canary in original.files else None
    workloads = possible_targets(rendering, options.provider) if rendering else []
    if len(workloads) != 1:
        # What prevents the canary is reported with everything else that does.
        return job
    name = workloads[0].name
    occupied = occupied_slots(renderer, original, request, frozenset({name}))
    slot = _slots(original, [name], {}, options, occupied)[name]
    return job if slot == FIRST else replace(job, options=replace(options, target=name, slot=slot))


def _chosen(rendering: Rendering, name: str, existing: Iterable[str | None], provider: str) -> str:
    """The name of the target called `name`: that of an `existing` Canary, whose provider the options may not name."""
    release = rendering.request.release_name
    same = [each for each in existing if each and is_called(each, name, release)]
    return same[0] if same else choose_target(rendering, name, provider).name


def _with_apex(job: CanaryJob, apexes: dict[Slot, str | None]) -> CanaryJob:
    return replace(job, options=replace(job.options, apex=apexes.get(job.options.slot)))


def _existing_job(
    chart: Chart, existing: ExistingCanary, options: AddCanaryOptions, target: str | None, *, asked: bool
) -> CanaryJob:
    own = options if asked else AddCanaryOptions(release_name=options.release_name, sources=options.sources)
    return CanaryJob(replace(read_back(existing, chart, own), target=target), existing, asked)


def _slots(
    chart: Chart,
    wanted: Iterable[str],
    targets: dict[Slot, str | None],
    options: AddCanaryOptions,
    occupied: frozenset[Slot],
) -> dict[str, Slot]:
    """Target → slot: that of its existing Canary, the first one if it is free, or one of its own."""
    of_target = {name: slot for slot, name in targets.items() if name}
    result: dict[str, Slot] = {}
    for name in wanted:
        own = slot_for(chart, name, options.release_name or RELEASE)
        candidates = [slot for slot in (FIRST, own) if targets.get(slot, "") is None and slot not in result.values()]
        taken = {*targets, *result.values(), *occupied}
        free = [slot for slot in (FIRST, own, _numbered(own, taken)) if slot not in taken]
        result[name] = of_target.get(name) or next(iter([*candidates, *free]))
    return result


def _numbered(slot: Slot, taken: set[Slot]) -> Slot:
    """The slot with the first free number: two targets can have names that differ in punctuation only."""
    return next(each for number in range(2, 1000) if (each := Slot(f"{slot.suffix}-{number}")) not in taken)


def _name_of(slots: dict[str, Slot], slot: Slot) -> str:
    return next(name for name, each in slots.items() if each == slot)


def _rendered(
    renderer: Renderer, chart: Chart, existing: ExistingCanary, options: AddCanaryOptions
) -> tuple[str | None, str | None]:
    """The names of an existing Canary's target and Service, as the chart renders it; None if it doesn't."""
    own = read_back(existing, chart, AddCanaryOptions(release_name=options.release_name, sources=options.sources))
    overlay = {existing.slot.key: {own.toggle: True}}
    rendering = renderer.attempt(chart, request_of(own).over(overlay))
    template = f"{chart.name}/{existing.slot.canary}"
    for canary in rendering.of_kind("Canary") if rendering else ():
        if canary.template == template:
            target = canary.get(("spec", "targetRef", "name"))
            return str(target), str(canary.get(("spec", "service", "name")) or target)
    return None, None


def _all_targets(rendering: Rendering, provider: str) -> list[str]:
    """The Deployments and DaemonSets that a Service reaches by TCP; for Knative, its Services."""
    names = [
        workload.name
        for workload in possible_targets(rendering, provider)
        if provider == KNATIVE or surroundings_of(rendering, workload).service is not None
    ]
    if not names and provider == KNATIVE:
        choose_target(rendering, None, provider)
    if not names:
        raise ConflictError(
            ["--all-targets: no Service with a TCP port selects a Deployment or DaemonSet of the chart"],
            hint="name the targets with --target",
        )
    return sorted(names)
