"""The Canaries `chartgen plan` is asked about: in a chart's rendering, in a file, on stdin, in another revision."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.charts.load import load_chart
from chartgen.cli.schema_notes import note_external_references
from chartgen.errors import ChartError, UsageError
from chartgen.flagger.emission import default_namespace, require_canary
from chartgen.helm.request import RenderRequest, with_api_versions
from chartgen.inputs.archive import plain_files
from chartgen.inputs.files import read_stdin
from chartgen.inputs.limits import Tally
from chartgen.lint.manifest_files import manifest_releases, read_manifests
from chartgen.manifests.namespaced import body_with_namespace
from chartgen.manifests.rendering import render
from chartgen.planning.request import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.charts.chart import Chart
    from chartgen.cli.plan_request import CanarySource
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest

_STDIN = "-"
_HOW_COMPARE = "write values:FILE, chart:DIR or git:REF"


def stages(engine: Engine, place: CanarySource) -> list[Stage]:
    """Every Canary of the chart or the manifests, or the one that is named."""
    path = Path(place.path)
    if place.path == _STDIN:
        return _plain(engine, place, read_stdin(), "stdin")
    if path.is_file() and not path.name.endswith((".tgz", ".tar.gz")):
        return _plain(engine, place, read_manifests(path), place.path)
    chart = load_chart(path)
    note_external_references(chart)
    return _rendered(engine, place, chart)


def compared_stage(engine: Engine, place: CanarySource, compare: str) -> Stage:
    """The Canary on the other side of `--compare`: its name may differ where the first one's is not asked for."""
    kind, _, rest = compare.partition(":")
    if not rest or kind not in {"values", "chart", "git"}:
        raise UsageError(f"--compare {compare!r} is not known", hint=_HOW_COMPARE)
    if kind == "chart":
        return _single(stages(engine, replace(place, path=rest)), compare)
    if place.path == _STDIN or not Path(place.path).is_dir():
        raise UsageError(f"--compare {compare} needs a chart folder, not {place.path}", hint=_HOW_COMPARE)
    if kind == "values":
        sources = replace(place.sources, files=(*place.sources.files, rest))
        return _single(stages(engine, replace(place, sources=sources)), compare)
    with tempfile.TemporaryDirectory(prefix="chartgen-") as folder:
        _check_out(Path(place.path), rest, Path(folder))
        return _single(_rendered(engine, place, load_chart(folder)), compare)


def _single(found: list[Stage], compare: str) -> Stage:
    if len(found) > 1:
        names = ", ".join(stage.name for stage in found)
        raise UsageError(
            f"--compare {compare}: there are {len(found)} Canaries: {names}", hint="choose with --canary NAME"
        )
    return found[0]


def _rendered(engine: Engine, place: CanarySource, chart: Chart) -> list[Stage]:
    request = RenderRequest(
        release_name=place.release_name,
        namespace=place.namespace or default_namespace(chart),
        sources=place.sources,
        kube_version=place.kube_version or None,
        api_versions=with_api_versions(list(place.api_versions)),
    )
    rendering = render(engine, chart, request, "plan")
    require_canary(engine, chart, rendering)
    return _staged(rendering.manifests, request.namespace, place, alone=False)


def _plain(engine: Engine, place: CanarySource, text: str, name: str) -> list[Stage]:
    manifests = manifest_releases(engine, text, name, place.namespace or "default").renderings[0].manifests
    if not any(_is_canary(manifest) for manifest in manifests):
        raise ChartError(f"{name}: there is no Canary in it", hint="give a chart, or a manifest of kind Canary")
    alone = all(manifest.api_version.startswith("flagger.app/") for manifest in manifests)
    return _staged(manifests, place.namespace or "default", place, alone=alone)


def _staged(manifests: Iterable[Manifest], namespace: str, place: CanarySource, *, alone: bool) -> list[Stage]:
    everything = tuple(manifests)
    bodies = tuple(body_with_namespace(one, namespace) for one in everything if not _is_hook(one))
    found = [
        Stage(body_with_namespace(one, namespace), bodies, alone=alone)
        for one in everything
        if _is_canary(one) and place.canary in {"", one.name}
    ]
    if not found:
        names = ", ".join(one.name for one in everything if _is_canary(one))
        raise UsageError(f"{place.path}: there is no Canary {place.canary}", hint=f"there is {names}")
    return found


def _is_canary(manifest: Manifest) -> bool:
    return manifest.kind == "Canary" and manifest.api_version.startswith("flagger.app/")


def _is_hook(manifest: Manifest) -> bool:
    """Helm's hooks come and go; what Flagger meets is the release."""
    annotations = manifest.get(("metadata", "annotations"))
    return isinstance(annotations, dict) and "helm.sh/hook" in annotations


def _check_out(chart: Path, revision: str, folder: Path) -> None:
    """The chart's folder as a Git revision has it."""
    command = ["git", "-C", str(chart), "archive", "--format=tar", "--end-of-options", revision, "."]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise UsageError(f"--compare git:{revision}: git can't be run: {error.strerror}", hint=_HOW_COMPARE) from error
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines() or ["git archive failed"]
        raise UsageError(
            f"--compare git:{revision}: {told[-1]}", hint="name a branch, a tag or a commit with the chart"
        )
    for path, content in plain_files(done.stdout, f"git:{revision}", Tally(f"git:{revision}")):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
