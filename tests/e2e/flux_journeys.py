"""A live release under Flux's own controllers: on, drift, new versions, off. What add-canary prints is run as it is."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.config.document import yaml_of
from tests.e2e import delivered_journeys
from tests.e2e.delivered_journeys import kubectl, run_printed, start
from tests.e2e.flux import SOURCES
from tests.e2e.release import HELMS
from tests.e2e.transitions import REPLICAS, TICK, Journey

if TYPE_CHECKING:
    from tests.e2e.client import JsonObject
    from tests.e2e.flux import Flux
    from tests.e2e.release import Release

_HELM = HELMS[-1]
_BEFORE = "WARNING: while the canary is on"
_DRIFT = {"metadata": {"labels": {"app.kubernetes.io/version": "edited"}}}


@dataclass(slots=True)
class HelmRelease:
    """The release's HelmRelease, as in docs/tutorials/flux.md, with what `ignore-differences` prints."""

    flux: Flux
    release: Release
    ignored: JsonObject

    def install(self) -> None:
        applied = self.flux.apply(self.manifest())
        self.publish()
        self.flux.wait_for(applied)

    def change(self) -> None:
        self.flux.wait_for(self.flux.apply(self.manifest()))

    def reconcile(self) -> None:
        self.flux.reconcile(self.manifest())

    def publish(self) -> None:
        """The chart as it is now, in the version of its Chart.yaml."""
        release = self.release
        release.run("package", str(release.chart), "--destination", str(release.chart.parent))
        archive = max(release.chart.parent.glob("*.tgz"))
        version = archive.stem.rpartition("-")[2]
        self.flux.publish("HelmChart", release.namespace, f"{release.namespace}-{release.name}", archive, version)

    def manifest(self) -> JsonObject:
        release, source = self.release, {"kind": "GitRepository", "name": "charts"}
        return {
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": release.name, "namespace": release.namespace},
            "spec": {
                "interval": "10m",
                "releaseName": release.name,
                "chart": {"spec": {"chart": "charts/web", "sourceRef": source}},
                "values": _nested(release.values),
                **self.ignored,
            },
        }


@dataclass(slots=True)
class Kustomization:
    """A Kustomization of the rendered chart; pruning is on, as in `flux bootstrap`."""

    flux: Flux
    release: Release
    revisions: int = 0

    def install(self) -> None:
        applied = [self.flux.apply(manifest) for manifest in self.manifests()]
        self.publish()
        self.flux.wait_for(applied[-1])

    def change(self) -> None:
        self.publish()
        self.reconcile()

    def reconcile(self) -> None:
        self.flux.reconcile(self.manifests()[-1])

    def publish(self) -> None:
        """`helm template`'s output, as the next commit."""
        self.revisions += 1
        release = self.release
        rendered = release.chart.parent / "manifests.yaml"
        rendered.write_text(release.template("--skip-tests"))
        archive = rendered.with_suffix(".tar.gz")
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(rendered, rendered.name)
        revision = f"main@sha1:{self.revisions:040x}"
        self.flux.publish("GitRepository", release.namespace, release.name, archive, revision)

    def manifests(self) -> list[JsonObject]:
        release = self.release
        metadata = {"name": release.name, "namespace": release.namespace}
        source = {"kind": "GitRepository", "name": release.name}
        return [
            {
                "apiVersion": SOURCES,
                "kind": "GitRepository",
                "metadata": metadata,
                "spec": {"interval": "1m", "url": "https://git.example.test/apps"},
            },
            {
                "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
                "kind": "Kustomization",
                "metadata": metadata,
                "spec": {
                    "interval": "10m",
                    "path": "./",
                    "prune": True,
                    "sourceRef": source,
                    "targetNamespace": release.namespace,
                },
            },
        ]


