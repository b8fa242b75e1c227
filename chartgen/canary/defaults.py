"""An organization's defaults for the options of add-canary: `add-canary:` in chartgen.yaml."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.canary.presets import with_preset

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
    "load-tester": ("--load-tester", "load_tester"),
}
# Options that replace others: a default for one of those doesn't apply beside them.
_REPLACED_BY = {"--namespace": "--any-namespace", "--max-weight": "--step-weights", "--step-weight": "--step-weights"}


def with_defaults(options: AddCanaryOptions, configured: Mapping[str, Any]) -> AddCanaryOptions:
    """The options with the settings of their preset, and the configured defaults for those that aren't given.

    A preset of the command line comes before the configured defaults, a configured one after them.
    """
    presets = configured.get("presets", {})
    if options.preset:
        options = with_preset(options, options.preset, presets, except_for=options.given)
    found: dict[str, Any] = {}
    for key, (option, name) in _OPTIONS.items():
        if key in configured and not {option, _REPLACED_BY.get(option, option)} & options.given:
            value = configured[key]
            found[name] = tuple(value) if isinstance(value, list) else value
    if found.get("namespaces") == ():
        found["enabled"] = False
    options = replace(options, **found)
    if options.preset or "preset" not in configured:
        return options
    set_before = options.given | {option for key, (option, _) in _OPTIONS.items() if key in configured}
    return with_preset(options, configured["preset"], presets, except_for=set_before)
