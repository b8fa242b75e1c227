"""What a team changed in a Canary's block of values.yaml since add-canary wrote it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.canary import hooks
from chartgen.canary.builtin_metrics import queries_application
from chartgen.canary.existing import existing_api_version, existing_toggle
from chartgen.canary.files import values_block
from chartgen.canary.options import AddCanaryOptions
from chartgen.flagger.providers import PROVIDERS
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.existing import ExistingCanary
    from chartgen.helm.engine import Engine


def changed_settings(engine: Engine, existing: ExistingCanary) -> Iterator[str]:
    """The keys of the block (`canary.canaryAnalysis.interval`) whose values differ from add-canary's defaults.

    Options of add-canary can have set them as well: the block doesn't say. What add-canary writes by itself for a
    provider or for hosts isn't a change. The switch isn't a setting.
    """
    toggle = existing_toggle(existing)
    usual = AddCanaryOptions(toggle=toggle, api_version=existing_api_version(existing.template) or "v1beta1")
    defaults = engine.read_yaml(values_block(_with_own_choices(usual, existing)))
    chosen = {"provider": usual.provider, "service": {**defaults["service"], "hosts": []}}
    yield from _differing(existing.slot.key, {**existing.block, toggle: None}, {**defaults, **chosen, toggle: None})


def _with_own_choices(options: AddCanaryOptions, existing: ExistingCanary) -> AddCanaryOptions:
    """The options with the provider and hosts of the block, and what they make add-canary write."""
    provider, hosts = existing.block.get("provider"), value_at(existing.block, ("service", "hosts"))
    if provider in {each.name for each in PROVIDERS}:
        options = replace(options, provider=provider)
    if isinstance(hosts, list):
        options = replace(options, hosts=tuple(map(str, hosts)))
    if queries_application(options):
        options = replace(options, metrics=())
    return hooks.with_needed_check(hooks.with_needed_load(options, None), None)


def _differing(path: str, value: Any, default: Any) -> Iterator[str]:
    if not isinstance(value, dict) or not isinstance(default, dict):
        if value != default:
            yield path
        return
    for key in value:
        if key not in default:
            yield f"{path}.{key}"
        else:
            yield from _differing(f"{path}.{key}", value[key], default[key])
