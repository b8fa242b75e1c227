"""Where the cluster's own HelmReleases and Applications set the desired version."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import APPLICATIONS, HELM_RELEASES
from chartgen.cluster.access.source import UnreadableError
from chartgen.flagger.canary import as_list, as_mapping, as_str
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.cluster.access.live import LiveSource
    from chartgen.cluster.access.resources import Resource
    from chartgen.cluster.access.source import Object
    from chartgen.cluster.drift.sites import Finder, Site

# Which of its labels and annotations hold the name of the release (Helm's convention), or of the object itself:
# Flux' origin labels, and the tracking of Argo CD.
_NAME_LABELS = ("app.kubernetes.io/instance", "helm.toolkit.fluxcd.io/name", "argocd.argoproj.io/instance")
_TRACKING_ID = "argocd.argoproj.io/tracking-id"


def names_given_to(workload: Mapping[str, Any]) -> set[str]:
    """The names of the release, HelmRelease or Application that a workload's labels and annotations hold."""
    labels, annotations = (as_mapping(value_at(workload, ("metadata", key))) for key in ("labels", "annotations"))
    # `name:group/kind:namespace/name`; before the name, the namespace of an Application outside of Argo CD's.
    tracked = as_str(annotations.get(_TRACKING_ID)).partition(":")[0].rpartition("_")[2]
    return {tracked, *(as_str(labels.get(key)) for key in _NAME_LABELS)} - {""}


def objects_that_want(source: LiveSource, finder: Finder) -> tuple[tuple[Site, ...], list[str]]:
    """The sites in the objects of the app, and a note for each kind that the caller may not read."""
    sites: list[Site] = []
    notes = []
    for resource in (HELM_RELEASES, APPLICATIONS):
        try:
            found = _objects(source, resource)
        except UnreadableError as error:
            way_on = f"; grant it: {error.command}" if error.command else ""
            notes.append(f"{resource.kind}s can't be read: {error.reason}{way_on}")
            continue
        for body in found:
            sites += [site for site in finder.sites(_place(resource, body), _document(resource, body)) if site.sure]
    return tuple(sites), notes


def _objects(source: LiveSource, resource: Resource) -> tuple[Object, ...]:
    """All objects of a kind, in the newest of its versions that the API server has."""
    for version in source.served(resource.group):
        one = replace(resource, version=version)
        # Others may use the group for their kinds, in other versions: argoproj.io is also Argo CD's operator's.
        listed = as_list(as_mapping(source.request(f"/apis/{one.api_version}")).get("resources"))
        if any(as_mapping(each).get("name") == resource.plural for each in listed):
            return tuple(source.items(one))
    return ()


def _place(resource: Resource, body: Object) -> str:
    return f"{resource.kind} {value_at(body, ('metadata', 'namespace'))}/{value_at(body, ('metadata', 'name'))}"


def _document(resource: Resource, body: Object) -> str:
    """What says the version, as JSON, which is YAML. Annotations don't: kubectl keeps former versions in one."""
    metadata = {key: value_at(body, ("metadata", key)) for key in ("name", "namespace")}
    document = {"kind": resource.kind, "metadata": metadata, "spec": body.get("spec")}
    return json.dumps(document, ensure_ascii=False)
