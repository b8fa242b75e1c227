"""Kubernetes Services as targets (pkg/canary/service_controller.go): nothing to wait for, nothing to scale."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_mapping
from chartgen.flagger.names import CANARY
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.state import Selector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation


class ServiceTarget:
    def selector(self, _run: Reconciliation) -> Selector:
        return Selector()

    def initialize(self, run: Reconciliation) -> None:
        names = run.canary.names
        service = self._get(run, names.target, names.primary)
        run.put("Service", names.target + CANARY, _copy(service, names.target + CANARY))
        if ("Service", names.primary) not in run.objects:
            run.put("Service", names.primary, _copy(service, names.primary))

    def primary_ready(self, _run: Reconciliation) -> None:
        """Always ready."""

    def canary_ready(self, _run: Reconciliation) -> None:
        """Always ready."""

    def promote(self, run: Reconciliation) -> None:
        names = run.canary.names
        try:
            service = self._get(run, names.target, names.target)
            self._get(run, names.primary, names.primary)
        except StepError as error:
            raise error.within(f"updating service {names.of_primary} spec failed") from error
        run.put("Service", names.primary, _copy(service, names.primary))

    def revision(self, run: Reconciliation) -> str:
        target = run.canary.names.target
        return json.dumps(self._get(run, target, target).get("spec"), sort_keys=True, default=str)

    def configs(self, _run: Reconciliation) -> None:
        return None

    def configs_changed(self, _run: Reconciliation) -> bool:
        return False

    def scale_to_zero(self, _run: Reconciliation) -> None:
        """Nothing to scale."""

    def scale_from_zero(self, _run: Reconciliation) -> None:
        """Nothing to scale."""

    def finalize(self, _run: Reconciliation) -> None:
        """Nothing to restore."""

    def _get(self, run: Reconciliation, name: str, shown_name: str) -> Mapping[str, Any]:
        service = run.objects.get(("Service", name))
        if service is None:
            namespace = run.canary.names.namespace
            raise StepError(f'service {shown_name}.{namespace} get query error: services "{name}" not found')
        return service


def _copy(service: Mapping[str, Any], name: str) -> dict[str, Any]:
    metadata = {**as_mapping(service.get("metadata")), "name": name}
    return {**service, "metadata": metadata}
