"""Routes with just two weights: SMI, Contour, Traefik, Kuma, App Mesh, Gloo (pkg/router)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.canary import as_list, as_mapping
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routers.router import apex_metadata, metadata_differs, put_route
from chartgen.flagger.schedule.routes import TOTAL, Routes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.flagger.schedule.reconciliation import Reconciliation

Spec = dict[str, Any]


class Split(NamedTuple):
    """How one kind of route is written and read.

    `spec` returns the whole spec for two weights; `read` the two weights in a spec, None for a missing service.
    `bare` is a spec without weights, to compare. `canary_is_rest`: the canary's weight is 100 minus the primary's.
    `missing` and `called` are Flagger's error texts for a missing route (on reading and on setting), `failed` is that
    for a route which the API server refuses. `version` is that of the API.
    """

    kind: str
    resource: str
    version: str
    spec: Callable[[Canary, int, int], Spec]
    read: Callable[[Canary, Mapping[str, Any]], tuple[int | None, int | None]]
    bare: Callable[[Mapping[str, Any]], Any]
    missing: str
    called: str
    canary_is_rest: bool = True
    errs_on_nothing: bool = False
    follows_metadata: bool = True
    namespaced: bool = True
    failed: str = " {verb} error: "

    def put(self, run: Reconciliation, body: Mapping[str, Any], verb: str) -> None:
        """Write the route; StepError if the provider's CRD refuses it."""
        names = run.canary.names
        place = f".{names.namespace}" if self.namespaced else ""
        put_route(run, self.kind, self.version, body, f"{self.kind} {names.apex}{place}{self.failed.format(verb=verb)}")


@dataclass(frozen=True, slots=True)
class SplitRouter:
    split: Split

    def reconcile(self, run: Reconciliation) -> None:
        split, apex = self.split, run.canary.names.apex
        wanted = split.spec(run.canary, TOTAL, 0)
        body = run.objects.get((split.kind, apex))
        if body is None:
            split.put(run, {"kind": split.kind, "metadata": apex_metadata(run, apex), "spec": wanted}, "create")
            return
        differs = split.follows_metadata and metadata_differs(run, body)
        if differs or split.bare(wanted) != split.bare(as_mapping(body.get("spec"))):
            metadata = (
                {**as_mapping(body.get("metadata")), **apex_metadata(run, apex)} if differs else body.get("metadata")
            )
            split.put(run, {**body, "metadata": metadata, "spec": wanted}, "update")

    def routes(self, run: Reconciliation) -> Routes:
        spec = self._get(run, self.split.missing)
        primary, canary = self.split.read(run.canary, spec)
        if self.split.canary_is_rest and primary is not None:
            canary = TOTAL - primary
        found = Routes(primary or 0, canary or 0)
        if self.split.errs_on_nothing and found == Routes(0, 0):
            names = run.canary.names
            place = f".{names.namespace}" if self.split.namespaced else ""
            reason = f"does not contain routes for {names.primary_service} and {names.canary_service}"
            raise StepError(f"{self.split.kind} {names.apex}{place} {reason}")
        return found

    def set_routes(self, run: Reconciliation, routes: Routes) -> None:
        self._get(run, self.split.called)
        apex = run.canary.names.apex
        body = run.objects[self.split.kind, apex]
        spec = self.split.spec(run.canary, routes.primary, routes.canary)
        self.split.put(run, {**body, "spec": spec}, "update")

    def finalize(self, _run: Reconciliation) -> None:
        """Flagger restores nothing."""

    def _get(self, run: Reconciliation, words: str) -> Mapping[str, Any]:
        names = run.canary.names
        body = run.objects.get((self.split.kind, names.apex))
        if body is None:
            place = f".{names.namespace}" if self.split.namespaced else ""
            missing = f'{self.split.resource} "{names.apex}" not found'
            raise StepError(f"{self.split.kind} {names.apex}{place} {words} {missing}")
        return as_mapping(body.get("spec"))


def by_name(entries: object, field: str, *names: str) -> list[int | None]:
    """The weights of the entries with these names; as in Go, a missing weight is 0."""
    found: dict[Any, int] = {}
    for entry in map(as_mapping, as_list(entries)):
        found.setdefault(entry.get(field), _weight(entry.get("weight")))
    return [found.get(name) for name in names]


def _weight(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0


def without_weights(entries: object) -> list[Spec]:
    return [{key: value for key, value in as_mapping(each).items() if key != "weight"} for each in as_list(entries)]
