"""Runs every check for one Canary."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.source import UnreadableError
from chartgen.cluster.preflight import (
    flagger_checks,
    gateway_checks,
    mesh_checks,
    metric_checks,
    neighbour_checks,
    reference_checks,
    rights_checks,
    workload_checks,
)
from chartgen.cluster.preflight.check import Check, Result
from chartgen.cluster.preflight.context import Context, canary_with_provider, skipped
from chartgen.cluster.preflight.installation import installations
from chartgen.flagger.canary import read_canary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chartgen.cluster.access.source import Source
    from chartgen.cluster.preflight.installation import Installation

# Each with the id under which it is reported if its facts can't be had.
_CHECKS: tuple[tuple[str, Callable[[Context], Iterator[Check]]], ...] = (
    ("flagger-crd", flagger_checks.check_crds),
    ("flagger-controller", flagger_checks.check_controller),
    ("flagger-namespace", flagger_checks.check_flags),
    ("provider-api", mesh_checks.check_apis),
    ("namespace", mesh_checks.check_namespace),
    ("injection", mesh_checks.check_injection),
    ("target", workload_checks.check_target),
    ("autoscaler", workload_checks.check_autoscaler),
    ("disruption-budget", workload_checks.check_budgets),
    ("gateway", gateway_checks.check_istio_gateways),
    ("gateway", gateway_checks.check_gateway_refs),
    ("ingress", gateway_checks.check_ingress),
    ("metric-template", reference_checks.check_metric_templates),
    ("alert-provider", reference_checks.check_alert_providers),
    ("webhook", reference_checks.check_webhooks),
    ("metrics-server", metric_checks.check_metrics_server),
    ("metric", metric_checks.check_metrics),
    ("traffic", metric_checks.check_requests),
    ("other-canary", neighbour_checks.check_other_canaries),
    ("service-owner", neighbour_checks.check_service_ownership),
    ("rights", rights_checks.check_rights),
)


def flagger_of(source: Source, namespace: str) -> Installation | None:
    """The Flagger that watches a namespace, else any; None if none is found or Deployments can't be read."""
    try:
        found = installations(source)
    except UnreadableError:
        return None
    watching = [each for each in found if each.flags.get("namespace", "") in {"", namespace}]
    return next(iter([*watching, *found]), None)


def preflight(
    canary: Mapping[str, Any],
    objects: tuple[Mapping[str, Any], ...],
    source: Source,
    *,
    release: str,
    kubectl: tuple[str, ...],
    keeps_service: bool,
) -> Result:
    """All checks of one Canary; `Context` describes the arguments."""
    context = context_of(canary, objects, source, release=release, kubectl=kubectl)
    context = replace(context, keeps_service=keeps_service)
    names = context.canary.names
    checks = tuple(check for id_, run in _CHECKS for check in _guarded(context, id_, run))
    return Result(f"{names.namespace}/{names.canary}", source.name, checks, _requests(context))


def context_of(
    canary: Mapping[str, Any],
    objects: tuple[Mapping[str, Any], ...],
    source: Source,
    *,
    release: str = "",
    kubectl: tuple[str, ...] = ("kubectl",),
) -> Context:
    """What the checks see."""
    namespace = read_canary(canary).names.namespace
    flagger = flagger_of(source, namespace)
    return Context(canary_with_provider(canary, flagger), objects, release, source, kubectl, flagger)


def _guarded(context: Context, id_: str, run: Callable[[Context], Iterator[Check]]) -> Iterator[Check]:
    """The checks until a fact can't be had."""
    try:
        yield from run(context)
    except UnreadableError as error:
        names = context.canary.names
        yield skipped(id_, f"Canary {names.namespace}/{names.canary}", error.reason, error.command)


def _requests(context: Context) -> float | None:
    try:
        return metric_checks.requests_per_second(context)
    except UnreadableError:
        return None
