"""The edits of values.yaml for another run: each given option changes its setting at its place, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.canary import files
from chartgen.canary.existing import existing_toggle
from chartgen.canary.metric_thresholds import threshold_edits
from chartgen.canary.options import DEFAULT_ITERATIONS, DEFAULT_MAX_WEIGHT, DEFAULT_STEP_WEIGHT, AddCanaryOptions
from chartgen.edits import yaml_text, yaml_update
from chartgen.errors import ConflictError
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.canary.existing import ExistingCanary
    from chartgen.manifests.manifest import Route

_ANALYSIS = "canaryAnalysis"
_HINT = "nothing was written; edit values.yaml by hand, or leave the option out"
# The entry above which a missing one belongs.
_BELOW = {
    "namespaces": ("enable", "enabled"),
    "provider": ("namespaces", "enable", "enabled"),
    "progressDeadlineSeconds": ("provider", "namespaces", "enable", "enabled"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting below the block that `option` sets to `value`; None removes it."""

    option: str
    route: Route
    value: Any


def edited_values(data: bytes, existing: ExistingCanary, options: AddCanaryOptions) -> bytes:
    """values.yaml with the given options applied to the block of `existing`; ConflictError names the others."""
    problems: list[str] = []
    data = _with_toggle(data, existing, options, problems)
    for setting in (*_moved_settings(existing, options), *given_settings(existing.block, options)):
        if value_at(existing.block, setting.route) == setting.value:
            continue
        try:
            data = _applied(data, (existing.slot.key, *setting.route), setting.value, options)
        except ConflictError as conflict:
            problems += [f"{setting.option}: {problem}" for problem in conflict.conflicts]
    if problems:
        raise ConflictError(
            list(dict.fromkeys(problems)), hint=_HINT, heading="settings can't be changed at their place"
        )
    return data


def _with_toggle(data: bytes, existing: ExistingCanary, options: AddCanaryOptions, problems: list[str]) -> bytes:
    toggle = existing_toggle(existing)
    if options.toggle == toggle or toggle not in existing.block:
        return data
    try:
        return yaml_update.rename_key(data, (existing.slot.key, toggle), options.toggle)
    except ConflictError as conflict:
        problems += [f"--toggle {options.toggle}: {problem}" for problem in conflict.conflicts]
        return data


def _moved_settings(existing: ExistingCanary, options: AddCanaryOptions) -> Iterator[Setting]:
    """The settings that only the template of an older version had, or that a missing template may have had."""
    if existing.template and not existing.was_in_template:
        return
    values = {"namespaces": list(options.namespaces), "provider": options.provider,
              "progressDeadlineSeconds": options.progress_deadline}  # fmt: skip
    for key, value in values.items():
        if key not in existing.block and not (key == "provider" and options.api_version == "v1alpha2"):
            yield Setting(f"{existing.slot.key}.{key}, which was in {existing.slot.canary}", (key,), value)


def given_settings(block: Mapping[str, Any], options: AddCanaryOptions) -> Iterator[Setting]:
    """The settings of the given options."""
    simple: dict[str, tuple[Route, Any]] = {
        "--namespace": (("namespaces",), list(options.namespaces)),
        "--any-namespace": (("namespaces",), []),
        "--provider": (("provider",), options.provider),
        "--progress-deadline": (("progressDeadlineSeconds",), options.progress_deadline),
        "--host": (("service", "hosts"), list(options.hosts)),
        "--gateway": (("service", "gateways"), list(options.gateways)),
        "--interval": ((_ANALYSIS, "interval"), options.interval),
        "--threshold": ((_ANALYSIS, "threshold"), options.threshold),
    }
    for option, (route, value) in simple.items():
        if option in options.given:
            yield Setting(option, route, value)
    if "--host" in options.given and "--gateway" not in options.given and not value_at(block, ("service", "gateways")):
        # As in a first run: without a gateway, Istio serves no host outside the mesh.
        yield Setting("--host", ("service", "gateways"), list(options.effective_gateways))
    yield from _strategy(block, options)
    if "--api-version" in options.given:
        yield from (
            Setting("--api-version", (_ANALYSIS, "metrics", *route), value)
            for route, value in threshold_edits(value_at(block, (_ANALYSIS, "metrics")), options.api_version)
        )


def _strategy(block: Mapping[str, Any], options: AddCanaryOptions) -> Iterator[Setting]:
    """The weights or iterations of the given options, and the removal of what they exclude."""
    analysis = value_at(block, (_ANALYSIS,)) or {}
    given = options.given
    if "--step-weights" in given:
        wanted: dict[str, Any] = {"stepWeights": list(options.step_weights)}
        option = "--step-weights"
    elif given & {"--max-weight", "--step-weight"}:
        wanted = _linear(analysis, options)
        option = "--step-weight" if "--step-weight" in given else "--max-weight"
    elif "--provider" in given and not options.shifts_weights:
        wanted = {"iterations": analysis.get("iterations") or DEFAULT_ITERATIONS}
        option = "--provider"
    elif "--provider" in given and "iterations" in analysis and _needed_iterations(block):
        wanted = {"maxWeight": DEFAULT_MAX_WEIGHT, "stepWeight": DEFAULT_STEP_WEIGHT}
        option = "--provider"
    else:
        return
    # First the new settings, then the removal: a map that becomes empty would lose its comments.
    for key, value in wanted.items():
        yield Setting(option, (_ANALYSIS, key), value)
    for key in ("stepWeights", "maxWeight", "stepWeight", "iterations"):
        if key not in wanted and key in analysis:
            yield Setting(option, (_ANALYSIS, key), None)


def _linear(analysis: Mapping[str, Any], options: AddCanaryOptions) -> dict[str, Any]:
    most = options.max_weight or analysis.get("maxWeight") or DEFAULT_MAX_WEIGHT
    step = options.step_weight or analysis.get("stepWeight") or DEFAULT_STEP_WEIGHT
    return {"maxWeight": most, "stepWeight": step}


def _needed_iterations(block: Mapping[str, Any]) -> bool:
    """Whether the provider in the values is the one that doesn't shift weights."""
    return not replace(AddCanaryOptions(), provider=str(block.get("provider") or "istio")).shifts_weights


def _applied(data: bytes, route: Route, value: Any, options: AddCanaryOptions) -> bytes:
    """`data` with one setting changed, added, or removed."""
    *parent, key = route
    if value is None:
        return yaml_text.delete_key(data, route)
    if _has(data, route):
        return yaml_update.set_value(data, route, value)
    missing = next((step for step in range(1, len(route)) if not _has(data, route[:step])), None)
    if missing is not None:
        for step in reversed(route[missing:]):
            value = {str(step): value}
        nested = "".join(files.yaml_lines(name, inner) for name, inner in value.items())
        return yaml_text.insert_key(data, route[: missing - 1], str(route[missing - 1]), nested)
    text = files.setting_lines(str(key), value, options)
    sibling = next((name for name in _BELOW.get(str(key), ()) if _has(data, (*parent, name))), "")
    return yaml_update.insert_below(data, parent, sibling, str(key), text)


def _has(data: bytes, route: Route) -> bool:
    from chartgen.edits.yaml_route import find
    from chartgen.edits.yaml_source import read

    try:
        find(read(data, "values.yaml"), route, "values.yaml")
    except ConflictError:
        return False
    return True
