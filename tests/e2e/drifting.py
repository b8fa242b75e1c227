"""A release that was rolled back, and the repositories that still want its version."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.e2e import gitops
from tests.e2e.answers import SUCCESS_RATE
from tests.e2e.release import BUSY, PRODUCTION
from tests.e2e.watching import ready, watch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.plane import Plane
    from tests.e2e.release import Release
    from tests.e2e.watching import Watched

NAME = "drifted"
# The image of `helm create`'s chart.
REPOSITORY = "nginx"
LAYOUTS = {
    "values": {
        "env/values.yaml": "# of the environment\nreplicaCount: 2\nimage:\n  tag: v2 # bumped by the pipeline\n"
    },
    "plain": {
        "deploy/app.yaml": (
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {NAME}}}\nspec:\n  template:\n    spec:\n"
            f"      containers:\n      - name: web\n        image: {REPOSITORY}:v2\n"
        )
    },
    "flux": {
        "apps/release.yaml": (
            f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: {NAME}\n  namespace: jx-production\n"
            "spec:\n  chart:\n    spec:\n      chart: web\n      version: 0.2.0 # with the new template\n"
            "  values:\n    image:\n      tag: v2\n"
        )
    },
    "argo": {
        "apps/application.yaml": (
            f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {NAME}\n  namespace: jx-production\n"
            "spec:\n  source:\n    chart: web\n    targetRevision: 0.2.0\n    helm:\n      values: |\n"
            "        image:\n          tag: v2\n"
        )
    },
    "jenkins-x": {
        "helmfiles/jx-production/helmfile.yaml": (
            f"releases:\n- chart: dev/web\n  version: 0.2.0\n  name: {NAME}\n- chart: dev/other\n  version: 0.2.0\n  name: other\n"
        )
    },
}


@dataclass(slots=True)
class Drifted:
    """What `drift` said at each step."""

    watched: Watched
    under_way: subprocess.CompletedProcess[str]
    in_cluster: dict[str, Any]
    gitops: Wanted
    reverted: dict[str, Reverted] = field(default_factory=dict)
    after: subprocess.CompletedProcess[str] | None = None
    watched_after: Watched | None = None


@dataclass(slots=True)
class Wanted:
    """What `drift` said of the cluster's HelmReleases and Applications.

    `text`: with all API versions of HelmRelease served. `served`: its JSON, by the versions that are served then. `unread`: of a caller who may not
    list either kind. `set_back`: its JSON once they name what runs, before that is deployed.
    """

    text: subprocess.CompletedProcess[str]
    served: dict[tuple[str, ...], dict[str, Any]]
    unread: subprocess.CompletedProcess[str]
    set_back: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reverted:
    """What `--revert` did to one repository: git's diff, the same again, and as a branch."""

    code: int
    diff: str
    again: subprocess.CompletedProcess[str]
    again_diff: str
    branch_diff: str
    branch_message: str
    remotes_asked: str


def rolled_back_everywhere(plane: Plane) -> Drifted:
    """v2 is rolled back; five repositories still want it; each is set back; the old version is deployed again."""
    release = ready(plane, NAME)
    chart = release.chart / "Chart.yaml"
    chart.write_text(re.sub(r"^version: .*$", "version: 0.2.0", chart.read_text(), flags=re.MULTILINE))
    watching = watch(release)
    release.upgrade(image__tag="v2")
    release.wait_for_event(f"Advance {release.full}.{release.namespace} canary weight 10")
    under_way = drift(release)
    release.script.metrics = {SUCCESS_RATE: [42.5]}
    watched = watching.done()
    result = Drifted(watched, under_way, _in_json(release), _wanted(release))
    for layout, files in LAYOUTS.items():
        result.reverted[layout] = _reverted(release, plane.folder / "clones" / layout, files)
    release.script.metrics = {}
    chart.write_text(chart.read_text().replace("version: 0.2.0", "version: 0.1.0"))
    # The version that was promoted last: Flagger does nothing, and its phase stays Failed.
    release.upgrade(image__tag="v1")
    result.after = drift(release)
    result.watched_after = watch(release, "--start-within", "20s").done()
    return result


def _wanted(release: Release) -> Wanted:
    """Flux and Argo CD come to the cluster, with objects that still want v2, and are set back."""
    plane = release.plane
    gitops.install(plane)
    gitops.create(plane.client, NAME, PRODUCTION)
    text, served = drift(release), {}
    for newest in range(1, len(gitops.VERSIONS)):
        versions = gitops.VERSIONS[newest:]
        gitops.serve(plane, versions)
        served[versions] = _in_json(release)
    unread = drift(release, kubeconfig=gitops.reader_without_rights(plane))
    gitops.set_back(plane.client, NAME, PRODUCTION)
    return Wanted(text, served, unread, _in_json(release))


def _in_json(release: Release) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(drift(release, "--format", "json").stdout)
    return document


def drift(release: Release, *options: str, kubeconfig: Path | None = None) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "chartgen", "drift", "-n", release.namespace, "--canary", release.full, *options]
    environment = {**os.environ, "KUBECONFIG": str(kubeconfig or release.plane.kubeconfig)}
    with BUSY:
        return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=120)


def _reverted(release: Release, folder: Path, files: dict[str, str]) -> Reverted:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "config", "user.name", "Ann")
    _git(folder, "config", "user.email", "ann@example.com")
    # A remote that can't be reached: nothing may ask it.
    _git(folder, "remote", "add", "origin", str(folder / "none.git"))
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "Deploy v2")
    branched = drift(release, "--git", str(folder), "--revert", "--branch", "revert")
    assert branched.returncode == 0, branched.stderr
    assert not _git(folder, "status", "--porcelain")
    first = drift(release, "--git", str(folder), "--revert")
    diff = _git(folder, "diff", "--unified=0")
    again = drift(release, "--git", str(folder), "--revert")
    return Reverted(
        code=first.returncode,
        diff=diff,
        again=again,
        again_diff=_git(folder, "diff", "--unified=0"),
        branch_diff=_git(folder, "diff", "--unified=0", "main", "revert"),
        branch_message=_git(folder, "log", "-1", "--format=%B", "revert"),
        remotes_asked=_git(folder, "for-each-ref", "refs/remotes"),
    )


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return done.stdout
