"""What remove-canary prints: the steps on a live release first, then what it found, then the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.canary import knative_steps
from chartgen.canary.delivery import last_steps, repeated
from chartgen.canary.jobs import RELEASE
from chartgen.canary.next_steps import helm_command, numbered, steps_off, steps_to_target
from chartgen.canary.options import DELIVERIES
from chartgen.flagger.canary import KNATIVE_API

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.other_values import OtherValues
    from chartgen.canary.removal import PlannedRemoval, RemoveOptions
    from chartgen.manifests.manifest import Manifest

_CHANGE = "take the chart without its canary"


def before_removal(planned: PlannedRemoval, options: RemoveOptions) -> Iterator[str]:
    """The WARNING with the steps on a live release, then a note for each part that isn't as add-canary wrote it."""
    for canary in planned.canaries:
        yield "\n".join(_live_steps(planned, canary, options))
    yield from (f"note: {line}" for line in planned.edited)
    yield from (_other_line(other, rejected=planned.rejects_others) for other in planned.others)


def _other_line(other: OtherValues, *, rejected: bool) -> str:
    kind, effect = "note", "no template reads it any more"
    if rejected:
        kind, effect = "WARNING", "Helm rejects it then, because values.schema.json forbids unknown keys"
    return f"{kind}: {other.path} still sets {', '.join(other.keys)}: {effect}. Remove it there"


def after_removal(planned: PlannedRemoval) -> str:
    """The result in one paragraph."""
    names = " and ".join(canary.name for canary in planned.canaries)
    compared = (
        f"Compared {planned.renderings} renderings with real Helm: they are the same as with the canary off."
        if planned.renderings
        else "Helm couldn't render the chart before, so nothing was compared; now it can."
    )
    return f"Removed the canary{f' {names}' if names else ''}. {compared} Chart.yaml's version was not changed."


def _live_steps(planned: PlannedRemoval, canary: Manifest, options: RemoveOptions) -> Iterator[str]:
    reference = canary.get(("spec", "targetRef")) or {}
    kind, name = reference.get("kind"), str(reference.get("name"))
    change = "helm upgrade" if planned.delivery == DELIVERIES[0] else "deployment"
    namespace = f"--namespace {_namespace(planned, canary)}"
    upgrade = helm_command("upgrade", options.release_name, planned.plan.root, namespace, options.sources)
    if reference.get("apiVersion") == KNATIVE_API:
        yield from _knative_steps(planned, canary, name, upgrade)
        yield from _replaced(planned, options, "")
        return
    yield (
        f"WARNING: where a release with the Canary {canary.name} is live, the next {change} deletes the Canary and"
        f" {kind} {name}-primary, which serves all requests. Without downtime, in this order:"
    )
    if kind == "Deployment" and planned.delivery != DELIVERIES[0]:
        steps = list(_rendered_steps(planned, canary, name))
    elif kind == "Deployment":
        steps = list(steps_off(name, namespace, upgrade))
    else:
        steps = [
            f"with the chart as it was, switch the canary off, and wait until the pods of the {kind} {name} are ready",
            upgrade,
        ]
    yield from numbered(steps)
    yield from _replaced(planned, options, ", and N with its number of replicas")


def _knative_steps(planned: PlannedRemoval, canary: Manifest, name: str, upgrade: str) -> Iterator[str]:
    namespace = f"--namespace {_namespace(planned, canary)}"
    helm = planned.delivery == DELIVERIES[0]
    change = [upgrade] if helm else last_steps(planned.delivery, name, None, namespace, _CHANGE, {})
    yield (
        f"WARNING: where a release with the Canary {canary.name} is live, Knative keeps all requests on the revision"
        " that Flagger promoted last, and later ones get none, until you do this, in this order:"
    )
    yield from numbered(knative_steps.steps_off(name, namespace, change))


def _rendered_steps(planned: PlannedRemoval, canary: Manifest, target: str) -> Iterator[str]:
    """The steps where the chart is rendered without a cluster."""
    namespace = f"--namespace {_namespace(planned, canary)}"
    service = str(canary.get(("spec", "service", "name")) or target)
    yield from steps_to_target(target, namespace, planned.delivery)
    yield from last_steps(planned.delivery, target, service, namespace, _CHANGE, {})


def _namespace(planned: PlannedRemoval, canary: Manifest) -> str:
    return canary.namespace or next(iter(planned.namespaces), "NAMESPACE")


def _replaced(planned: PlannedRemoval, options: RemoveOptions, names: str) -> Iterator[str]:
    """What to change in the commands."""
    if not options.release_name:
        yield f"  Replace {RELEASE} with the name of your release{names}."
    yield from (f"  {line}" for line in repeated(planned.namespaces))
