"""What every kind of route can do for Flagger (pkg/router/router.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from chartgen.flagger.canary import as_mapping
from chartgen.flagger.schedule.services import owned_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.routes import Routes


class Router(Protocol):
    """Every method raises StepError with Flagger's words where it cannot do its work."""

    def reconcile(self, run: Reconciliation, /) -> None:
        """Create the route, or write it anew where it is not what the Canary asks for."""

    def routes(self, run: Reconciliation, /) -> Routes:
        """GetRoutes"""

    def set_routes(self, run: Reconciliation, routes: Routes, /) -> None:
        """SetRoutes"""

    def finalize(self, run: Reconciliation, /) -> None:
        """Give back what stood there before."""


def apex_metadata(run: Reconciliation, name: str) -> dict[str, Any]:
    """metadata of a route of Flagger's own: labels and annotations of `service.apex`."""
    return {**owned_metadata(name), **wanted_metadata(run)}


def wanted_metadata(run: Reconciliation) -> dict[str, Any]:
    apex = as_mapping(run.canary.service.get("apex"))
    return {"labels": dict(as_mapping(apex.get("labels"))), "annotations": dict(as_mapping(apex.get("annotations")))}


def metadata_differs(run: Reconciliation, body: Mapping[str, Any], kept: tuple[str, ...] = ()) -> bool:
    """Whether labels or annotations are not those of `service.apex`; annotations `kept` are left out of it.

    What Flagger itself adds to annotations (pkg/router/util.go:filterMetadata) is left out on both sides.
    """
    wanted, live = wanted_metadata(run), as_mapping(body.get("metadata"))
    annotations = {key: value for key, value in as_mapping(live.get("annotations")).items() if key not in (*kept, *OWN)}
    wanted_annotations = {key: value for key, value in wanted["annotations"].items() if key not in (*kept, *OWN)}
    return wanted["labels"] != dict(as_mapping(live.get("labels"))) or wanted_annotations != annotations


# pkg/router/util.go
OWN = ("kustomize.toolkit.fluxcd.io/reconcile", "helm.toolkit.fluxcd.io/driftDetection")
KUBECTL = "kubectl.kubernetes.io/last-applied-configuration"
ORIGINAL = "flagger.kubernetes.io/original-configuration"
