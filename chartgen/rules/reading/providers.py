"""Which providers a release's CRD allows."""

from __future__ import annotations

from chartgen.flagger.crd import NEWEST
from chartgen.flagger.crd.fields import structural_schema
from chartgen.flagger.crd.releases import nearest


def provider_names(flagger: str | None) -> tuple[str, ...]:
    """The names that a release's CRD allows; those of the newest release if it allows any name."""
    for release in (flagger or NEWEST, NEWEST):
        node = structural_schema("Canary", nearest(release))["properties"]["spec"]["properties"]["provider"]
        if "enum" in node:
            return tuple(node["enum"])
    return ()
