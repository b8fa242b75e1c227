"""The property for a chart's values.schema.json, so that a strict schema accepts the Canary's block in values.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chartgen.canary.options import AddCanaryOptions


def canary_property(options: AddCanaryOptions) -> dict[str, Any]:
    """The schema of the block. `service` and `canaryAnalysis` are left to Flagger's CRD."""
    return {
        "type": "object",
        "description": f"Flagger canary ({options.slot.canary})",
        "properties": {
            options.toggle: {"type": "boolean"},
            "namespaces": {"type": "array", "items": {"type": "string"}},
            **({} if options.api_version == "v1alpha2" else {"provider": {"type": "string"}}),
            "progressDeadlineSeconds": {"type": "integer"},
            "service": {"type": "object"},
            "canaryAnalysis": {"type": "object"},
        },
    }
