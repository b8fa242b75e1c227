"""The revisions of a Helm release, from its Secrets (helm.sh/helm: pkg/storage/driver)."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import SECRETS
from chartgen.flagger.canary import as_int, as_mapping, as_str
from chartgen.inputs.limits import CHART_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.cluster.access.live import LiveSource

_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision: its number, its status, name and version of its chart, and the manifest that Helm applied."""

    number: int
    status: str
    chart: str
    version: str
    manifest: str

    def runs(self, images: Iterable[str]) -> bool:
        """Whether its manifest names all of these images."""
        return all(
            re.search(rf"image:\s*[\"']?{re.escape(image)}[\"']?\s*$", self.manifest, re.MULTILINE) for image in images
        )


def revisions(source: LiveSource, namespace: str, release: str) -> list[Revision]:
    """The revisions of a release, the newest first; UnreadableError without the right to list Secrets."""
    query = {"labelSelector": f"owner=helm,name={release}", "fieldSelector": "type=helm.sh/release.v1"}
    listed = source.request(SECRETS.path(namespace), query) or {}
    found = [_read(as_str(as_mapping(each.get("data")).get("release"))) for each in listed.get("items") or []]
    return sorted((each for each in found if each), key=lambda each: -each.number)


def _read(data: str) -> Revision | None:
    """A revision from the data of its Secret: base64 by Kubernetes and by Helm, gzip, JSON."""
    try:
        packed = base64.b64decode(base64.b64decode(data))
        body: Any = json.loads(zlib.decompressobj(_GZIP).decompress(packed, CHART_BYTES))
    except (binascii.Error, zlib.error, ValueError):
        return None
    metadata = as_mapping(as_mapping(body.get("chart")).get("metadata"))
    return Revision(
        as_int(body.get("version")),
        as_str(as_mapping(body.get("info")).get("status")),
        as_str(metadata.get("name")),
        as_str(metadata.get("version")),
        as_str(body.get("manifest")),
    )
