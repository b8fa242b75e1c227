"""Knative's own traffic (pkg/router/knative.go).

Flagger writes `spec.traffic` and reads `status.traffic`, in which Knative names the revision of every entry. The
simulated status follows the spec at once, as if every revision were ready.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routes import TOTAL, Routes
from chartgen.flagger.schedule.targets.knative import (
    PRIMARY_REVISION,
    knative_service,
    latest_revision,
    put_traffic,
    with_primary_revision,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        traffic = _status_traffic(service)
        latest = [percent for _, is_latest, percent in traffic if is_latest]
        primary = [percent for name, _, percent in traffic if name == revision]
        if not latest or not primary:
            raise StepError(f"Knative Service {names.of_target} traffic spec invalid")
        return Routes(primary[0], latest[0])

    def set_routes(self, run: Reconciliation, routes: Routes) -> None:
        revision = _primary_revision(run)
        if not revision:
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


def _status_traffic(service: Mapping[str, Any]) -> list[tuple[str, bool, int]]:
    """(revision, whether it follows the latest one, percent) of each entry, as serving's traffic.go:targetToStatus.

    After the promotion, the annotation names the latest revision, so the first entry is that of canary and primary.
    """
    latest = latest_revision(service)
    entries = as_list(as_mapping(service.get("spec")).get("traffic")) or [{"latestRevision": True, "percent": TOTAL}]
    traffic = []
    for entry in map(as_mapping, entries):
        revision = as_str(entry.get("revisionName"))
        traffic.append((revision or latest, not revision, as_int(entry.get("percent"))))
    return traffic


def _denied(total: int) -> str:
    """Knative's validating webhook (serving pkg/apis/serving/v1/route_validation.go:validateTrafficList)."""
    problem = f"Traffic targets sum to {total}, want {TOTAL}: spec.traffic"
    webhook = "validation.webhook.serving.knative.dev"
    return f'admission webhook "{webhook}" denied the request: validation failed: {problem}'


def _primary_revision(run: Reconciliation) -> str:
    metadata = as_mapping(knative_service(run).get("metadata"))
    return as_str(as_mapping(metadata.get("annotations")).get(PRIMARY_REVISION))
