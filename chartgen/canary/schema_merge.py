"""The `canary` property for a chart's own values.schema.json: a strict root would refuse the block otherwise."""

from __future__ import annotations

from typing import Any


def canary_property(toggle: str) -> dict[str, Any]:
    """What the chart's schema shall say of the block: its switch, and maps that Flagger's own schema judges."""
    return {
        "type": "object",
        "description": "Flagger canary (templates/canary.yaml)",
        "properties": {
            toggle: {"type": "boolean"},
            "service": {"type": "object"},
            "canaryAnalysis": {"type": "object"},
        },
    }
