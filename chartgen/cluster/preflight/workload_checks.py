"""The workload: its target, autoscaler and disruption budgets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import AUTOSCALERS, BUDGETS, CRDS, SCALED_OBJECTS, SCALERS, WORKLOADS
from chartgen.cluster.preflight.context import Context, blocker, matches, name_of, ok, pod_labels_of, warning
from chartgen.flagger.canary import as_mapping, as_str
from chartgen.flagger.names import PRIMARY, SELECTOR_LABELS, chosen_label
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.cluster.preflight.check import Check

_KEDA = "helm upgrade --install keda keda --repo https://kedacore.github.io/charts --namespace keda --create-namespace"


def check_target(context: Context) -> Iterator[Check]:
    """Whether the target exists, or the chart creates it."""
    kind, name = context.canary.target_kind, context.canary.names.target
    if kind not in WORKLOADS:
        return
    subject = f"{kind} {context.namespace}/{name}"
    if context.target() is None:
        command = context.command("get", WORKLOADS[kind].plural)
        yield blocker("target", subject, "neither the chart nor the cluster has it: every tick fails", command)
    else:
        yield ok("target", subject, "is the Canary's target")


def check_autoscaler(context: Context) -> Iterator[Check]:
    """The autoscaler that the Canary refers to, its API, and one that it doesn't refer to."""
    yield from _foreign_autoscalers(context)
    scaler = context.canary.autoscaler
    if scaler is None or scaler.kind not in SCALERS:
        return
    resource, subject = SCALERS[scaler.kind], f"{scaler.kind} {context.namespace}/{scaler.name}"
    if resource is SCALED_OBJECTS and context.source.get(CRDS, "", resource.full_name) is None:
        yield blocker("autoscaler", subject, "KEDA's CRD isn't installed: every tick fails", _KEDA)
        return
    if resource is AUTOSCALERS and resource.version not in context.source.served(resource.group):
        message = f"the API server doesn't serve {resource.api_version}, which Flagger uses from 1.23: every tick fails"
        yield blocker("autoscaler", subject, message)
        return
    if context.find(resource, context.namespace, scaler.name) is None:
        message = "neither the chart nor the cluster has it: every tick fails"
        yield blocker("autoscaler", subject, message, context.command("get", resource.full_name))
    else:
        yield ok("autoscaler", subject, f"{resource.api_version} is served")


def _foreign_autoscalers(context: Context) -> Iterator[Check]:
    names, canary = context.canary.names, context.canary
    for body in context.source.items(AUTOSCALERS, context.namespace):
        ref = as_mapping(value_at(body, ("spec", "scaleTargetRef")))
        referred = canary.autoscaler is not None and canary.autoscaler.name == name_of(body)
        if (ref.get("kind"), ref.get("name")) == (canary.target_kind, names.target) and not referred:
            subject = f"{AUTOSCALERS.kind} {context.namespace}/{name_of(body)}"
            reference = {"apiVersion": AUTOSCALERS.api_version, "kind": AUTOSCALERS.kind, "name": name_of(body)}
            patch = json.dumps({"spec": {"autoscalerRef": reference}})
            command = context.command("patch", "canary", names.canary, "--type=merge", "--patch", patch)
            message = "scales the target, but autoscalerRef doesn't name it: it scales the target up between rollouts"
            yield warning("autoscaler", subject, message, command)


def check_budgets(context: Context) -> Iterator[Check]:
    """Whether the disruption budgets protect the primary, and let a node be drained."""
    target = context.target()
    labels = pod_labels_of(target)
    names = context.flagger.selector_labels if context.flagger else SELECTOR_LABELS
    label = chosen_label(as_mapping(value_at(target, ("spec", "selector", "matchLabels"))), names)
    if not labels or label is None:
        return
    primary = {**labels, label[0]: f"{label[1]}{PRIMARY}"}
    rendered = [each for each in context.objects if each.get("kind") == BUDGETS.kind]
    live = [
        each for each in context.source.items(BUDGETS, context.namespace) if name_of(each) not in map(name_of, rendered)
    ]
    for body in [*rendered, *live]:
        selector = as_mapping(value_at(body, ("spec", "selector", "matchLabels")))
        subject = f"{BUDGETS.kind} {context.namespace}/{name_of(body)}"
        if matches(selector, primary):
            yield from _drainable(context, body, subject)
        elif matches(selector, labels):
            patch = json.dumps({"spec": {"selector": {"matchLabels": {label[0]: primary[label[0]]}}}})
            command = context.command("patch", "poddisruptionbudget", name_of(body), "--type=merge", "--patch", patch)
            message = f"selects {label[0]}={label[1]}, but the primary's pods have {label[1]}{PRIMARY}: a node drain"
            yield warning("disruption-budget", subject, f"{message} can evict all of them at once", command)


def _drainable(context: Context, body: Mapping[str, Any], subject: str) -> Iterator[Check]:
    allowed = value_at(body, ("status", "disruptionsAllowed"))
    if allowed == 0 and value_at(body, ("status", "expectedPods")):
        command = context.command("describe", "poddisruptionbudget", name_of(body))
        yield warning("disruption-budget", subject, "allows no disruption now: a node drain waits for ever", command)
    else:
        yield ok("disruption-budget", subject, f"protects {as_str(context.canary.names.primary)}")
