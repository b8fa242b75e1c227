"""Skipper: a second Ingress with both backends and their weights (pkg/router/skipper.go)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str
from chartgen.flagger.names import canary_ingress
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routers.ingress import (
    KIND,
    backend_service,
    canary_annotations,
    put_annotations,
    sent_to,
    users_ingress,
)
from chartgen.flagger.schedule.routes import TO_PRIMARY, Routes
from chartgen.flagger.schedule.services import owned_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation

_PREDICATE, _WEIGHTS = "zalando.org/skipper-predicate", "zalando.org/backend-weights"
_ON, _OFF = "Weight(100)", "False()"


class SkipperRouter:
    """An Ingress without annotations crashes Flagger; here it counts as one with no annotation set."""

    def reconcile(self, run: Reconciliation) -> None:
        if not run.canary.ingress:
            raise StepError("ingress selector is empty")
        ingress = users_ingress(run, "apexIngress")
        spec = _split(ingress, run)
        annotations = as_mapping(as_mapping(ingress.get("metadata")).get("annotations"))
        name = canary_ingress(run.canary.ingress)
        body = run.objects.get((KIND, name))
        if body is None:
            metadata = {**owned_metadata(name), "annotations": _weighted(run, annotations, TO_PRIMARY)}
            run.put(KIND, name, {"kind": KIND, "metadata": metadata, "spec": spec})
        elif body.get("spec") != spec:
            metadata = {**as_mapping(body.get("metadata")), "annotations": _weighted(run, annotations, TO_PRIMARY)}
            run.put(KIND, name, {**body, "metadata": metadata, "spec": spec})

    def routes(self, run: Reconciliation) -> Routes:
        names = run.canary.names
        annotation = canary_annotations(run).get(_WEIGHTS)
        lead = f"ingress {canary_ingress(run.canary.ingress)}.{names.namespace}"
        try:
            weights = as_mapping(json.loads(as_str(annotation))) if annotation is not None else None
        except ValueError:
            weights = None
        if weights is None:
            raise StepError(f"{lead} get backendWeights error: ", open_ended=True)
        for service, variable in ((names.primary_service, "primarySvcName"), (names.canary_service, "canarySvcName")):
            if service not in weights:
                raise StepError(f"{lead} could not get weights[{variable}]")
        return Routes(as_int(weights[names.primary_service]), as_int(weights[names.canary_service]))

    def set_routes(self, run: Reconciliation, routes: Routes) -> None:
        annotations = _weighted(run, canary_annotations(run), routes)
        if routes.canary == 0:
            annotations[_PREDICATE] = _with_predicate(as_str(annotations.get(_PREDICATE)), _OFF)
        put_annotations(run, annotations)

    def finalize(self, run: Reconciliation) -> None:
        name = canary_ingress(run.canary.ingress)
        if run.objects.pop((KIND, name), None) is None:
            missing = f'ingresses.networking.k8s.io "{name}" not found'
            raise StepError(f"ingress {name}.{run.canary.names.namespace} unable to remove canary ingress: {missing}")


def _split(ingress: Mapping[str, Any], run: Reconciliation) -> dict[str, Any]:
    """Each path of the apex leads to the primary; a copy of it, after all others, leads to the canary."""
    names = run.canary.names
    rules = []
    for rule in map(as_mapping, as_list(as_mapping(ingress.get("spec")).get("rules"))):
        paths, further = [], []
        for path in map(as_mapping, as_list(as_mapping(rule.get("http")).get("paths"))):
            if backend_service(path) != names.apex:
                paths.append(path)
                continue
            paths.append(sent_to(path, names.primary_service))
            further.append(sent_to(path, names.canary_service))
        rules.append({**rule, "http": {**as_mapping(rule.get("http")), "paths": [*paths, *further]}})
    return {**as_mapping(ingress.get("spec")), "rules": rules}


def _weighted(run: Reconciliation, annotations: Mapping[str, Any], routes: Routes) -> dict[str, Any]:
    names = run.canary.names
    shares = {names.primary_service: routes.primary, names.canary_service: routes.canary}
    # Go writes the keys of a map in order, without spaces.
    weights = json.dumps(shares, sort_keys=True, separators=(",", ":"))
    predicate = _with_predicate(as_str(annotations.get(_PREDICATE)), _ON)
    return {**annotations, _WEIGHTS: weights, _PREDICATE: predicate}


def _with_predicate(predicates: str, first: str) -> str:
    kept = [each.strip() for each in predicates.split("&&")]
    return " && ".join([first, *(each for each in kept if each not in ("", _ON, _OFF))])
