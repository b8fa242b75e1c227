"""The `canary` property for a chart's values.schema.json, so that a strict schema accepts the block in values.yaml."""

from __future__ import annotations

from typing import Any


def canary_property(toggle: str) -> dict[str, Any]:
    """The schema of the block: the switch is a boolean; `service` and `canaryAnalysis` are left to Flagger's CRD."""
    return {
        "type": "object",
        "description": "Flagger canary (templates/canary.yaml)",
        "properties": {
            toggle: {"type": "boolean"},
            "service": {"type": "object"},
            "canaryAnalysis": {"type": "object"},
        },
    }
