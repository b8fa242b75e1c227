"""A field that Flagger does not know, and the one beside it that was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.crd import NEWEST, known_fields
from chartgen.rules.fix import Fix, rename
from chartgen.rules.reading.homoglyphs import latin

if TYPE_CHECKING:
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.rules.cluster import Cluster

_NOTHING = object()


def plainly_meant(manifest: Manifest, route: Route, cluster: Cluster) -> str | None:
    """The field that differs in capitals only, or in letters that only look Latin."""
    name = str(route[-1])
    plain = (latin(name) or name).casefold()
    known = known_fields(route[:-1], cluster.flagger or NEWEST, manifest.kind)
    return next((one for one in known if one.casefold() == plain), None)


def renamed_as_meant(manifest: Manifest, route: Route, cluster: Cluster) -> Fix | None:
    """The key spelt as it was plainly meant, where that is free."""
    meant = plainly_meant(manifest, route, cluster)
    return rename(route, meant) if meant and is_free(manifest, (*route[:-1], meant)) else None


def is_free(manifest: Manifest, route: Route) -> bool:
    """Whether the object has nothing at `route`."""
    return manifest.get(route, _NOTHING) is _NOTHING
