"""The three Services that Flagger manages for a target with pods (pkg/router/kubernetes_default.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str
from chartgen.flagger.ports import target_port
from chartgen.flagger.schedule.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.state import Selector

_OWNER = "flagger-canary"
_HIGHEST_PORT = 65535


def reconcile_workload_services(run: Reconciliation, selector: Selector) -> None:
    """Initialize: the canary Service, then the primary one."""
    names = run.canary.names
    _reconcile(run, names.canary_service, selector, selector.value)
    _reconcile(run, names.primary_service, selector, f"{selector.value}-primary")


def reconcile_apex_service(run: Reconciliation, selector: Selector) -> None:
    """Reconcile: the apex Service selects the primary's pods."""
    _reconcile(run, run.canary.names.apex, selector, f"{selector.value}-primary")


def revert_apex_service(run: Reconciliation, selector: Selector) -> None:
    """Finalize: an apex Service that Flagger didn't create selects the target's pods again."""
    name = run.canary.names.apex
    service = run.objects.get(("Service", name))
    if service is None:
        namespace = run.canary.names.namespace
        raise StepError(f'service {name}.{namespace} get query error: services "{name}" not found')
    if not owned(service):
        _reconcile(run, name, selector, selector.value)


def owned(body: Mapping[str, Any]) -> bool:
    """Whether Flagger created the object for this Canary, so it is deleted with the Canary."""
    return as_mapping(body.get("metadata")).get("owner") == _OWNER


def owned_metadata(name: str) -> dict[str, Any]:
    return {"name": name, "owner": _OWNER}


def _reconcile(run: Reconciliation, name: str, selector: Selector, pods: str) -> None:
    try:
        _reconcile_service(run, name, selector, pods)
    except StepError as error:
        raise error.within("reconcileService failed") from error


def _reconcile_service(run: Reconciliation, name: str, selector: Selector, pods: str) -> None:
    """Update a live Service only if ports or selector differ; only then can the API server reject it."""
    ports = _ports(run.canary.service, selector)
    spec = {"selector": {selector.label: pods}, "ports": ports}
    service = run.objects.get(("Service", name))
    if service is None:
        if _refused(ports):
            namespace = run.canary.names.namespace
            message = f'service {name}.{namespace} create error: Service "{name}" is invalid: '
            raise StepError(message, open_ended=True)
        run.put("Service", name, {"kind": "Service", "metadata": owned_metadata(name), "spec": spec})
        return
    live = as_mapping(service.get("spec"))
    if _compared(live) == _compared(spec):
        return
    if _refused(ports):
        raise StepError(f'service {name} update error: Service "{name}" is invalid: ', open_ended=True)
    run.put("Service", name, {**service, "spec": {**live, **spec}})


def _compared(spec: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    ports = [
        (port.get("name"), port.get("port"), str(port.get("targetPort", port.get("port"))), port.get("appProtocol"))
        for port in map(as_mapping, as_list(spec.get("ports")))
    ]
    return spec.get("selector"), sorted(ports, key=str)


def _ports(service: Mapping[str, Any], selector: Selector) -> list[dict[str, Any]]:
    own: dict[str, Any] = {
        "name": as_str(service.get("portName")) or "http",
        "port": as_int(service.get("port")),
        "targetPort": target_port(service),
    }
    if as_str(service.get("appProtocol")):
        own["appProtocol"] = service["appProtocol"]
    further = [{"name": name, "port": number, "targetPort": number} for name, number in selector.ports.items()]
    return [own, *further]


def _refused(ports: list[dict[str, Any]]) -> bool:
    """k8s.io/kubernetes/pkg/apis/core/validation: numbers in range, names and numbers unique."""
    names, numbers = [port["name"] for port in ports], [port["port"] for port in ports]
    twice = len(set(names)) < len(names) or len(set(numbers)) < len(numbers)
    return twice or any(not 0 < number <= _HIGHEST_PORT for number in numbers)
