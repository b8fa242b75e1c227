"""A value without a default: the chart renders with its canary off, and fails with it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.manifests.switches.solver import SWITCH_KEYS
from chartgen.rules.reading.helm_errors import gist, missing_value
from chartgen.rules.rule import ChartRule, FileLocation, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.switches.switch import Switch
    from chartgen.rules.releases import FailedRelease, Releases


def block_as_switch(failure: FailedRelease, missing: str, switch: Switch) -> str | None:
    """The map of values that switches the Canary by being there; None for any other switch.

    Whoever writes the map writes its values too, so that none of them needs a default. `missing` is `.Values.a.b`.
    """
    path = tuple(missing.removeprefix("$").split(".")[2:])
    # Inside `with .Values.canary`, the error names no path; it is about the `true` that lint tries for the map.
    is_relative = not path and "can't evaluate field" in failure.error.message
    for leaf in _leaves(failure.request.overlay):
        block = leaf[:-1] if leaf[-1] in SWITCH_KEYS and not switch.asks(leaf) else leaf
        if block and (is_relative or (len(path) > len(block) and path[: len(block)] == block)):
            return ".Values." + ".".join(block)
    return None


def _leaves(overlay: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(overlay, dict) and overlay:
        for key, value in overlay.items():
            yield from _leaves(value, (*path, str(key)))
    elif path:
        yield path


def _unchecked(block: str, releases: Releases) -> Iterator[Problem]:
    """What a run leaves out if no release has the map."""
    site = next(iter(releases.switch.sites), None)
    if site is not None and not any(releases.with_canary):
        yield Problem(
            f"the Canary renders only with a map {block}, which the chart leaves to its releases: chartgen hasn't "
            "checked the Canary; name a values file that has the map with -f",
            severity=Severity.INFO,
            source=FileLocation(site.path, site.line),
        )


class ValuesDefaultsMissing(ChartRule):
    id = "values-defaults-missing"
    severity = Severity.WARNING
    summary = "value without a default that breaks the chart when its canary is switched on"
    tags = ("helm", "values")

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        if not any(rendering.switched is not True for rendering in releases.renderings):
            return
        for failure in releases.failures:
            missing = missing_value(failure.error) if failure.is_caused_by_switch(releases.failures) else None
            if missing is None:
                continue
            block = block_as_switch(failure, missing, releases.switch)
            if block:
                yield from _unchecked(block, releases)
                continue
            reason = gist(failure.error).removeprefix(f"{missing}: ")
            location = FileLocation(failure.error.template or "Chart.yaml", failure.error.line, failure.error.column)
            yield Problem(
                f"{missing} has no default: with the canary on, Helm fails to render the chart ({reason})",
                source=location,
                releases=(failure.label,),
            )
