"""Knative's own traffic (pkg/router/knative.go); what the spec asks for counts as done at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routes import Routes
from chartgen.flagger.schedule.targets.knative import (
    PRIMARY_REVISION,
    knative_service,
    latest_revision,
    put_traffic,
    with_primary_revision,
)

if TYPE_CHECKING:
    from chartgen.flagger.schedule.reconciliation import Reconciliation


class KnativeRouter:
    def reconcile(self, run: Reconciliation) -> None:
        service = knative_service(run)
        if not _primary_revision(run):
            run.put("Service", run.canary.names.target, with_primary_revision(service, latest_revision(service)))

    def routes(self, run: Reconciliation) -> Routes:
        names = run.canary.names
        service, revision = knative_service(run), _primary_revision(run)
        if not revision:
            raise StepError(f"service {names.of_target} annotation not found")
        traffic = [as_mapping(each) for each in as_list(as_mapping(service.get("spec")).get("traffic"))]
        latest = [as_int(each.get("percent")) for each in traffic if each.get("latestRevision") is True]
        primary = [as_int(each.get("percent")) for each in traffic if each.get("revisionName") == revision]
        if not latest or not primary:
            raise StepError(f"Knative Service {names.of_target} traffic spec invalid")
        return Routes(primary[0], latest[0])

    def set_routes(self, run: Reconciliation, routes: Routes) -> None:
        revision = _primary_revision(run)
        if not revision:
            raise StepError(f"Knative Service {run.canary.names.of_target} annotation not found")
        put_traffic(run, knative_service(run), revision, routes.primary, routes.canary)

    def finalize(self, run: Reconciliation) -> None:
        service = knative_service(run)
        metadata = as_mapping(service.get("metadata"))
        annotations = {
            key: value for key, value in as_mapping(metadata.get("annotations")).items() if key != PRIMARY_REVISION
        }
        run.put("Service", run.canary.names.target, {**service, "metadata": {**metadata, "annotations": annotations}})


def _primary_revision(run: Reconciliation) -> str:
    metadata = as_mapping(knative_service(run).get("metadata"))
    return as_str(as_mapping(metadata.get("annotations")).get(PRIMARY_REVISION))
