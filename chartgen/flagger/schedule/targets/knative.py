"""Knative Services as targets (pkg/canary/knative_controller.go); a revision counts as ready once it is made.

Knative makes a Revision for each new template: `<name>-00001` and on. The simulator does so when Flagger reads the
Service, and keeps its name in `status.latestCreatedRevisionName`.
"""

from __future__ import annotations

import re
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
    return _with_revision(run, service)


def _with_revision(run: Reconciliation, service: Mapping[str, Any]) -> Mapping[str, Any]:
    """The Service with a Revision of its current template."""
    latest, template = latest_revision(service), as_mapping(as_mapping(service.get("spec")).get("template"))
    revision = run.objects.get(("Revision", latest))
    if revision is not None and as_mapping(revision.get("spec")) == template:
        return service
    if not latest or revision is not None:
        latest = _next_revision(run.canary.names.target, latest)
    run.put("Revision", latest, {"kind": "Revision", "metadata": {"name": latest}, "spec": template})
    status = {**as_mapping(service.get("status")), "latestCreatedRevisionName": latest}
    current = {**service, "status": status}
    run.put("Service", run.canary.names.target, current)
    return current


def _next_revision(name: str, latest: str) -> str:
    """serving pkg/reconciler/configuration/resources/revision.go: the generation with five digits."""
    number = re.search(r"-([0-9]{1,9})$", latest)
    return f"{name}-{int(number[1]) + 1 if number else 1:05}"


def latest_revision(service: Mapping[str, Any]) -> str:
    return as_str(as_mapping(service.get("status")).get("latestCreatedRevisionName"))


def with_primary_revision(service: Mapping[str, Any], revision: str) -> dict[str, Any]:
    metadata = as_mapping(service.get("metadata"))
    annotations = {**as_mapping(metadata.get("annotations")), PRIMARY_REVISION: revision}
    return {**service, "metadata": {**metadata, "annotations": annotations}}


def put_traffic(run: Reconciliation, service: Mapping[str, Any], revision: str, primary: int, canary: int) -> None:
    """Write who gets how much: first the latest revision, then the primary's."""
    traffic = [{"latestRevision": True, "percent": canary}, {"revisionName": revision, "percent": primary}]
    spec = {**as_mapping(service.get("spec")), "traffic": traffic}
    run.put("Service", run.canary.names.target, {**with_primary_revision(service, revision), "spec": spec})
