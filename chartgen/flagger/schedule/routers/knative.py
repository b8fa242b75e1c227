"""Knative's own traffic (pkg/router/knative.go).

Flagger writes `spec.traffic` and reads `status.traffic`, in which Knative names the revision of every entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_int, as_list, as_mapping
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routes import TOTAL, Routes
from chartgen.flagger.schedule.targets.knative import (
    PRIMARY_REVISION,
    knative_service,
    latest_revision,
    primary_revision,
    put_traffic,
    with_primary_revision,
)

if TYPE_CHECKING:
    from chartgen.flagger.schedule.reconciliation import Reconciliation


class KnativeRouter:
    def reconcile(self, run: Reconciliation) -> None:
        service = knative_service(run)
        if primary_revision(service) is None:
            run.put("Service", run.canary.names.target, with_primary_revision(service, latest_revision(service)))

    def routes(self, run: Reconciliation) -> Routes:
        names = run.canary.names
        service = knative_service(run)
        revision = primary_revision(service)
        if revision is None:
            raise StepError(f"service {names.of_target} annotation not found")
        # After the promotion, the annotation names the latest revision: the first entry is canary and primary.
        traffic = [as_mapping(each) for each in as_list(as_mapping(service.get("status")).get("traffic"))]
        latest = [each for each in traffic if each.get("latestRevision") is True]
        primary = [each for each in traffic if each.get("revisionName") == revision]
        if not latest or not primary:
            raise StepError(f"Knative Service {names.of_target} traffic spec invalid")
        return Routes(as_int(primary[0].get("percent")), as_int(latest[0].get("percent")))

    def set_routes(self, run: Reconciliation, routes: Routes) -> None:
        revision = primary_revision(knative_service(run))
        if revision is None:
            raise StepError(f"Knative Service {run.canary.names.of_target} annotation not found")
        total = routes.primary + routes.canary
        if total != TOTAL:
            raise StepError(f"Knative Service {run.canary.names.of_target} update query error {_denied(total)}")
        put_traffic(run, knative_service(run), revision, routes.primary, routes.canary)

    def finalize(self, run: Reconciliation) -> None:
        service = knative_service(run)
        metadata = as_mapping(service.get("metadata"))
        annotations = {
            key: value for key, value in as_mapping(metadata.get("annotations")).items() if key != PRIMARY_REVISION
        }
        run.put("Service", run.canary.names.target, {**service, "metadata": {**metadata, "annotations": annotations}})


def _denied(total: int) -> str:
    """Knative's validating webhook (serving pkg/apis/serving/v1/route_validation.go:validateTrafficList)."""
    problem = f"Traffic targets sum to {total}, want {TOTAL}: spec.traffic"
    webhook = "validation.webhook.serving.knative.dev"
    return f'admission webhook "{webhook}" denied the request: validation failed: {problem}'
