"""What a team changed in a Canary's block of values.yaml since add-canary wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.canary.existing import existing_api_version, existing_toggle
from chartgen.canary.files import values_block
from chartgen.canary.options import AddCanaryOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.existing import ExistingCanary
    from chartgen.helm.engine import Engine


def changed_settings(engine: Engine, existing: ExistingCanary) -> Iterator[str]:
    """The keys of the block (`canary.canaryAnalysis.interval`) whose values differ from add-canary's defaults.

    Options of add-canary can have set them as well: the block doesn't say. The switch isn't a setting.
    """
    toggle = existing_toggle(existing)
    options = AddCanaryOptions(toggle=toggle, api_version=existing_api_version(existing.template) or "v1beta1")
    defaults = engine.read_yaml(values_block(options))
    yield from _differing(existing.slot.key, {**existing.block, toggle: None}, {**defaults, toggle: None})


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
