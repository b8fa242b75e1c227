"""What add-canary prints after a run: warnings, notes, the result, and the next steps on a live release.

Every statement about a live release was observed on a real API server with Helm 3.17 and 4.1 and Flagger 1.44.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from chartgen.canary import delivery, gateways, hooks, knative_steps, measures, root_routes, traffic_notes
from chartgen.canary.delivery import namespace_of, repeated
from chartgen.canary.editor_comments import missing_schema
from chartgen.canary.jobs import RELEASE
from chartgen.canary.options import DELIVERIES
from chartgen.canary.targets import described
from chartgen.rules.cluster import Cluster
from chartgen.rules.reading.neighbours import is_knative, selector_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from chartgen.canary.planner import PlannedCanary
    from chartgen.helm.request import ValueSources
    from chartgen.manifests.manifest import Manifest

_LONGEST_LABEL = 63
_SUFFIX = len("-primary")
# Options by which another run makes the Canary name other Gateways.
_NAMES_GATEWAYS = frozenset({"--provider", "--host", "--gateway", "--gateway-class", "--with-gateway"})


def warnings(planned: PlannedCanary) -> Iterator[str]:
    """That the canary is on, the risks of downtime, a line each, then notes; printed before the result."""
    toggle = _toggle(planned)
    if planned.switched_on and not planned.was_there:
        yield (
            f"WARNING: {toggle} is true in values.yaml: the next {_change(planned)} {_where(planned)} starts the"
            " canary. Set it to false to merge first"
        )
    elif planned.switched_on and "--any-namespace" in planned.options.given:
        yield (
            f"WARNING: {toggle} is true in values.yaml, so every release gets a canary with its next"
            f" {_change(planned)}. Set it to false to merge first"
        )
    if planned.was_older:
        key = planned.options.slot.key
        yield (
            f"WARNING: the namespaces moved from the template to {key}.namespaces. `helm upgrade --reuse-values` of an"
            " older release doesn't read them, so its canary would be on in any namespace: use"
            " --reset-then-reuse-values"
        )
    if delivery.needs_handover(planned) and (not planned.was_there or "--delivery" in planned.options.given):
        yield delivery.handover(planned)
    yield from (f"WARNING: {warning}" for warning in _downtime_risks(planned))
    yield from traffic_notes.metric_warnings(planned)
    yield from (f"note: {note}" for note in (*_notes(planned), *missing_schema(planned.root, planned.options)))


def closing_lines(planned: PlannedCanary) -> Iterator[str]:
    """The result and the next steps, a paragraph an item."""
    options, target = planned.options, planned.analysis.target
    done = "Updated the" if planned.was_there else "Added a"
    compared = f"Compared {planned.renderings} renderings with real Helm. Chart.yaml's version was not changed."
    result = [_rendered_where(planned), f"{done} Canary for {described(target)}. {compared}"]
    routed = root_routes.paragraph(planned) if not planned.was_there or "--provider" in options.given else None
    if planned.was_there:
        needed = list(gateways.needs(planned.analysis, options)) if options.given & _NAMES_GATEWAYS else []
        yield "\n".join([*result, *(repeated(options.namespaces) if needed or "--delivery" in options.given else ())])
        yield from filter(None, [routed])
        if needed:
            yield "\n".join(["Before you deploy this change:", *numbered(needed)])
        return
    if not options.release_name:
        result.append(f"In the commands, replace {RELEASE} with the name of your release.")
    result += repeated(options.namespaces)
    yield "\n".join(result)
    yield from filter(None, [routed])
    yield "\n".join(["To switch the canary on:", *numbered(_steps_on(planned))])
    if target.kind == "Deployment" or is_knative(target):
        yield "\n".join(["To switch it off, in this order:", *numbered(_steps_off(planned))])


def _rendered_where(planned: PlannedCanary) -> str:
    """Where a release renders the Canary, where it doesn't, and how to change that."""
    options, toggle, names = planned.options, _toggle(planned), planned.options.namespaces
    suffix = options.slot.suffix
    canary = f"The Canary of {planned.analysis.target.name}" if suffix else "The Canary"
    target = f" --target {planned.analysis.target.name}" if suffix else ""
    command = f"chartgen add-canary {shlex.quote(str(planned.root))}{target} --namespace NAME"
    if names:
        plural = "s" if names[1:] else ""
        inside = f"in namespace{plural} {' and '.join(names)} while {toggle} is true"
        state = "" if options.enabled else " (now false)"
        return f"{canary} renders {inside}{state}, and in no other namespace. To change that: {command}"
    if options.enabled:
        return f"{canary} renders in every namespace while {toggle} is true. To limit that: {command}"
    why = ", since every release would get a canary on the next merge" if not planned.was_there else ""
    return (
        f"{canary} renders nowhere yet: {toggle} is false{why}. Switch it on for a release with --set {toggle}=true,"
        f" or choose namespaces: {command}"
    )


