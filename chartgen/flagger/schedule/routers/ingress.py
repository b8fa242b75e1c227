"""NGINX: a second Ingress with annotations (pkg/router/ingress.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_list, as_mapping, as_str
from chartgen.flagger.names import canary_ingress
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routers.router import KUBECTL
from chartgen.flagger.schedule.routes import TO_CANARY, TOTAL, Routes
from chartgen.flagger.schedule.services import owned_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation

KIND = "Ingress"
# cmd/flagger/main.go: the default of -ingress-annotations-prefix.
PREFIX = "nginx.ingress.kubernetes.io/"
_CANARY, _WEIGHT = PREFIX + "canary", PREFIX + "canary-weight"
_BY_HEADER, _BY_COOKIE = PREFIX + "canary-by-header", PREFIX + "canary-by-cookie"


class NginxRouter:
    def reconcile(self, run: Reconciliation) -> None:
        if not run.canary.ingress:
            raise StepError("ingress selector is empty")
        ingress = users_ingress(run, "ingress")
        spec, found = redirected(ingress, run.canary.names.apex, run.canary.names.canary_service)
        if not found:
            raise StepError(f"backend {run.canary.names.apex} not found in ingress {run.canary.ingress}")
        name = canary_ingress(run.canary.ingress)
        body = run.objects.get((KIND, name))
        if body is None:
            user_metadata = as_mapping(ingress.get("metadata"))
            metadata = {**owned_metadata(name), "annotations": _reset(as_mapping(user_metadata.get("annotations")))}
            run.put(KIND, name, {"kind": KIND, "metadata": metadata, "spec": spec})
        elif body.get("spec") != spec:
            run.put(KIND, name, {**body, "spec": spec})

    def routes(self, run: Reconciliation) -> Routes:
        annotations = self._annotations(run)
        # With a match and header or cookie annotations, all traffic counts as the canary's.
        if run.canary.analysis.match and (_BY_HEADER in annotations or _BY_COOKIE in annotations):
            return TO_CANARY
        annotation = annotations.get(_WEIGHT, "0")
        try:
            weight = int(annotation)
        except ValueError:
            inner = f'strconv.Atoi: parsing "{annotation}": invalid syntax'
            raise StepError(f"failed to convert {annotation} to int: {inner}") from None
        return Routes(TOTAL - weight, weight)

    def set_routes(self, run: Reconciliation, routes: Routes) -> None:
        annotations = {**self._annotations(run)}
        if run.canary.analysis.match:
            annotations |= _header_annotations(run)
        else:
            annotations[_WEIGHT] = str(routes.canary)
        annotations = {**annotations, _CANARY: "true"} if routes.canary > 0 else _reset(annotations)
        put_annotations(run, annotations)

    def finalize(self, _run: Reconciliation) -> None:
        """Flagger restores nothing."""

    def _annotations(self, run: Reconciliation) -> Mapping[str, Any]:
        return canary_annotations(run)


def users_ingress(run: Reconciliation, label: str) -> Mapping[str, Any]:
    """The Ingress the Canary refers to."""
    name, namespace = run.canary.ingress, run.canary.names.namespace
    body = run.objects.get((KIND, name))
    if body is None:
        missing = f'ingresses.networking.k8s.io "{name}" not found'
        raise StepError(f"{label} {name}.{namespace} get query error: {missing}")
    return body


def canary_annotations(run: Reconciliation) -> Mapping[str, Any]:
    """The annotations of the canary Ingress."""
    name, namespace = canary_ingress(run.canary.ingress), run.canary.names.namespace
    body = run.objects.get((KIND, name))
    if body is None:
        missing = f'ingresses.networking.k8s.io "{name}" not found'
        raise StepError(f"ingress {name}.{namespace} get query error: {missing}")
    return as_mapping(as_mapping(body.get("metadata")).get("annotations"))


def put_annotations(run: Reconciliation, annotations: Mapping[str, Any]) -> None:
    name = canary_ingress(run.canary.ingress)
    body = run.objects[KIND, name]
    metadata = {**as_mapping(body.get("metadata")), "annotations": annotations}
    run.put(KIND, name, {**body, "metadata": metadata})


def redirected(ingress: Mapping[str, Any], backend: str, other: str) -> tuple[dict[str, Any], bool]:
    """The spec with every path of one backend redirected to another, and whether there was such a path."""
    found = False
    rules = []
    for rule in map(as_mapping, as_list(as_mapping(ingress.get("spec")).get("rules"))):
        paths = []
        for path in map(as_mapping, as_list(as_mapping(rule.get("http")).get("paths"))):
            matches = backend_service(path) == backend
            found = found or matches
            paths.append(sent_to(path, other) if matches else path)
        rules.append({**rule, "http": {**as_mapping(rule.get("http")), "paths": paths}} if "http" in rule else rule)
    return {**as_mapping(ingress.get("spec")), "rules": rules}, found


def backend_service(path: Mapping[str, Any]) -> str:
    """The name of a path's backend Service."""
    return as_str(as_mapping(as_mapping(path.get("backend")).get("service")).get("name"))


def sent_to(path: Mapping[str, Any], service: str) -> dict[str, Any]:
    """The path with another backend Service."""
    backend = as_mapping(path.get("backend"))
    return {**path, "backend": {**backend, "service": {**as_mapping(backend.get("service")), "name": service}}}


def _reset(annotations: Mapping[str, Any]) -> dict[str, Any]:
    """makeAnnotations: drop all canary annotations, then set weight 0."""
    kept = {key: value for key, value in annotations.items() if _CANARY not in key and KUBECTL not in key}
    return {**kept, _CANARY: "true", _WEIGHT: "0"}


def _header_annotations(run: Reconciliation) -> dict[str, str]:
    """Only one header is written (Go's map order decides which); for a cookie only `exact` applies."""
    cookie, header, value, regex = "", "", "", ""
    for match in run.canary.analysis.match:
        for name, condition in sorted(as_mapping(match.get("headers")).items()):
            if name == "cookie":
                cookie = as_str(as_mapping(condition).get("exact"))
            else:
                header, regex = name, as_str(as_mapping(condition).get("regex"))
                value = as_str(as_mapping(condition).get("exact"))
    annotations = {_BY_COOKIE: cookie, _BY_HEADER: header, f"{_BY_HEADER}-value": value, f"{_BY_HEADER}-pattern": regex}
    return {_CANARY: "true", **{key: text for key, text in annotations.items() if text}}
