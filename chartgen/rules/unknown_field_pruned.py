"""A field the CRD does not know: the API server drops it, and the setting silently does nothing."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from chartgen.flagger.crd import NEWEST, field_span, known_fields
from chartgen.rules.reading.verdicts import pruned
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering

# Where a field that stands in the wrong place belongs.
_HOMES: tuple[Route, ...] = (("spec",), ("spec", "analysis"), ("spec", "service"))


class UnknownFieldPruned(Rule):
    id = "unknown-field-pruned"
    severity = Severity.ERROR
    summary = "a field Flagger does not know is dropped"
    kinds = ("Canary", "MetricTemplate", "AlertProvider")
    tags = ("api",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for route in pruned(manifest, self.cluster, self.id):
            if not self._comes_later(manifest, route):
                yield Problem(f"{route[-1]!s} is no field here and is dropped{self._advice(manifest, route)}", at=route)

    def _comes_later(self, manifest: Manifest, route: Route) -> bool:
        """Fields of a newer release are told by field-newer-than-installed-flagger."""
        return self.cluster.flagger is not None and field_span(route, manifest.kind) is not None

    def _advice(self, manifest: Manifest, route: Route) -> str:
        flagger = self.cluster.flagger or NEWEST
        name = str(route[-1])
        here = known_fields(route[:-1], flagger, manifest.kind)
        alike = next((known for known in here if known.casefold() == name.casefold()), None)
        near = [alike] if alike else difflib.get_close_matches(name, here, n=1, cutoff=0.75)
        if near:
            return f": did you mean {near[0]}?"
        homes = [home for home in _HOMES if home != route[:-1] and name in known_fields(home, flagger, manifest.kind)]
        return f": it belongs into {'.'.join(map(str, homes[0]))}" if homes and manifest.kind == "Canary" else ""
