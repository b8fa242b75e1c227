"""The Canary that an earlier add-canary wrote: its options, read back from its templates and from values.yaml."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chartgen.canary import gateways, provider_settings
from chartgen.canary.files import command_of, is_created_by_chartgen
from chartgen.canary.guards import guarded
from chartgen.canary.options import DELIVERIES
from chartgen.canary.slots import slots_in
from chartgen.manifests.manifest import value_at
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.canary.slots import Slot
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine

_API_VERSION = lazy_pattern(r"^apiVersion: flagger\.app/(v1(?:beta1|alpha2|alpha3))\s*$", re.MULTILINE)
# What the templates of older versions say, and newer ones read from the values.
_GATE = lazy_pattern(r"^\{\{- if (?:eq|has) \.Release\.Namespace (?P<names>.+?) \}\}\r?$", re.MULTILINE)
_READS_NAMESPACES = lazy_pattern(r"\.Values\.\w+\.namespaces\b")
_PROVIDER = lazy_pattern(r"^  provider: (?P<name>[^\s{]+)\s*$", re.MULTILINE)
_DEADLINE = lazy_pattern(r"^  progressDeadlineSeconds: (?P<seconds>\d+)\s*$", re.MULTILINE)
_FLAGS = {"--crd-guard": "crd_guard", "--keep-service": "keep_service", "--keep-replicas": "keep_replicas"}


@dataclass(frozen=True, slots=True)
class ExistingCanary:
    """One Canary of the chart. `block` is its part of values.yaml, `template` its own one, empty if it is missing.

    `was_in_template`: settings that an older version wrote into the template, by their key below the block.
    """

    slot: Slot
    block: Mapping[str, Any]
    template: str
    was_in_template: Mapping[str, Any] = field(default_factory=dict)


def existing_canaries(engine: Engine, chart: Chart, stripped: Chart) -> list[ExistingCanary]:
    """The Canaries that chartgen wrote, the first one first. `stripped` is the chart without them."""
    removed = [path for path in chart.files if path not in stripped.files]
    slots = slots_in(removed)
    for slot in slots_with_guards(chart, stripped):
        if slot not in slots:
            slots.append(slot)
    values = engine.read_yaml(chart.text("values.yaml")) if slots and "values.yaml" in chart.files else None
    found = []
    for slot in sorted(slots, key=lambda slot: slot.suffix):
        block = values.get(slot.key) if isinstance(values, dict) else None
        text = chart.text(slot.canary) if slot.canary in removed else ""
        found.append(ExistingCanary(slot, block if isinstance(block, dict) else {}, text, _in_template(text)))
    return found


def slots_with_guards(chart: Chart, stripped: Chart) -> list[Slot]:
    """The slots whose lines are in the chart's own templates: their files may be gone."""
    from chartgen.canary.slots import Slot

    found: dict[str, Slot] = {}
    pattern = re.compile(rf'"{re.escape(chart.name)}\.canary(?:-([a-z0-9-]+))?\.(?:chart-service|replicas|on)"')
    for path, data in chart.files.items():
        if stripped.files.get(path) != data and path in stripped.files:
            for match in pattern.finditer(chart.text(path)):
                found[match[1] or ""] = Slot(match[1] or "")
    return list(found.values())


def _in_template(text: str) -> dict[str, Any]:
    """The settings in the template of an older version; empty for a newer one."""
    if not text or _READS_NAMESPACES.search(text):
        return {}
    gate = _GATE.search(text)
    provider, deadline = _PROVIDER.search(text), _DEADLINE.search(text)
    return {
        "namespaces": re.findall(r'"([^"]+)"', gate["names"]) if gate else [],
        **({"provider": provider["name"]} if provider else {}),
        **({"progressDeadlineSeconds": int(deadline["seconds"])} if deadline else {}),
    }


def existing_api_version(text: str) -> str | None:
    """The version (`v1beta1`) in the template of a Canary that add-canary wrote."""
    match = _API_VERSION.search(text) if is_created_by_chartgen(text) else None
    return match[1] if match else None


def read_back(existing: ExistingCanary, chart: Chart, options: AddCanaryOptions) -> AddCanaryOptions:
    """The options for another run: those given, and otherwise those of the existing Canary."""
    given = options.given
    found: dict[str, Any] = {}
    settings = {**existing.was_in_template, **existing.block}
    namespaces = settings.get("namespaces", () if existing.template or existing.block else None)
    if (
        not given & {"--namespace", "--any-namespace"}
        and namespaces is not None
        and isinstance(namespaces, (list, tuple))
    ):
        found["namespaces"] = tuple(str(name) for name in namespaces)
    if "--provider" not in given and isinstance(settings.get("provider"), str):
        found["provider"] = settings["provider"]
    if "--progress-deadline" not in given and isinstance(settings.get("progressDeadlineSeconds"), int):
        found["deadline"] = settings["progressDeadlineSeconds"]
    if "--api-version" not in given:
        found["api_version"] = existing_api_version(existing.template) or options.api_version
    if "--toggle" not in given:
        found["toggle"] = existing_toggle(existing)
    interval = value_at(existing.block, ("canaryAnalysis", "interval"))
    if "--interval" not in given and isinstance(interval, str):
        found["interval"] = interval
    provider = found.get("provider", options.provider)
    found |= provider_settings.read_back(settings.get("service"), given, provider)
    found |= gateways.read_back(existing.block, given, provider)
    return replace(options, slot=existing.slot, **found, **_template_flags(existing, chart, given))


def existing_toggle(existing: ExistingCanary) -> str:
    """The key of the switch: by the template, or by the values without it."""
    if existing.template:
        key = re.escape(existing.slot.key)
        return "enabled" if re.search(rf"\.Values\.{key}\)?\.enabled\b", existing.template) else "enable"
    return "enabled" if "enabled" in existing.block and "enable" not in existing.block else "enable"


def _template_flags(existing: ExistingCanary, chart: Chart, given: frozenset[str]) -> dict[str, Any]:
    """The options that shape the templates, from the header; from the chart's own templates for older versions."""
    words = shlex.split(command_of(existing.template))
    flags = {name: option in words for option, name in _FLAGS.items() if option not in given}
    if existing.was_in_template:
        prefix = existing.slot.prefix(chart.name)
        own = [path for path in chart.files if path.startswith("templates/") and path not in existing.slot.files]
        marks = [guarded(chart.text(path), prefix) for path in own]
        kept = {"keep_service": not any(on for on, _ in marks), "keep_replicas": not any(on for _, on in marks)}
        flags |= {name: value for name, value in kept.items() if name in flags}
    found: dict[str, Any] = dict(flags)
    for option in ("--service", "--route"):
        if option not in given and option in words[:-1]:
            found[option.removeprefix("--")] = words[words.index(option) + 1]
    if "--delivery" not in given:
        found["delivery"] = delivery_in(existing.template)
    return found


def delivery_in(text: str) -> str:
    """The `--delivery` in the header of a Canary's template."""
    words = shlex.split(command_of(text))
    delivery = words[words.index("--delivery") + 1] if "--delivery" in words[:-1] else ""
    return delivery if delivery in DELIVERIES else DELIVERIES[0]