def helm_release(flux: Flux, delivery: str) -> Journey:
    """helm-controller, with a chart of this `--delivery`."""
    journey, notes = start(flux.plane, _HELM, f"by-{delivery}", delivery)
    release = journey.release
    deployed = HelmRelease(flux, release, _ignored(release))
    _install(deployed)
    _until_v2(journey, notes, deployed)
    with journey.step("v3"):
        _new_chart_version(release)
        journey.change(deployed.publish)
    journey.notes["corrected"] = _corrected(release)
    _off(journey, notes, deployed)
    return journey


def _corrected(release: Release) -> list[str]:
    """The objects whose drift helm-controller says it corrected, in their order."""
    events = release.plane.client.items("v1", "Event", release.namespace)
    told = [event["message"] for event in events if event["reason"] == "DriftCorrected"]
    return [line.partition(" ")[0] for message in told for line in message.splitlines()[1:]]


def kustomization(flux: Flux, delivery: str) -> Journey:
    """kustomize-controller, with the rendering of a chart of this `--delivery`."""
    journey, notes = start(flux.plane, _HELM, f"as-{delivery}", delivery)
    release = journey.release
    deployed = Kustomization(flux, release)
    _install(deployed)
    kubectl(
        release, f"kubectl annotate service/{release.service} --namespace {release.namespace} example.test/by=kubectl"
    )
    deployed.reconcile()
    service = release.object("v1", "Service", release.service) or {}
    journey.notes["annotations by kubectl"] = service["metadata"].get("annotations", {})
    _until_v2(journey, notes, deployed)
    _off(journey, notes, deployed)
    return journey


def _install(deployed: HelmRelease | Kustomization) -> None:
    deployed.install()
    deployed.release.wait_for_replicas(REPLICAS)


def _until_v2(journey: Journey, notes: list[str], deployed: HelmRelease | Kustomization) -> None:
    release = journey.release
    with journey.step("on"):
        if any(note.startswith(_BEFORE) for note in notes):
            run_printed(release, notes, _BEFORE, [])
        # Nobody keeps Flux from reconciling between the steps and the commit.
        deployed.reconcile()
        delivered_journeys.switch_on(journey, deployed.change)
    with journey.step("drift"):
        release.plane.client.patch("apps/v1", "Deployment", release.namespace, release.full, _DRIFT)
        deployed.reconcile()
        journey.notes["after drift"] = _version(release)
        time.sleep(TICK)
        # There is nothing left to correct.
        deployed.reconcile()
    delivered_journeys.new_version(journey, deployed.change)


def _off(journey: Journey, notes: list[str], deployed: HelmRelease | Kustomization) -> None:
    release = journey.release

    def commit() -> None:
        deployed.reconcile()
        journey.notes["suspended"] = (release.canary() or {})["spec"].get("suspend")
        deployed.change()

    delivered_journeys.off(journey, notes, commit)
    deployed.reconcile()
    release.wait_for_replicas(REPLICAS)


def _version(release: Release) -> str:
    deployment = release.object("apps/v1", "Deployment") or {}
    return str(deployment["metadata"]["labels"]["app.kubernetes.io/version"])


def _ignored(release: Release) -> JsonObject:
    """What `chartgen ignore-differences flux` prints for the `spec` of the HelmRelease."""
    argv = [sys.executable, "-m", "chartgen", "ignore-differences", "flux", str(release.chart)]
    options = ["--release-name", release.name, "--set", f"nameOverride={release.name}"]
    done = subprocess.run([*argv, *options], capture_output=True, text=True, check=True)
    printed: Any = yaml_of(done.stdout)
    return dict(printed["spec"])


def _new_chart_version(release: Release) -> None:
    chart_yaml = release.chart / "Chart.yaml"
    chart_yaml.write_text(chart_yaml.read_text().replace("version: 0.1.0", "version: 0.2.0"))


def _nested(values: dict[str, str]) -> JsonObject:
    """Dotted keys as `--set` takes them, and its types."""
    nested: JsonObject = {}
    for key, value in values.items():
        *route, last = key.split(".")
        place = nested
        for each in route:
            place = place.setdefault(each, {})
        place[last] = yaml_of(value)
    return nested
