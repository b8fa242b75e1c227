"""Knative Services as targets (pkg/canary/knative_controller.go); a revision counts as ready once it is made.

`status.latestCreatedRevisionName` is Knative's to write. If the object doesn't have it, each new template creates
a revision: `<name>-00001` and so on, as in Knative.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_mapping, as_str
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.state import BOOTSTRAP_PHASES, Selector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation

PRIMARY_REVISION = "flagger.app/primary-revision"


class KnativeTarget:
    def selector(self, _run: Reconciliation) -> Selector:
        return Selector()

    def initialize(self, run: Reconciliation) -> None:
        if run.cached.phase in BOOTSTRAP_PHASES:
            put_traffic(run, knative_service(run), latest_revision(knative_service(run)), 100, 0)

    def primary_ready(self, run: Reconciliation) -> None:
        knative_service(run)

    def canary_ready(self, run: Reconciliation) -> None:
        knative_service(run)

    def promote(self, run: Reconciliation) -> None:
        service = knative_service(run)
        annotated = with_primary_revision(service, latest_revision(service))
        run.put("Service", run.canary.names.target, annotated)

    def revision(self, run: Reconciliation) -> str:
        return latest_revision(knative_service(run))

    def configs(self, _run: Reconciliation) -> None:
        return None

    def configs_changed(self, _run: Reconciliation) -> bool:
        return False

    def scale_to_zero(self, _run: Reconciliation) -> None:
        """Knative scales by itself."""

    def scale_from_zero(self, _run: Reconciliation) -> None:
        """Knative scales by itself."""

    def finalize(self, _run: Reconciliation) -> None:
        """Nothing to restore."""


def knative_service(run: Reconciliation) -> Mapping[str, Any]:
    names = run.canary.names
    service = run.objects.get(("Service", names.target))
    if service is None:
        missing = f'services.serving.knative.dev "{names.target}" not found'
        raise StepError(f"Knative Service {names.of_target} get query error: {missing}")
    return service


def latest_revision(service: Mapping[str, Any]) -> str:
    created = as_str(as_mapping(service.get("status")).get("latestCreatedRevisionName"))
    return created or json.dumps(as_mapping(service.get("spec")).get("template"), sort_keys=True, default=str)


def with_primary_revision(service: Mapping[str, Any], revision: str) -> dict[str, Any]:
    metadata = as_mapping(service.get("metadata"))
    annotations = {**as_mapping(metadata.get("annotations")), PRIMARY_REVISION: revision}
    return {**service, "metadata": {**metadata, "annotations": annotations}}


def put_traffic(run: Reconciliation, service: Mapping[str, Any], revision: str, primary: int, canary: int) -> None:
    """Write who gets how much: first the latest revision, then the primary's."""
    traffic = [{"latestRevision": True, "percent": canary}, {"revisionName": revision, "percent": primary}]
    spec = {**as_mapping(service.get("spec")), "traffic": traffic}
    run.put("Service", run.canary.names.target, {**with_primary_revision(service, revision), "spec": spec})
