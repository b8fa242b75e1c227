"""Reads the Canaries for `chartgen plan` from a chart, a file, stdin or another Git revision."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.api.plan_request import STDIN
from chartgen.api.render_errors import render_errors_of
from chartgen.api.schema_notes import note_external_references
from chartgen.charts.load import load_chart
from chartgen.errors import ChartError, UsageError
from chartgen.flagger.emission import default_namespace, require_canary
from chartgen.helm.request import RenderRequest, with_api_versions
from chartgen.inputs.archive import plain_files
from chartgen.inputs.files import read_stdin
from chartgen.inputs.limits import Tally
from chartgen.lint.manifest_files import manifest_releases, read_manifests
from chartgen.manifests.namespaced import body_with_namespace
from chartgen.manifests.rendering import render
from chartgen.planning.request import CanaryContext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.api.plan_request import CanarySource
    from chartgen.api.session import Note
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest

_COMPARE_HINT = "write values:FILE, chart:DIR or git:REF"


def canary_contexts(engine: Engine, source: CanarySource, note: Note) -> list[CanaryContext]:
    """Every Canary of the chart or the manifests, or the one that `source` names."""
    path = Path(source.path)
    if source.path == STDIN:
        return _from_manifests(engine, source, read_stdin(), source.label)
    if path.is_file() and not path.name.endswith((".tgz", ".tar.gz")):
        return _from_manifests(engine, source, read_manifests(path), source.label)
    if not path.exists():
        raise UsageError(
            f"{source.path}: file or folder not found",
            hint="pass a chart folder, a .tgz, a file of manifests, or - for stdin",
        )
    chart = load_chart(path)
    note_external_references(chart, note)
    return _from_chart(engine, source, chart)


def compared_context(engine: Engine, source: CanarySource, compare: str, note: Note) -> CanaryContext:
    """The Canary on the other side of `--compare`. Unless `source` names one, its name can differ from the first."""
    kind, _, argument = compare.partition(":")
    if not argument or kind not in {"values", "chart", "git"}:
        raise UsageError(f"--compare: {compare!r} is not a comparison", hint=_COMPARE_HINT)
    if kind == "chart":
        return require_one(canary_contexts(engine, replace(source, path=argument), note), f"--compare {compare}")
    if source.path == STDIN or not Path(source.path).is_dir():
        raise UsageError(
            f"--compare {compare} requires a chart folder, but CHART is {source.label}",
            hint="give a chart folder, or compare with chart:DIR",
        )
    if kind == "values":
        if not Path(argument).is_file():
            raise UsageError(
                f"--compare {compare}: {argument}: file not found",
                hint="name a values file after values:, relative to the current folder",
            )
        value_sources = source.value_sources._replace(files=(*source.value_sources.files, argument))
        contexts = canary_contexts(engine, replace(source, value_sources=value_sources), note)
        return require_one(contexts, f"--compare {compare}")
    with tempfile.TemporaryDirectory(prefix="chartgen-") as folder:
        _check_out(Path(source.path), argument, Path(folder))
        return require_one(_from_chart(engine, source, load_chart(folder), compare), f"--compare {compare}")


def require_one(contexts: list[CanaryContext], origin: str) -> CanaryContext:
    """The only Canary; UsageError if there are several."""
    if len(contexts) > 1:
        names = ", ".join(context.name for context in contexts)
        raise UsageError(f"{origin} has {len(contexts)} Canaries: {names}", hint="choose one with --canary NAME")
    return contexts[0]


def _from_chart(engine: Engine, source: CanarySource, chart: Chart, name: str | None = None) -> list[CanaryContext]:
    """The Canaries of a chart; `name` replaces its path in messages."""
    request = RenderRequest(
        release_name=source.release_name,
        sources=source.value_sources,
        kube_version=source.kube_version or None,
        api_versions=with_api_versions(list(source.api_versions)),
    )
    with render_errors_of(chart, name):
        request = replace(request, namespace=source.namespace or default_namespace(engine, chart, request))
        rendering = render(engine, chart, request, "plan")
        require_canary(engine, chart, rendering)
    contexts = _contexts(rendering.manifests, request.namespace, source, only_flagger_objects=False)
    return [context._replace(chart=chart.name) for context in contexts]


def _from_manifests(engine: Engine, source: CanarySource, text: str, name: str) -> list[CanaryContext]:
    namespace = source.namespace or "default"
    manifests = manifest_releases(engine, text, name, namespace).renderings[0].manifests
    if not any(_is_canary(manifest) for manifest in manifests):
        raise ChartError(f"{name} has no Canary", hint="give a chart, or a manifest of kind Canary")
    only_flagger_objects = all(manifest.api_version.startswith("flagger.app/") for manifest in manifests)
    return _contexts(manifests, namespace, source, only_flagger_objects=only_flagger_objects)


def _contexts(
    rendered: Iterable[Manifest], namespace: str, source: CanarySource, *, only_flagger_objects: bool
) -> list[CanaryContext]:
    manifests = tuple(rendered)
    objects = tuple(body_with_namespace(manifest, namespace) for manifest in manifests if not _is_hook(manifest))
    contexts = [
        CanaryContext(body_with_namespace(manifest, namespace), objects, only_flagger_objects)
        for manifest in manifests
        if _is_canary(manifest) and source.canary in {"", manifest.name}
    ]
    if not contexts:
        names = ", ".join(manifest.name for manifest in manifests if _is_canary(manifest))
        raise UsageError(f"--canary {source.canary}: {source.label} has no such Canary", hint=f"choose one of {names}")
    return contexts


def _is_canary(manifest: Manifest) -> bool:
    return manifest.kind == "Canary" and manifest.api_version.startswith("flagger.app/")


def _is_hook(manifest: Manifest) -> bool:
    """Helm creates and deletes hooks around an upgrade; Flagger sees only the release's other objects."""
    annotations = manifest.get(("metadata", "annotations"))
    return isinstance(annotations, dict) and "helm.sh/hook" in annotations


def _check_out(chart: Path, revision: str, folder: Path) -> None:
    """Write the chart's folder, as of a Git revision, into `folder`."""
    command = ["git", "-C", str(chart), "archive", "--format=tar", "--end-of-options", revision, "."]
    try:
        result = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    except OSError as error:
        raise UsageError(
            f"--compare git:{revision}: git can't be run: {error.strerror}",
            hint="install git, or compare with values:FILE or chart:DIR",
        ) from error
    if result.returncode:
        lines = result.stderr.decode(errors="replace").strip().splitlines() or ["git archive failed"]
        raise _git_error(revision, chart, lines[-1])
    for path, content in plain_files(result.stdout, f"git:{revision}", Tally(f"git:{revision}")):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _git_error(revision: str, chart: Path, message: str) -> UsageError:
    """What Git says of the revision, or of a folder that isn't in a repository."""
    if "not a git repository" in message:
        return UsageError(
            f"--compare git:{revision}: {chart} isn't in a Git repository",
            hint="compare with values:FILE or chart:DIR, or plan the chart in its Git checkout",
        )
    if message.endswith("is untracked"):
        message = f"{chart} isn't in this revision"
    text = message.removeprefix("fatal: ")
    return UsageError(f"--compare git:{revision}: {text}", hint="name a branch, tag or commit that contains the chart")
