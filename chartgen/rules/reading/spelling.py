"""Fields that Flagger doesn't know, and the field that was probably intended."""

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
    """The field that differs only in capitals, or in letters that look like Latin ones."""
    name = str(route[-1])
    plain = (latin(name) or name).casefold()
    known = known_fields(route[:-1], cluster.flagger or NEWEST, manifest.kind)
    return next((field for field in known if field.casefold() == plain), None)


def renamed_as_meant(manifest: Manifest, route: Route, cluster: Cluster) -> Fix | None:
    """A fix that renames the key to the intended field, if the object doesn't have that field yet."""
    field = plainly_meant(manifest, route, cluster)
    return rename(route, field) if field and is_free(manifest, (*route[:-1], field)) else None


def is_free(manifest: Manifest, route: Route) -> bool:
    """Whether the object has nothing at `route`."""
    return manifest.get(route, _NOTHING) is _NOTHING
