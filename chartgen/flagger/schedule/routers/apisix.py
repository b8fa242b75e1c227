"""APISIX: a second ApisixRoute with both backends (pkg/router/apisix.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping
from chartgen.flagger.names import canary_apisix_route
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routers.router import put_route
from chartgen.flagger.schedule.routers.splits import without_weights
from chartgen.flagger.schedule.routes import TOTAL, Routes
from chartgen.flagger.schedule.services import owned_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation

KIND = "ApisixRoute"
_HIGHEST_PRIORITY = 10000


class ApisixRouter:
    def reconcile(self, run: Reconciliation) -> None:
        names, route = run.canary.names, run.canary.route
        if not route:
            raise StepError("apisix route selector is empty")
        body = run.objects.get((KIND, route))
        if body is None:
            missing = f'apisixroutes.apisix.apache.org "{route}" not found'
            raise StepError(f"APISIX route {route}.{names.namespace} get query error: {missing}")
        entries = [as_mapping(each) for each in as_list(as_mapping(body.get("spec")).get("http"))]
        if not entries:
            raise StepError(f"APISIX route {route}.{names.namespace}'s spec.http is empty")
        entry = _with_backend(run, entries, names.apex)
        backends = as_list(entry.get("backends"))
        if len(backends) != 1:
            reason = f"http route {entry.get('name', '')} only one http backend is supported"
            raise StepError(f"APISIX route {route}.{names.namespace}'s {reason}")
        primary = {**as_mapping(backends[0]), "serviceName": names.primary_service, "weight": TOTAL}
        canary = {**primary, "serviceName": names.canary_service, "weight": 0}
        canary_entry = {**entry, "priority": _HIGHEST_PRIORITY, "backends": [primary, canary]}
        spec = {**as_mapping(body.get("spec")), "http": [canary_entry]}
        name = canary_apisix_route(route, names.apex)
        live = run.objects.get((KIND, name))
        if live is None:
            _write(run, {"kind": KIND, "metadata": owned_metadata(name), "spec": spec}, "create")
        elif _bare(spec) != _bare(as_mapping(live.get("spec"))):
            _write(run, {**live, "spec": spec}, "update")

    def routes(self, run: Reconciliation) -> Routes:
        spec = self._get(run)
        primary = run.canary.names.primary_service
        entry = _with_backend(run, [as_mapping(each) for each in as_list(spec.get("http"))], primary)
        for backend in map(as_mapping, as_list(entry.get("backends"))):
            if backend.get("serviceName") == primary:
                weight = as_int(backend.get("weight"))
                return Routes(weight, TOTAL - weight)
        return Routes(0, 0)

    def set_routes(self, run: Reconciliation, routes: Routes) -> None:
        names = run.canary.names
        spec = self._get(run)
        weights = {names.primary_service: routes.primary, names.canary_service: routes.canary}
        entries = []
        for entry in map(as_mapping, as_list(spec.get("http"))):
            backends = [
                {
                    **as_mapping(each),
                    "weight": weights.get(as_mapping(each).get("serviceName", ""), as_mapping(each).get("weight")),
                }
                for each in as_list(entry.get("backends"))
            ]
            entries.append({**entry, "backends": backends})
        name = canary_apisix_route(run.canary.route, names.apex)
        _write(run, {**run.objects[KIND, name], "spec": {**spec, "http": entries}}, "update")

    def finalize(self, _run: Reconciliation) -> None:
        """Flagger restores nothing."""

    def _get(self, run: Reconciliation) -> Mapping[str, Any]:
        name = canary_apisix_route(run.canary.route, run.canary.names.apex)
        body = run.objects.get((KIND, name))
        if body is None:
            missing = f'apisixroutes.apisix.apache.org "{name}" not found'
            raise StepError(f"apisix route {name}.{run.canary.names.namespace} query error: {missing}")
        return as_mapping(body.get("spec"))


def _write(run: Reconciliation, body: Mapping[str, Any], verb: str) -> None:
    name = canary_apisix_route(run.canary.route, run.canary.names.apex)
    put_route(run, KIND, "v2", body, f"APISIX route {name}.{run.canary.names.namespace} {verb} error: ")


def _with_backend(run: Reconciliation, entries: list[Mapping[str, Any]], service: str) -> Mapping[str, Any]:
    for entry in entries:
        if any(as_mapping(each).get("serviceName") == service for each in as_list(entry.get("backends"))):
            return entry
    full_name = f"{run.canary.route}.{run.canary.names.namespace}"
    raise StepError(f"Can not find {service} backend on apisix route {full_name} ")


def _bare(spec: Mapping[str, Any]) -> list[Any]:
    return [
        {**as_mapping(each), "backends": without_weights(as_mapping(each).get("backends"))}
        for each in as_list(spec.get("http"))
    ]
