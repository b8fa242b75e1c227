"""The edits of values.yaml for another run: each given option changes its setting at its place, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.canary import files, gateway_change, gateways, hooks, measures, provider_settings, strategies
from chartgen.canary.editor_comments import description_of
from chartgen.canary.existing import existing_toggle
from chartgen.canary.gateways import API_GATEWAYS, ISTIO_GATEWAYS
from chartgen.canary.metric_thresholds import threshold_edits
from chartgen.canary.strategy_edits import strategy_changes
from chartgen.edits import yaml_text, yaml_update
from chartgen.errors import ConflictError
from chartgen.flagger.providers import GATEWAYS, MESH_NAME, reads
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.canary.existing import ExistingCanary
    from chartgen.canary.options import AddCanaryOptions
    from chartgen.manifests.manifest import Route

_ANALYSIS = "canaryAnalysis"
_GATEWAYS: tuple[str, ...] = ("service", "gateways")
# Entries → the option that usually adds them, for messages.
_CAUSES = {
    "webhooks": "--load-test, --acceptance-test, --confirm-promotion, --webhook",
    "alerts": "--alert",
    "metrics": "--metric-template",
    measures.ALERT_PROVIDERS: "--alert",
    measures.METRIC_TEMPLATES: "--metric-template",
    ISTIO_GATEWAYS: "--with-gateway",
    API_GATEWAYS: "--with-gateway",
}
_HINT = "nothing was written; edit values.yaml by hand, or leave the option out"
# The entry above which a missing one belongs.
_BELOW = {
    "namespaces": ("enable", "enabled"),
    "provider": ("namespaces", "enable", "enabled"),
    "progressDeadlineSeconds": ("provider", "namespaces", "enable", "enabled"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting below the block that `option` sets to `value`; None removes it. `appends`: `value` is a new item."""

    option: str
    route: Route
    value: Any
    appends: bool = False


def edited_values(data: bytes, existing: ExistingCanary, options: AddCanaryOptions) -> bytes:
    """values.yaml with the given options applied to the block of `existing`; ConflictError names the others."""
    problems = list(gateway_change.problems(data, existing.block, options))
    data = _with_toggle(data, existing, options, problems)
    settings = (*_moved_settings(existing, options), *given_settings(existing.block, options))
    for setting in [part for each in settings for part in _expanded(existing.block, each)]:
        if value_at(existing.block, setting.route) == setting.value:
            continue
        route = (existing.slot.key, *setting.route)
        try:
            if setting.appends:
                data = yaml_update.append_item(data, route, files.item_lines(setting.value))
            else:
                data = _applied(data, route, setting.value, options)
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
        left_out = (key == "provider" and options.api_version == "v1alpha2") or (
            key == "progressDeadlineSeconds" and not provider_settings.reads_deadline(options)
        )
        if key not in existing.block and not left_out:
            yield Setting(f"{existing.slot.key}.{key}, which was in {existing.slot.canary}", (key,), value)


def given_settings(block: Mapping[str, Any], options: AddCanaryOptions) -> Iterator[Setting]:
    """The settings of the given options."""
    simple: dict[str, tuple[Route, Any]] = {
        "--namespace": (("namespaces",), list(options.namespaces)),
        "--any-namespace": (("namespaces",), []),
        "--provider": (("provider",), options.provider),
        "--progress-deadline": (("progressDeadlineSeconds",), options.progress_deadline),
        "--mesh-name": (("service", "meshName"), options.mesh_name),
        "--interval": ((_ANALYSIS, "interval"), options.interval),
        "--threshold": ((_ANALYSIS, "threshold"), options.threshold),
    }
    for option, (route, value) in simple.items():
        if option in options.given:
            yield Setting(option, route, value)
    yield from _hosts(block, options)
    yield from _provider(block, options)
    option, changes = strategy_changes(block, options)
    yield from (Setting(option, (_ANALYSIS, key), value) for key, value in changes.items())
    if options.session_affinity:
        affinity = strategies.session_affinity(options.session_affinity)
        yield Setting("--session-affinity", (_ANALYSIS, "sessionAffinity"), affinity)
    yield from _lists(options)
    yield from (Setting(_CAUSES[key], (key,), objects) for key, objects in gateways.changes(block, options).items())
    if "--api-version" in options.given:
        yield from (
            Setting("--api-version", (_ANALYSIS, "metrics", *route), value)
            for route, value in threshold_edits(value_at(block, (_ANALYSIS, "metrics")), options.api_version)
        )


