"""A field that isn't in the CRD: the API server drops it, and the setting silently has no effect."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from chartgen.flagger.crd import NEWEST, field_span, known_fields
from chartgen.rules.claim import the_rest
from chartgen.rules.fix import Fix, MoveKey, Safety, rename
from chartgen.rules.reading.spelling import is_free, plainly_meant
from chartgen.rules.reading.verdicts import pruned
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering

# Where a misplaced field may belong.
_HOMES: tuple[Route, ...] = (("spec",), ("spec", "analysis"), ("spec", "service"))


class UnknownFieldPruned(Rule):
    id = "unknown-field-pruned"
    severity = Severity.ERROR
    summary = "field that isn't in Flagger's CRD, so the API server drops it"
    kinds = ("Canary", "MetricTemplate", "AlertProvider")
    tags = ("api",)
    dropped = the_rest()
    fixes = (Safety.SAFE, Safety.UNSAFE)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for route in pruned(manifest, self.cluster, self.id):
            if not self._is_in_other_release(manifest, route):
                advice, fix = self._advice(manifest, route)
                parent = ".".join(map(str, route[:-1])) or manifest.kind
                yield Problem(
                    f"{parent} has no field {route[-1]!s}: the API server drops it{advice}", at=route, fix=fix
                )

    def _is_in_other_release(self, manifest: Manifest, route: Route) -> bool:
        """Whether field-newer-than-installed-flagger reports it."""
        return self.cluster.flagger is not None and field_span(route, manifest.kind) is not None

    def _advice(self, manifest: Manifest, route: Route) -> tuple[str, Fix | None]:
        """The field or the place that was probably meant, and a fix if that field isn't set."""
        flagger = self.cluster.flagger or NEWEST
        name = str(route[-1])
        siblings = known_fields(route[:-1], flagger, manifest.kind)
        plain = plainly_meant(manifest, route, self.cluster)
        near = plain or next(iter(difflib.get_close_matches(name, siblings, n=1, cutoff=0.75)), None)
        if near:
            fix = rename(route, near, Safety.SAFE if plain else Safety.UNSAFE)
            return f"; did you mean {near}?", fix if is_free(manifest, (*route[:-1], near)) else None
        homes = [home for home in _HOMES if home != route[:-1] and name in known_fields(home, flagger, manifest.kind)]
        if not homes or manifest.kind != "Canary":
            return "", None
        return f"; it belongs in {'.'.join(map(str, homes[0]))}", _moved(manifest, route, homes)


def _moved(manifest: Manifest, route: Route, homes: list[Route]) -> Fix | None:
    """Move the field into the one map that has such a field, if that map exists and the field isn't set."""
    home, name = homes[0], str(route[-1])
    target = manifest.get(home)
    if len(homes) > 1 or not isinstance(target, dict) or name in target or home[: len(route)] == route:
        return None
    return Fix(f"move it to {'.'.join(map(str, home))}", (MoveKey(route, home, name),))
