"""Knative Services as targets (pkg/canary/knative_controller.go), and what Knative does with them.

Knative makes a Revision of each new template, `<name>-00001` and on, and follows `spec.traffic` in `status.traffic` as
soon as all revisions in it are ready. The simulator does so whenever Flagger reads the Service. A revision is ready
when it is made, unless its template has the annotation that also keeps simulated pods from becoming ready.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routes import TOTAL
from chartgen.flagger.schedule.state import BOOTSTRAP_PHASES, Selector
from chartgen.flagger.schedule.workloads import READY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.state import Key

PRIMARY_REVISION = "flagger.app/primary-revision"


class KnativeTarget:
    def selector(self, _run: Reconciliation) -> Selector:
        return Selector()

    def initialize(self, run: Reconciliation) -> None:
        if run.cached.phase in BOOTSTRAP_PHASES:
            put_traffic(run, knative_service(run), latest_revision(knative_service(run)), TOTAL, 0)

    def primary_ready(self, run: Reconciliation) -> None:
        revision = primary_revision(knative_service(run))
        if revision is None:
            raise StepError(f"Knative Service {run.canary.names.of_target} primary revision annotation not found")
        _require_ready(run, revision)

    def canary_ready(self, run: Reconciliation) -> None:
        _require_ready(run, latest_revision(knative_service(run)))

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
    """The target as Knative has reconciled it; StepError without one."""
    names = run.canary.names
    service = run.objects.get(("Service", names.target))
    if service is None:
        missing = f'services.serving.knative.dev "{names.target}" not found'
        raise StepError(f"Knative Service {names.of_target} get query error: {missing}")
    current, revision = reconciled(run.objects, service)
    if revision:
        run.put("Revision", latest_revision(current), revision)
    run.put("Service", names.target, current)
    return current


def reconciled(
    objects: Mapping[Key, Mapping[str, Any]], service: Mapping[str, Any]
) -> tuple[dict[str, Any], Mapping[str, Any] | None]:
    """The Service with Knative's status, and the Revision that this makes, None if its template has one already."""
    name, status = as_str(as_mapping(service.get("metadata")).get("name")), dict(as_mapping(service.get("status")))
    latest, template = latest_revision(service), as_mapping(as_mapping(service.get("spec")).get("template"))
    existing, made = objects.get(("Revision", latest)), None
    if existing is None or as_mapping(existing.get("spec")) != template:
        latest = latest if latest and existing is None else _next_revision(name, latest)
        made = {"kind": "Revision", "metadata": {"name": latest}, "spec": template}
    status["latestCreatedRevisionName"] = latest
    if _is_ready(made or as_mapping(existing)):
        status["latestReadyRevisionName"] = latest
    traffic = _followed_traffic(service, as_str(status.get("latestReadyRevisionName")), objects)
    if traffic is not None:
        status["traffic"] = traffic
    return {**service, "status": status}, made


def _followed_traffic(
    service: Mapping[str, Any], ready: str, objects: Mapping[Key, Mapping[str, Any]]
) -> list[dict[str, Any]] | None:
    """`status.traffic` (serving pkg/reconciler/route/traffic/traffic.go); None while a revision in it isn't ready."""
    traffic: list[dict[str, Any]] = []
    entries = as_list(as_mapping(service.get("spec")).get("traffic")) or [{"latestRevision": True, "percent": TOTAL}]
    for entry in map(as_mapping, entries):
        named = as_str(entry.get("revisionName"))
        follows = entry.get("latestRevision", not named) is True
        revision = ready if follows else named
        known = revision == ready or _is_ready(as_mapping(objects.get(("Revision", revision))))
        if not revision or not known:
            return None
        found = {"latestRevision": follows, "percent": as_int(entry.get("percent")), "revisionName": revision}
        twin = next((each for each in traffic if {**each, "percent": 0} == {**found, "percent": 0}), None)
        if twin is None:
            traffic.append(found)
        else:
            twin["percent"] += found["percent"]
    return traffic


def _is_ready(revision: Mapping[str, Any]) -> bool:
    metadata = as_mapping(as_mapping(revision.get("spec")).get("metadata"))
    return bool(revision) and as_mapping(metadata.get("annotations")).get(READY) != "never"


def _require_ready(run: Reconciliation, revision: str) -> None:
    """Flagger waits for a revision at every tick, without a deadline."""
    body, namespace = run.objects.get(("Revision", revision)), run.canary.names.namespace
    if not revision:
        raise StepError(f"Knative Revision .{namespace} get query error: resource name may not be empty")
    if body is None:
        missing = f'revisions.serving.knative.dev "{revision}" not found'
        raise StepError(f"Knative Revision {revision}.{namespace} get query error: {missing}")
    if not _is_ready(body):
        raise StepError(f"Knative Revision {revision}.{namespace} is not ready")


def _next_revision(name: str, latest: str) -> str:
    """serving pkg/reconciler/configuration/resources/revision.go: the generation with five digits."""
    number = re.search(r"-([0-9]{1,9})$", latest)
    return f"{name}-{int(number[1]) + 1 if number else 1:05}"


def latest_revision(service: Mapping[str, Any]) -> str:
    return as_str(as_mapping(service.get("status")).get("latestCreatedRevisionName"))


def primary_revision(service: Mapping[str, Any]) -> str | None:
    """The revision that Flagger takes for the primary, None without the annotation."""
    annotations = as_mapping(as_mapping(service.get("metadata")).get("annotations"))
    return as_str(annotations[PRIMARY_REVISION]) if PRIMARY_REVISION in annotations else None


def with_primary_revision(service: Mapping[str, Any], revision: str) -> dict[str, Any]:
    metadata = as_mapping(service.get("metadata"))
    annotations = {**as_mapping(metadata.get("annotations")), PRIMARY_REVISION: revision}
    return {**service, "metadata": {**metadata, "annotations": annotations}}


def put_traffic(run: Reconciliation, service: Mapping[str, Any], revision: str, primary: int, canary: int) -> None:
    """Write who gets how much: first the latest revision, then the primary's."""
    traffic = [{"latestRevision": True, "percent": canary}, {"revisionName": revision, "percent": primary}]
    spec = {**as_mapping(service.get("spec")), "traffic": traffic}
    run.put("Service", run.canary.names.target, {**with_primary_revision(service, revision), "spec": spec})
