"""Plans the edit that gives a Canary the suggested settings: in the chart's values, its templates, or a manifest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.api.plan_request import STDIN
from chartgen.canary.files import comments_above
from chartgen.edits.plan import Plan
from chartgen.errors import ProofError, RenderError, UsageError
from chartgen.flagger.canary import analysis_key
from chartgen.flagger.go_durations import duration_seconds
from chartgen.helm.request import RenderRequest, with_api_versions
from chartgen.lint.fixing.editable_source import EditableChart
from chartgen.lint.fixing.rewrite_object import rewrite_object
from chartgen.lint.prepare import prepare_chart, prepare_manifests
from chartgen.lint.request import LintRequest
from chartgen.planning.detection.checks import DEFAULT_WINDOW
from chartgen.planning.suggestion.values import suggested_fields
from chartgen.proof.single_change import key_of
from chartgen.rules.fix import DeleteKey, SetValue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from chartgen.api.plan_request import CanarySource
    from chartgen.helm.engine import Engine
    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.lint.prepare import Prepared
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.planning.request import CanaryContext
    from chartgen.planning.suggestion.suggestion import Suggestion
    from chartgen.rules.fix import Change

_ROUTING = ("stepWeight", "maxWeight", "stepWeights", "iterations")


@dataclass(frozen=True, slots=True)
class PlannedEdit:
    """`others`: labels of the other releases that change, too; `warnings`: rules that then warn."""

    plan: Plan
    others: tuple[str, ...]
    warnings: tuple[str, ...]

    def remarks(self, *, would: bool) -> Iterator[str]:
        """What a reader should know beyond the change; `would`: nothing is written."""
        if not self.plan:
            yield "nothing to write: the Canary has these settings already"
        for change in self.plan.changes if not would else ():
            yield f"wrote {(self.plan.root / change.path).as_posix()}"
        if self.others:
            changes = "would change" if would else "changes"
            yield f"this {changes} other releases of the chart, too: {'; '.join(self.others)}"
        if self.warnings:
            yield f"chartgen lint {'would then warn' if would else 'now warns'} about {', '.join(self.warnings)}"


@dataclass(frozen=True, slots=True)
class Writer:
    """Edits one Canary: the document `manifest` of the release `rendering`."""

    prepared: Prepared
    source: EditableSource
    rendering: Rendering
    manifest: Manifest

    @classmethod
    def of(cls, engine: Engine, given: CanarySource, context: CanaryContext) -> Writer:
        """The writer for the planned Canary; UsageError or ProofError if it can't be edited."""
        prepared = _prepared(engine, given)
        if prepared.source is None:
            raise UsageError(
                f"--write: {given.label} can't be changed", hint="name a chart that installs its templates"
            )
        rendering, manifest = _planned_object(prepared, context)
        return cls(prepared, prepared.source, rendering, manifest)

    @property
    def keeps_form(self) -> bool:
        """Whether values set the weights one by one, so that only those can change: not the analysis as a whole."""
        at = ("spec", analysis_key(self.manifest.body["spec"]))
        if any(True for _ in self.source.in_values(self.rendering, self.manifest, at)):
            return False
        routes = ((*at, name) for name in _ROUTING if self.manifest.get((*at, name)) is not None)
        return any(True for route in routes for _ in self.source.in_values(self.rendering, self.manifest, route))

    def values(self, found: Suggestion) -> dict[str, Any] | None:
        """The values of a chart that set the suggested fields; None for manifests, and if the templates set them."""
        if found.manifest is None or not isinstance(self.source, EditableChart):
            return None
        spec, provenance = self.manifest.body["spec"], self.source.provenance
        fields, at = suggested_fields(found.manifest), ("spec", analysis_key(spec))
        whole = provenance.value_route(self.rendering, self.manifest, at)
        if whole:
            return _nested({whole: fields})
        routes: dict[Route, Any] = {}
        for name, value in fields.items():
            route = provenance.value_route(self.rendering, self.manifest, (*at, name))
            if route:
                routes[route] = value
        for index, metric in enumerate(fields.get("metrics", ())):
            interval = (*at, "metrics", index, "interval")
            route = provenance.value_route(self.rendering, self.manifest, interval)
            if route and not any(isinstance(step, int) for step in route):
                routes[route] = metric["interval"]
        return _nested(routes) if routes else None

    def edit(self, found: Suggestion) -> PlannedEdit:
        """The edit for the chosen settings; ProofError if they can't be written."""
        wanted = (found.manifest or {})["spec"]
        refused: ProofError | None = None
        for replace_lists in (False, True):
            changes = list(_changes(self.manifest.body["spec"], wanted, replace_lists=replace_lists))
            try:
                rewritten = rewrite_object(
                    self.source,
                    self.rendering.label,
                    key_of(self.manifest),
                    changes,
                    self.prepared.settings.proof_rules,
                )
            except ProofError as error:
                refused = refused or error
                continue
            plan = Plan.of(self.source.root, self.source.files, rewritten.source.files)
            others = (*self._others(rewritten.also), *self._other_namespaces(rewritten.source))
            return PlannedEdit(plan, others, rewritten.warnings)
        raise ProofError(
            f"--write: can't set the analysis of Canary {self.manifest.name}: {refused.message if refused else ''}",
            hint="nothing was written; set the values that the command prints without --write by hand",
        ) from refused

    def _others(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """The shortest label for each other namespace or values file; the planned release with switches isn't one."""
        planned, shortest = _place(self.rendering), dict[object, str]()
        renderings = {rendering.label: rendering for rendering in self.prepared.releases.renderings}
        for label in sorted(labels, key=len):
            if _place(renderings[label]) != planned:
                shortest.setdefault(_place(renderings[label]), label)
        return tuple(shortest.values())

    def _other_namespaces(self, edited: EditableSource) -> Iterator[str]:
        """The namespaces of the chart's gate in which it changes, too: the releases include only one of them."""
        releases = edited.releases
        after = next(each for each in releases.renderings if each.label == self.rendering.label)
        for namespace in releases.namespaces:
            if all(each.request.namespace != namespace for each in releases.renderings):
                try:
                    before = _texts(releases.engine, self.rendering, namespace)
                except RenderError:
                    continue  # nothing can be released there
                if before != _texts(releases.engine, after, namespace):
                    yield f"namespace {namespace}"


def _texts(engine: Engine, rendering: Rendering, namespace: str) -> Mapping[str, str]:
    """What the release renders in another namespace."""
    return engine.render(rendering.chart, replace(rendering.request, namespace=namespace))


def _place(rendering: Rendering) -> tuple[str, tuple[str, ...]]:
    """Namespace and values files of a release."""
    return rendering.request.namespace, rendering.request.sources.files


def require_writable(source: CanarySource) -> None:
    """UsageError if nothing can be written there."""
    if source.path == STDIN:
        raise UsageError("--write: standard input can't be changed", hint="name the chart or the file instead of -")
    if source.path.endswith((".tgz", ".tar.gz")):
        raise UsageError(f"--write: {source.path} can't be changed: it is packed", hint="unpack it first")


def _prepared(engine: Engine, source: CanarySource) -> Prepared:
    base = RenderRequest(
        release_name=source.release_name,
        namespace=source.namespace or "default",
        sources=source.value_sources,
        kube_version=source.kube_version or None,
        api_versions=with_api_versions(list(source.api_versions)),
    )
    namespaces = (source.namespace,) if source.namespace else ()
    request = LintRequest(base, namespaces, no_config=True)
    path = Path(source.path)
    if path.is_file() and not path.name.endswith((".tgz", ".tar.gz")):
        return prepare_manifests(engine, path, request)
    return prepare_chart(engine, path, request)


def _planned_object(prepared: Prepared, context: CanaryContext) -> tuple[Rendering, Manifest]:
    """The release in which the Canary renders as planned."""
    for rendering in prepared.releases.renderings:
        for manifest in rendering.of_kind("Canary"):
            if manifest.name == context.name and manifest.body.get("spec") == context.canary.get("spec"):
                return rendering, manifest
    raise ProofError(
        f"--write: no release of the chart renders Canary {context.name} as planned", hint="name its values with -f"
    )


def _nested(routes: Mapping[Route, Any]) -> dict[str, Any]:
    """Values by their routes, as maps in maps."""
    values: dict[str, Any] = {}
    for route, value in routes.items():
        node = values
        for step in route[:-1]:
            node = node.setdefault(str(step), {})
        node[str(route[-1])] = value
    return values


def _changes(spec: Mapping[str, Any], wanted: Mapping[str, Any], *, replace_lists: bool) -> Iterator[Change]:
    """From one analysis to another: first what goes, then what is set. `replace_lists`: so does a list that changes."""
    key = analysis_key(spec)
    old, new, at = spec[key], wanted[analysis_key(wanted)], ("spec", key)
    for name in _ROUTING:
        if name in old and (name not in new or (replace_lists and isinstance(new[name], list))):
            yield DeleteKey((*at, name), comments_above(name))
    for name in ("interval", "threshold", *_ROUTING):
        if name in new and not _is_same(old.get(name), new[name]):
            yield SetValue((*at, name), new[name])
    for index, (before, after) in enumerate(zip(old["metrics"], new["metrics"], strict=True)):
        if not _is_same(before.get("interval") or DEFAULT_WINDOW, after.get("interval") or DEFAULT_WINDOW):
            yield SetValue((*at, "metrics", index, "interval"), after["interval"])


def _is_same(old: object, new: object) -> bool:
    """60s and 1m are the same."""
    return old == new or (duration_seconds(old) is not None and duration_seconds(old) == duration_seconds(new))
