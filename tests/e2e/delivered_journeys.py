"""Charts of `add-canary --delivery`, rendered without a cluster. The steps that add-canary prints are run as they are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from typing import TYPE_CHECKING

from tests.e2e.answers import Script
from tests.e2e.apiserver import tool
from tests.e2e.charts import FAST, add_canary, create
from tests.e2e.release import BUSY, Release
from tests.e2e.special_journeys import kubectl_apply
from tests.e2e.transitions import REPLICAS, TICK, Journey

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.plane import Plane

# How the rendering is applied, and the flags of kubectl and the conditions of the printed steps for it.
WAYS = {
    "client": ([], ["client-side apply"]),
    "pruned": (["--prune", "--all"], ["client-side apply", "--prune --all"]),
    "server": (["--server-side"], ["--server-side"]),
    "applyset": (["--server-side", "--prune", "--applyset=secrets/owner"], ["--server-side", "--applyset"]),
}
_STEP = re.compile(
    r"^  \d+\. (?:with (?P<when>[^:]+): )?(?P<command>(?:kubectl|echo) .*?)(?:   \(.*\))?$", re.MULTILINE
)


def start(plane: Plane, helm: str, name: str, delivery: str) -> tuple[Journey, list[str]]:
    """A release that isn't installed yet, in a namespace of its own, and what add-canary printed, by paragraph."""
    # --prune --all prunes everything in the namespace that `kubectl apply` made.
    namespace = f"delivered-{name}"
    plane.client.ensure_namespace(namespace)
    # Other stories have charts of the same name.
    chart = create(plane.folder / "charts" / namespace, "helm-create", helm)
    options = ("--delivery", delivery, "--namespace", namespace, "--release-name", name, "--format", "json")
    printed = add_canary(chart, *FAST, *options, "--set", f"nameOverride={name}")
    plane.answers.register(Script(canary=name, target=name))
    values = {"nameOverride": name, "replicaCount": str(REPLICAS), "image.tag": "v1", "canary.enable": "false"}
    release = Release(plane, helm, chart, name, name, name, namespace=namespace, values=values)
    return Journey(release), list(json.loads(printed)["notes"])


def run_printed(release: Release, notes: list[str], heading: str, ways: list[str]) -> None:
    """Run the commands in the paragraph with this heading, in their order, with the tested number of replicas."""
    paragraph = next(note for note in notes if note.startswith(heading))
    steps = [step for step in _STEP.finditer(paragraph) if step["when"] is None or step["when"] in ways]
    assert steps, paragraph
    for step in steps:
        kubectl(release, step["command"])


def kubectl(release: Release, command: str) -> None:
    """One printed command line, with `N` filled in."""
    line = command.replace("--replicas=N", f"--replicas={REPLICAS}").replace('"replicas":N', f'"replicas":{REPLICAS}')
    path = f"{tool('kubectl').parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "KUBECONFIG": str(release.plane.kubeconfig), "PATH": path}
    with BUSY:
        done = subprocess.run(
            ["bash", "-c", line], env=environment, capture_output=True, text=True, check=False, timeout=120
        )
    release.log.append(f"$ {line}\n{done.stdout}{done.stderr}")
    assert done.returncode == 0, release.account()


_BEFORE = "WARNING: while the canary is on"
_ON = "To switch the canary on"
_OFF = "To switch it off"


def rendered(plane: Plane, helm: str, way: str) -> Journey:
    """`helm template | kubectl apply` of a live release: on, a new version, off."""
    flags, ways = WAYS[way]
    journey, notes = start(plane, helm, f"{way}{helm[5:6]}", "rendered")
    release = journey.release
    kubectl_apply(release, *flags)
    release.wait_for_replicas(REPLICAS)
    with journey.step("on"):
        run_printed(release, notes, _BEFORE, ways)
        switch_on(journey, lambda: kubectl_apply(release, *flags))
        if "--prune --all" in ways:
            run_printed(release, notes, _ON, ways)
    new_version(journey, lambda: kubectl_apply(release, *flags))
    forced = ["--force-conflicts"] if "--server-side" in flags else []
    off(journey, notes, lambda: kubectl_apply(release, *flags, *forced))
    return journey


def first_rendered(plane: Plane, helm: str) -> Journey:
    """Installed with the canary on: Flagger's Service, which its Canary owns, and the single replica of the API server."""
    journey, notes = start(plane, helm, f"owned{helm[5:6]}", "rendered")
    release = journey.release
    switch_on(journey, lambda: kubectl_apply(release))
    warning = next(note for note in notes if "a first installation with the canary on has 1 replica" in note)
    kubectl(release, warning.partition("or run: ")[2])
    release.wait_for_replicas(REPLICAS, journey.primary)
    new_version(journey, lambda: kubectl_apply(release))
    off(journey, notes, lambda: kubectl_apply(release))
    return journey


def released(plane: Plane, helm: str) -> Journey:
    """Helm with a chart of `--delivery flux`, as helm-controller does with a HelmRelease."""
    journey, notes = start(plane, helm, f"kept{helm[5:6]}", "flux")
    release = journey.release
    forced = [] if helm == "helm-3.17" else ["--force-conflicts"]
    release.upgrade()
    release.wait_for_replicas(REPLICAS)
    with journey.step("on"):
        run_printed(release, notes, _BEFORE, [])
        switch_on(journey, release.upgrade)
    new_version(journey, release.upgrade)
    off(journey, notes, lambda: release.upgrade(*forced))
    return journey


def switch_on(journey: Journey, change: Callable[[], None]) -> None:
    release = journey.release
    release.values["canary.enable"] = "true"
    change()
    release.wait_for_event("Initialization done!")
    time.sleep(TICK)
    primary = release.object("apps/v1", "Deployment", journey.primary) or {}
    journey.notes["replicas of the primary"] = primary["spec"]["replicas"]


def new_version(journey: Journey, change: Callable[[], None]) -> None:
    with journey.step("v2"):
        journey.release.values["image.tag"] = "v2"
        journey.change(change)


def off(journey: Journey, notes: list[str], change: Callable[[], None]) -> None:
    """Every printed step, `change` among them."""
    release = journey.release
    paragraph = next(note for note in notes if note.startswith(_OFF))
    with journey.step("off"):
        for line in paragraph.splitlines()[1:]:
            step = _STEP.match(line)
            if step:
                kubectl(release, step["command"])
            else:
                assert re.search(r"canary\.enable(: |=)false", line)
                release.values["canary.enable"] = "false"
                change()
        release.wait("the primary is gone", lambda: not release.object("apps/v1", "Deployment", journey.primary))
        # Kubernetes deletes what the Canary owned.
        time.sleep(TICK)
    service = release.object("v1", "Service", release.service) or {}
    journey.notes["selector"] = (service.get("spec") or {}).get("selector")