def _toggle(planned: PlannedCanary) -> str:
    return f"{planned.options.slot.key}.{planned.options.toggle}"


def _change(planned: PlannedCanary) -> str:
    return "helm upgrade" if planned.options.asks_cluster else "deployment"


def _where(planned: PlannedCanary) -> str:
    namespaces = planned.options.namespaces
    return f"in namespace {' or '.join(namespaces)}" if namespaces else "in any namespace"


def numbered(steps: Iterable[str]) -> Iterator[str]:
    """The steps as lines below a heading."""
    return (f"  {number}. {step}" for number, step in enumerate(steps, start=1))


def _downtime_risks(planned: PlannedCanary) -> Iterator[str]:
    options, analysis = planned.options, planned.analysis
    if options.keep_service:
        yield (
            "with --keep-service, every upgrade can reset the Service's selector until Flagger's next check, while the"
            " target has no pods; Helm 4 rejects such an upgrade (conflict on .spec.selector). Run add-canary without"
            " --keep-service"
        )
    for sharer in analysis.label_sharers:
        yield (
            f"{sharer}, the only one by which Flagger selects the pods of {analysis.target.name}: requests may reach"
            " the wrong pods. Give each workload a value of its own in this label before you switch on"
        )
    for label in analysis.port_choice.lost:
        yield (
            f"Flagger can't keep the Service's port {label}, since containers don't listen on the same number. Use one"
            " number for both"
        )
    for other in analysis.surroundings.others:
        yield (
            f"Service {other.name} also selects the target's pods, and there are none between rollouts. Let it select"
            " the label of the primary, or serve its port through the Canary"
        )
    service_type = _special_type(planned)
    if service_type:
        yield (
            f"a first installation with the canary on loses the type {service_type}: Flagger creates the Service as"
            f" ClusterIP. Install with --set {_toggle(planned)}=false, then switch the canary on"
        )
    replicas_risk = delivery.replicas_risk(planned)
    if replicas_risk:
        yield replicas_risk
    if options.asks_cluster and planned.drops_service:
        yield (
            "Argo CD, Jenkins X, and `helm template | kubectl apply` render without a cluster, so they delete the"
            " Service when the canary is switched on, and reset the replicas. If one of them deploys this chart, run"
            " add-canary with --delivery argocd or --delivery rendered"
        )


def _special_type(planned: PlannedCanary) -> str | None:
    """The type of the chart's Service, None for ClusterIP and without a Service."""
    service = planned.analysis.surroundings.service
    service_type = service.get(("spec", "type")) if service else None
    return None if service_type in {None, "ClusterIP"} else str(service_type)


def _notes(planned: PlannedCanary) -> Iterator[str]:
    yield from planned.notes
    yield from _api_version_notes(planned)
    yield from _target_notes(planned.analysis.target)
    yield from _name_notes(planned)
    yield from traffic_notes.routing_notes(planned)
    if planned.options.keep_replicas:
        yield (
            "with --keep-replicas, every upgrade scales the target up at once; Helm 4 rejects it (conflict on"
            " .spec.replicas) unless you add --force-conflicts"
        )


def _api_version_notes(planned: PlannedCanary) -> Iterator[str]:
    options, analysis = planned.options, planned.analysis
    if options.api_version == "v1alpha2":
        yield (
            "no Flagger since 1.0 serves v1alpha2. It has one port for callers and containers, so callers must use the"
            " container's port"
        )
        if analysis.apex_differs:
            apex = analysis.surroundings.apex
            yield f"Flagger serves {analysis.target.name}; the chart's Service {apex} is unchanged"
    elif options.api_version == "v1alpha3":
        yield "no Flagger since 1.6 serves v1alpha3"


def _target_notes(target: Manifest) -> Iterator[str]:
    names = Cluster().selector_labels
    if not is_knative(target) and not selector_label(target, names):
        yield (
            f"spec.selector.matchLabels of {target.kind} {target.name} has none of {', '.join(names)}: Flagger stops at"
            " its first step unless its option -selector-labels names a label of the target"
        )


