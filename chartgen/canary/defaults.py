"""An organization's defaults for the options of add-canary: `add-canary:` in chartgen.yaml."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.canary.options import AddCanaryOptions

# Key of the configuration -> option of the command, and the field that holds it.
_OPTIONS = {
    "namespaces": ("--namespace", "namespaces"),
    "provider": ("--provider", "provider"),
    "gateways": ("--gateway", "gateways"),
    "toggle": ("--toggle", "toggle"),
    "interval": ("--interval", "interval"),
    "threshold": ("--threshold", "threshold"),
    "max-weight": ("--max-weight", "max_weight"),
    "step-weight": ("--step-weight", "step_weight"),
    "progress-deadline": ("--progress-deadline", "deadline"),
    "crd-guard": ("--crd-guard", "crd_guard"),
}
# Options that replace others: a default for one of those doesn't apply beside them.
_REPLACED_BY = {"--namespace": "--any-namespace", "--max-weight": "--step-weights", "--step-weight": "--step-weights"}


def with_defaults(options: AddCanaryOptions, configured: Mapping[str, Any]) -> AddCanaryOptions:
    """The options with the configured defaults for those that aren't given."""
    found: dict[str, Any] = {}
    for key, value in configured.items():
        option, name = _OPTIONS[key]
        if not {option, _REPLACED_BY.get(option, option)} & options.given:
            found[name] = tuple(value) if isinstance(value, list) else value
    if found.get("namespaces") == ():
        found["enabled"] = False
    return replace(options, **found)
