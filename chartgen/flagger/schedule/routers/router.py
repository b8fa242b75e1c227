"""The interface of all routers (pkg/router/router.go), and what they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from chartgen.flagger.canary import as_mapping
from chartgen.flagger.crd.provider_crds import refusals_of
from chartgen.flagger.groups import GROUPS
from chartgen.flagger.schedule.errors import RouteRefusedError
from chartgen.flagger.schedule.services import owned_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.routes import Routes


class Router(Protocol):
    """Every method raises StepError with Flagger's error message if it fails."""

    def reconcile(self, run: Reconciliation, /) -> None:
        """Create the route, or update it if it differs from the Canary's spec."""

    def routes(self, run: Reconciliation, /) -> Routes:
        """GetRoutes"""

    def set_routes(self, run: Reconciliation, routes: Routes, /) -> None:
        """SetRoutes"""

    def finalize(self, run: Reconciliation, /) -> None:
        """Restore the state before the Canary."""


def put_route(run: Reconciliation, kind: str, version: str, body: Mapping[str, Any], failure: str) -> None:
    """Create or replace a route; RouteRefusedError with the words of `failure` if the provider's CRD refuses it."""
    name = as_mapping(body.get("metadata")).get("name")
    group = GROUPS[kind]
    refusals = refusals_of(f"{group}/{version}", kind, as_mapping(body.get("spec")))
    if refusals:
        text = f'{failure}{kind}.{group} "{name}" is invalid: '
        raise RouteRefusedError(text, kind, str(name), refusals)
    run.put(kind, str(name), body)


def apex_metadata(run: Reconciliation, name: str) -> dict[str, Any]:
    """The metadata of a route that Flagger creates: labels and annotations of `service.apex`."""
    return {**owned_metadata(name), **wanted_metadata(run)}


def wanted_metadata(run: Reconciliation) -> dict[str, Any]:
    apex = as_mapping(run.canary.service.get("apex"))
    return {"labels": dict(as_mapping(apex.get("labels"))), "annotations": dict(as_mapping(apex.get("annotations")))}


def metadata_differs(run: Reconciliation, body: Mapping[str, Any], kept: tuple[str, ...] = ()) -> bool:
    """Whether labels or annotations differ from `service.apex`; the annotations `kept` are ignored.

    Flagger's own annotations (pkg/router/util.go:filterMetadata) are ignored on both sides.
    """
    wanted, live = wanted_metadata(run), as_mapping(body.get("metadata"))
    annotations = {key: value for key, value in as_mapping(live.get("annotations")).items() if key not in (*kept, *OWN)}
    wanted_annotations = {key: value for key, value in wanted["annotations"].items() if key not in (*kept, *OWN)}
    return wanted["labels"] != dict(as_mapping(live.get("labels"))) or wanted_annotations != annotations


# pkg/router/util.go
OWN = ("kustomize.toolkit.fluxcd.io/reconcile", "helm.toolkit.fluxcd.io/driftDetection")
KUBECTL = "kubectl.kubernetes.io/last-applied-configuration"
ORIGINAL = "flagger.kubernetes.io/original-configuration"