def _name_notes(planned: PlannedCanary) -> Iterator[str]:
    analysis = planned.analysis
    longest = max(len(analysis.target.name), len(analysis.surroundings.apex)) + _SUFFIX
    if longest > _LONGEST_LABEL:
        yield f"names with the suffix -primary have {longest} characters; Kubernetes allows {_LONGEST_LABEL}"


def _steps_for_hooks(planned: PlannedCanary) -> Iterator[str]:
    """What the tests, gates, and alerts need on the cluster."""
    options = planned.options
    tester = options.load_tester or hooks.DEFAULT_LOAD_TESTER
    if options.load_test or options.acceptance_test or options.confirm_promotion or options.smoke_test:
        yield f"install Flagger's load tester, so that {tester} answers: https://docs.flagger.app/usage/webhooks"
    for alert in map(measures.Alert.of, options.alerts):
        yield (
            f"kubectl create secret generic {alert.secret} {namespace_of(planned)} --from-literal=address=URL"
            f"   (the webhook URL of {alert.type})"
        )
    if options.confirm_promotion:
        body = shlex.quote(f'{{"name":"{planned.analysis.target.name}","namespace":"NAMESPACE"}}')
        yield f"in each rollout, open the gate to promote: curl -d {body} {tester.rstrip('/')}/gate/open"


def _steps_on(planned: PlannedCanary) -> Iterator[str]:
    toggle = _toggle(planned)
    yield from gateways.needs(planned.analysis, planned.options)
    yield from _steps_for_hooks(planned)
    knative = is_knative(planned.analysis.target)
    before = knative_steps.steps_before(planned.analysis.target.name, namespace_of(planned)) if knative else ()
    if not planned.options.asks_cluster:
        yield from before
        yield from delivery.steps_on(planned)
        return
    first = knative or _special_type(planned)
    if first:
        yield f"only for a first installation: {_helm('install', planned)} --set {toggle}=false"
    yield from before
    upgrade, switch = _helm("upgrade", planned), f"--set {toggle}=true"
    if planned.switched_on and not first:
        yield f"{upgrade}   (if the release's own values say false, add {switch})"
    else:
        # Helm keeps the values of the installation in an upgrade without any.
        yield f"{upgrade} {switch}"


def _steps_off(planned: PlannedCanary) -> Iterator[str]:
    target, namespace = planned.analysis.target.name, namespace_of(planned)
    upgrade = f"{_helm('upgrade', planned)} --set {_toggle(planned)}=false"
    if is_knative(planned.analysis.target):
        change = [upgrade] if planned.options.asks_cluster else delivery.steps_off(planned)
        yield from knative_steps.steps_off(target, namespace, change)
    elif planned.options.asks_cluster:
        yield from steps_off(target, namespace, upgrade)
    else:
        yield from steps_to_target(target, namespace, planned.options.delivery)
        yield from delivery.steps_off(planned)


def steps_off(name: str, namespace: str, upgrade: str) -> Iterator[str]:
    """The commands that end the canary of the Deployment `name` without an outage; `upgrade` is that of Helm.

    Suspend first: a Canary that isn't suspended can take the Service back between two steps of Helm. Helm 4 needs
    --force-conflicts, since Flagger owns the Service's selector and the replicas.
    """
    yield from steps_to_target(name, namespace, DELIVERIES[0])
    yield f"{upgrade}   (with Helm 4, add --force-conflicts)"


def steps_to_target(name: str, namespace: str, deliverer: str) -> Iterator[str]:
    """The commands that let the Deployment `name` serve again, while Flagger leaves the Service alone."""
    options = f"{namespace}{delivery.manager_option(deliverer)} --type=merge"
    yield f'kubectl patch canary/{name} {options} --patch=\'{{"spec":{{"suspend":true}}}}\''
    yield f"kubectl scale deployment/{name} {namespace} --replicas=N"
    yield f"kubectl rollout status deployment/{name} {namespace}"


def _helm(command: str, planned: PlannedCanary) -> str:
    options = planned.options
    return helm_command(command, options.release_name, planned.root, namespace_of(planned), options.sources)


def helm_command(command: str, release: str | None, root: Path, namespace: str, sources: ValueSources) -> str:
    """A command of Helm for the release, with the values that the user gave for it."""
    words = ["helm", command, release or RELEASE, str(root), *shlex.split(namespace), *sources.arguments]
    return shlex.join(words)