def _hosts(block: Mapping[str, Any], options: AddCanaryOptions) -> Iterator[Setting]:
    """The hosts, unless the provider would ignore them."""
    if "--host" in options.given and provider_settings.accepts_hosts(options.provider):
        yield Setting("--host", ("service", "hosts"), list(options.hosts))
    if cause := gateway_change.cause_of_default(block, options):
        yield Setting(cause, _GATEWAYS, list(options.effective_gateways))


def _provider(block: Mapping[str, Any], options: AddCanaryOptions) -> Iterator[Setting]:
    """The settings of `service` that only some providers read: gateways of the old one are removed."""
    if not options.given & {"--gateway", "--provider"}:
        return
    option = "--gateway" if "--gateway" in options.given else "--provider"
    wanted = provider_settings.service_values(options)
    if "--gateway" in options.given and provider_settings.accepts_gateways(options.provider):
        wanted["gateways"] = list(options.gateways)
    if value_at(block, GATEWAYS) and GATEWAYS[-1] in wanted:
        missing, removed = gateway_change.reference_changes(block, wanted.pop(GATEWAYS[-1]))
        yield from (Setting(option, GATEWAYS, item, appends=True) for item in missing)
        yield from (Setting(option, (*GATEWAYS, number), None) for number in removed)
    for key, value in wanted.items():
        yield Setting(option, ("service", key), value)
    yield from (Setting(option, (key,), None) for key in gateway_change.unread(block, options))
    if "--provider" in options.given:
        for field in (_GATEWAYS, GATEWAYS, MESH_NAME):
            if value_at(block, field) and not reads(options.provider, field):
                yield Setting(option, field, None)


def _lists(options: AddCanaryOptions) -> Iterator[Setting]:
    """The entries of lists that options add, or change where the list has one of the same name."""
    entries = {
        "webhooks": hooks.webhook_entries(options),
        "alerts": measures.alert_entries(options),
        "metrics": measures.metric_entries(options, measures.window_of(options.interval)),
    }
    for key, wanted in entries.items():
        if wanted:
            yield Setting(_CAUSES[key], (_ANALYSIS, key), wanted)
    for key, objects in measures.own_objects_of(options).items():
        yield Setting(_CAUSES[key], (key,), objects)


def _expanded(block: Mapping[str, Any], setting: Setting) -> Iterator[Setting]:
    """The setting as changes of the smallest parts: entries of a map, and items of a list that have a name."""
    existing, value = value_at(block, setting.route), setting.value
    if isinstance(value, dict) and isinstance(existing, dict) and existing:
        for key, inner in value.items():
            yield from _expanded(block, replace(setting, route=(*setting.route, key), value=inner))
    elif isinstance(existing, list) and existing and _are_named(value):
        names = [item.get("name") if isinstance(item, dict) else None for item in existing]
        for item in value:
            if item["name"] in names:
                route = (*setting.route, names.index(item["name"]))
                yield from _expanded(block, replace(setting, route=route, value=item))
            else:
                yield replace(setting, value=item, appends=True)
    else:
        yield setting


def _are_named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "name" in item for item in value)


def _applied(data: bytes, route: Route, value: Any, options: AddCanaryOptions) -> bytes:
    """`data` with one setting changed, added, or removed."""
    *parent, key = route
    if value is None and isinstance(key, int):
        return yaml_update.remove_item(data, route)
    if value is None:
        comments = files.comments_above(str(key)) or description_of(route[1:])
        return yaml_text.delete_key(data, route, comments=comments)
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
