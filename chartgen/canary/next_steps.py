"""What a user is told after a plan: what the chart now does, and the steps on a live release.

Every statement about a live release was seen on a real API server with Helm 3.17 and 4.1 and Flagger 1.44.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.cluster import Cluster
from chartgen.rules.reading.neighbours import selector_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.planner import PlannedCanary
    from chartgen.manifests.manifest import Manifest

_LONGEST_LABEL = 63
_SUFFIX = len("-primary")


def closing_lines(planned: PlannedCanary) -> Iterator[str]:
    """The closing text, a paragraph an item."""
    options, study = planned.options, planned.study
    where = " or ".join(options.namespaces) if options.namespaces else "any namespace"
    yield (
        f"Canary for {study.target.kind} {study.target.name}, in {where} while canary.{options.toggle} is true;"
        f" {planned.renderings} renderings compared with real Helm. Chart.yaml's version was not changed."
    )
    yield from (f"note: {note}" for note in _notes(planned))
    yield from _switching(planned)


def _notes(planned: PlannedCanary) -> Iterator[str]:
    yield from planned.notes
    yield from _shape_notes(planned)
    yield from _target_notes(planned.study.target)
    yield from _service_notes(planned)
    yield from _routing_notes(planned)
    yield from _kept_notes(planned)


def _shape_notes(planned: PlannedCanary) -> Iterator[str]:
    options, study = planned.options, planned.study
    if options.api_version == "v1alpha2":
        yield (
            "v1alpha2 is the seed page's manifest: no Flagger since 1.0 serves it, and with one number for callers"
            " and containers alike the port callers use moves to the container's"
        )
        if study.apex_differs:
            yield f"Flagger serves {study.target.name}; the chart's Service {study.around.apex} is left as it is"
    elif options.api_version == "v1alpha3":
        yield "v1alpha3 is Flagger 0.x's shape; no Flagger since 1.6 serves it"


def _target_notes(target: Manifest) -> Iterator[str]:
    known = Cluster().selector_labels
    if not selector_label(target, known):
        yield (
            f"spec.selector.matchLabels of {target.kind} {target.name} has none of {', '.join(known)}: Flagger stops at"
            " its first step unless its -selector-labels names a label that is there"
        )


def _service_notes(planned: PlannedCanary) -> Iterator[str]:
    study = planned.study
    for lost in study.choice.lost:
        yield f"Flagger cannot keep the Service's port {lost}: containers do not listen on the same number"
    for other in study.around.others:
        yield (
            f"Service {other.name} selects the target's pods too; while Flagger manages them it has none between"
            " rollouts: let it select the primary's label, or serve its port through the Canary"
        )
    longest = max(len(study.target.name), len(study.around.apex)) + _SUFFIX
    if longest > _LONGEST_LABEL:
        yield f"names with -primary are {longest} characters long, Kubernetes allows {_LONGEST_LABEL}"


def _routing_notes(planned: PlannedCanary) -> Iterator[str]:
    options = planned.options
    if options.gateways and not options.hosts:
        yield "gateways without --host: the gateway serves the Service's own name only"
    if options.hosts and "mesh" not in options.effective_gateways and options.provider == "istio":
        yield "without the gateway `mesh`, callers inside the mesh always reach the old version"


def _kept_notes(planned: PlannedCanary) -> Iterator[str]:
    options = planned.options
    if options.keep_service:
        yield (
            "--keep-service: every upgrade may set the Service's selector back until Flagger's next check, while the"
            " target has no pods; Helm 4 refuses such an upgrade (conflict on .spec.selector)"
        )
    if options.keep_replicas:
        yield (
            "--keep-replicas: every upgrade scales the target up at once; Helm 4 refuses it (conflict on"
            " .spec.replicas) unless --force-conflicts is given"
        )


def _switching(planned: PlannedCanary) -> Iterator[str]:
    study, options = planned.study, planned.options
    kind, name = study.target.kind.lower(), study.target.name
    service = study.around.service
    if service and service.get(("spec", "type")) not in {None, "ClusterIP"}:
        yield (
            f"first installation: with canary.{options.toggle}=false, since the Service is of type"
            f" {service.get(('spec', 'type'))} and one that Flagger makes is always ClusterIP; then switch on."
        )
    yield f"switch on:  helm upgrade with canary.{options.toggle}=true; Flagger takes the Service over without a gap."
    if study.target.kind == "Deployment":
        yield (
            f'switch off: kubectl patch canary/{name} --type=merge --patch=\'{{"spec":{{"suspend":true}}}}\' and'
            f" kubectl scale {kind}/{name} --replicas=N, wait until ready, then helm upgrade with"
            f" canary.{options.toggle}=false (Helm 4: with --force-conflicts, for it owns neither selector nor"
            " replicas). A Canary that is not suspended may take the Service back between Helm's two steps."
        )
    yield (
        "where templates are rendered without a cluster (Argo CD, Jenkins X, helm template | kubectl apply), the"
        " Service is not in the rendering while the canary is on: keep it from being pruned at the switch-on, and let"
        " the tool ignore .spec.replicas of the target."
    )
