"""Journeys of charts and flows that are not the usual: scaled, balanced, renamed, rendered, one pod a node, deleted by hand."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

from tests.e2e.apiserver import tool
from tests.e2e.plane import NODES
from tests.e2e.release import HelmRefused, Release
from tests.e2e.transitions import REPLICAS, TICK, Journey, begin
from tests.e2e.upgrades import start

if TYPE_CHECKING:
    from tests.e2e.plane import Plane


def with_autoscaler(plane: Plane, helm: str) -> Journey:
    """A chart whose HPA is on: it renders no replicas, and Flagger gets an autoscalerRef."""
    journey = begin(plane, helm, "hpa")
    values = {"autoscaling__enabled": "true", "autoscaling__minReplicas": str(REPLICAS)}
    journey.release.upgrade(canary__enable="false", image__tag="v1", **values)
    # No HPA controller runs on the plane: its part is played here.
    journey.release.scale(REPLICAS)
    journey.release.wait_for_replicas(REPLICAS)
    journey.on()
    journey.new_version("v2")
    return journey


def with_load_balancer(plane: Plane, helm: str) -> Journey:
    """A Service of type LoadBalancer keeps its type."""
    journey = begin(plane, helm, "balance")
    journey.install("false", service__type="LoadBalancer")
    journey.on()
    journey.new_version("v2")
    journey.notes["type"] = (
        (journey.release.object("v1", "Service", journey.release.service) or {}).get("spec") or {}
    ).get("type")
    journey.off()
    return journey


def with_name_override(plane: Plane, helm: str) -> Journey:
    """fullnameOverride: the objects' names don't contain the release's name."""
    journey = begin(plane, helm, "named")
    release = journey.release
    release.full = release.service = f"other-{helm[5:6]}"
    journey.install("false", fullnameOverride=release.full)
    journey.on()
    journey.new_version("v2")
    journey.off()
    return journey


def with_namespace_of_its_own(plane: Plane, helm: str) -> Journey:
    """The chart puts its objects elsewhere than into the release's namespace, and writes their names in quotes."""
    release = start(plane, helm, "own-namespace", f"parcel-{helm[5:6]}")
    release.released_in, release.namespace = release.namespace, f"{release.namespace}-{helm[5:6]}"
    plane.client.ensure_namespace(release.namespace)
    journey = Journey(release)
    journey.install("false", namespace=release.namespace)
    journey.on()
    journey.new_version("v2")
    journey.off()
    return journey


def rendered(plane: Plane, helm: str, prune: bool) -> Journey:
    """`helm template | kubectl apply`: nothing can be asked of the cluster while rendering."""
    journey = begin(plane, helm, "pruned" if prune else "applied")
    release = journey.release
    release.values.update({"replicaCount": str(REPLICAS), "image.tag": "v1", "canary.enable": "false"})
    _apply(release, prune)
    release.wait_for_replicas(REPLICAS)
    with journey.step("on"):
        release.values["canary.enable"] = "true"
        _apply(release, prune)
        release.wait_for_event("Initialization done!")
        time.sleep(TICK)
    with journey.step("v2"):
        release.values["image.tag"] = "v2"
        journey.change(lambda: _apply(release, prune))
    return journey


def _apply(release: Release, prune: bool) -> None:
    # An ApplySet prunes what it applied itself; `-l` would apply only what carries the label, and a Canary carries none.
    kubectl_apply(release, *(["--prune", f"--applyset=secrets/{release.name}"] if prune else []))


def kubectl_apply(release: Release, *flags: str) -> None:
    """`helm template | kubectl apply` with these flags."""
    argv = [str(tool("kubectl")), f"--kubeconfig={release.plane.kubeconfig}", "apply", "-n", release.namespace, *flags]
    environment = {**os.environ, "KUBECTL_APPLYSET": "true"}
    text = release.template()
    done = subprocess.run(
        [*argv, "-f", "-"], input=text, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    release.log.append(f"$ kubectl apply\n{done.stdout}{done.stderr}")
    if done.returncode:
        raise HelmRefused(done.stderr)


def with_daemon_set(plane: Plane, helm: str) -> Journey:
    """A DaemonSet; its chart has no values for a new version, so the chart gets a new version."""
    journey = Journey(start(plane, helm, "daemonset", f"daemon{helm[5:6]}"))
    release = journey.release
    release.upgrade(canary__enable="false")
    release.wait("a pod on each node", lambda: _daemons(release) == len(NODES))
    journey.on()
    with journey.step("v2"):
        journey.change(lambda: _new_chart_version(release))
    return journey


def _daemons(release: Release) -> int:
    status = (release.object("apps/v1", "DaemonSet") or {}).get("status") or {}
    return int(status.get("numberAvailable", 0))


def _new_chart_version(release: Release) -> None:
    for template in (release.chart / "templates").glob("*.yaml"):
        template.write_text(template.read_text().replace("v1.8.2", "v1.9.0"))
    release.upgrade()


def deleted(plane: Plane, helm: str, revert: bool) -> Journey:
    """Someone deletes the Canary of a live release by hand, with and without `revertOnDeletion`."""
    journey = begin(plane, helm, "revert" if revert else "delete")
    journey.install("false")
    journey.on()
    release = journey.release
    canary = ("flagger.app/v1beta1", "Canary", release.namespace, release.full)
    plane.client.patch(*canary, {"spec": {"revertOnDeletion": revert}})
    # Flagger adds its finalizer when it sees the change.
    time.sleep(TICK)
    with journey.step("deleted"):
        plane.client.delete(*canary)
        release.wait("the Canary is gone", lambda: release.canary() is None)
        release.wait("the primary is gone", lambda: not release.object("apps/v1", "Deployment", journey.primary))
        time.sleep(TICK)
    target = release.object("apps/v1", "Deployment") or {}
    journey.notes["replicas"] = target["spec"]["replicas"]
    return journey


def raced(plane: Plane, helm: str, suspended: bool) -> Journey:
    """Switching off, with a tick of Flagger between Helm's change of the Service and its deletion of the Canary.

    Helm's two steps, done by hand so that the tick is sure to come in between; the target is scaled up before.
    """
    journey = begin(plane, helm, "raced" if not suspended else "paused")
    journey.install("false")
    journey.on()
    release = journey.release
    if suspended:
        release.suspend()
    release.scale(REPLICAS)
    release.wait_for_replicas(REPLICAS)
    own = {"app.kubernetes.io/name": release.name, "app.kubernetes.io/instance": release.name}
    with journey.step("off"):
        plane.client.patch("v1", "Service", release.namespace, release.service, {"spec": {"selector": own}})
        time.sleep(TICK)
        plane.client.delete("flagger.app/v1beta1", "Canary", release.namespace, release.full)
        release.wait("the primary is gone", lambda: not release.object("apps/v1", "Deployment", journey.primary))
        time.sleep(TICK)
    return journey
