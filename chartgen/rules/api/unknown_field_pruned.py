"""A field the CRD does not know: the API server drops it, and the setting silently does nothing."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from chartgen.flagger.crd import NEWEST, field_span, known_fields
from chartgen.rules.fix import Fix, MoveKey, Safety, rename
from chartgen.rules.reading.spelling import is_free, plainly_meant
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
    summary = "field that isn't in Flagger's CRD, so the API server drops it"
    kinds = ("Canary", "MetricTemplate", "AlertProvider")
    tags = ("api",)
    fixes = (Safety.SAFE, Safety.UNSAFE)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for route in pruned(manifest, self.cluster, self.id):
            if not self._comes_later(manifest, route):
                advice, fix = self._advice(manifest, route)
                yield Problem(f"{route[-1]!s} is no field here and is dropped{advice}", at=route, fix=fix)

    def _comes_later(self, manifest: Manifest, route: Route) -> bool:
        """Fields of a newer release are told by field-newer-than-installed-flagger."""
        return self.cluster.flagger is not None and field_span(route, manifest.kind) is not None

    def _advice(self, manifest: Manifest, route: Route) -> tuple[str, Fix | None]:
        """What was probably meant, in words and as a fix where that is free."""
        flagger = self.cluster.flagger or NEWEST
        name = str(route[-1])
        here = known_fields(route[:-1], flagger, manifest.kind)
        alike = plainly_meant(manifest, route, self.cluster)
        near = alike or next(iter(difflib.get_close_matches(name, here, n=1, cutoff=0.75)), None)
        if near:
            fix = rename(route, near, Safety.SAFE if alike else Safety.UNSAFE)
            return f": did you mean {near}?", fix if is_free(manifest, (*route[:-1], near)) else None
        homes = [home for home in _HOMES if home != route[:-1] and name in known_fields(home, flagger, manifest.kind)]
        if not homes or manifest.kind != "Canary":
            return "", None
        return f": it belongs into {'.'.join(map(str, homes[0]))}", _moved(manifest, route, homes)


def _moved(manifest: Manifest, route: Route, homes: list[Route]) -> Fix | None:
    """Into the one map that has such a field, where that is there and the field is free."""
    home, name = homes[0], str(route[-1])
    held = manifest.get(home)
    if len(homes) > 1 or not isinstance(held, dict) or name in held or home[: len(route)] == route:
        return None
    return Fix(f"move it into {'.'.join(map(str, home))}", (MoveKey(route, home, name),))
