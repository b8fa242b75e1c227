"""Objects that name a chart and its values: Flux's HelmRelease and Argo CD's Application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.errors import ChartError
from chartgen.lint.finding import Finding
from chartgen.lint.manifest_files import MANIFESTS, read_manifests
from chartgen.manifests.documents import split
from chartgen.rules.chart.release_not_checked import ReleaseNotChecked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RELEASE = re.compile(r"^apiVersion:[ \t]*[\"']?helm\.toolkit\.fluxcd\.io/", re.MULTILINE)
_APPLICATION = re.compile(r"^apiVersion:[ \t]*[\"']?argoproj\.io/", re.MULTILINE)
_KIND = re.compile(r"^kind:[ \t]*[\"']?(?P<kind>HelmRelease|Application(?:Set)?)\b", re.MULTILINE)
_HELM_SOURCE = re.compile(r"^[ \t-]*(?:chart|helm):", re.MULTILINE)


def unchecked_releases(path: Path) -> Iterator[Finding]:
    """A finding for each HelmRelease, and each Application with a Helm source, of a manifest file."""
    try:
        text = read_manifests(path) if path.suffix in MANIFESTS else ""
    except ChartError:
        return
    for _, line, document in split(text):
        kind = _KIND.search(document)
        helm = kind and _APPLICATION.search(document) and _HELM_SOURCE.search(document)
        if kind and (helm or _RELEASE.search(document)):
            where = line + document[: kind.start()].count("\n")
            message = (
                f"this {kind['kind']} isn't checked, because chartgen doesn't render its chart with its values: write "
                "the values into a file and run chartgen lint CHART -f VALUES"
            )
            file, rule = path.as_posix(), ReleaseNotChecked
            yield Finding(rule.id, rule.severity, message, file, where, 1, where, 1, path.name, tags=rule.tags)
