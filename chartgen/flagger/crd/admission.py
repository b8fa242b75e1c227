"""The verdict on one document: whether the API server accepts it, and which fields it prunes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.crd import objectmeta
from chartgen.flagger.crd.fields import structural_schema
from chartgen.flagger.crd.pruning import drop_nulls, prune, set_defaults
from chartgen.flagger.crd.releases import NEWEST, nearest, prunes, served_versions
from chartgen.flagger.crd.validation import schema_violations
from chartgen.flagger.crd.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.manifests.manifest import Route


class Refusal(NamedTuple):
    """One reason why the API server rejects a document, and the field concerned."""

    at: Route
    message: str


class Verdict(NamedTuple):
    """How the API server responds to a create request for a document.

    `pruned` are the fields it drops because the CRD doesn't define them: `kubectl` and server-side apply fail on them,
    Helm and client libraries only warn. A rejected document can have pruned fields, too. `stored` is the accepted
    document as stored (without `status`, which a create request can't set), None for a rejected one.
    """

    refusals: tuple[Refusal, ...]
    pruned: tuple[Route, ...]
    stored: dict[str, Any] | None = None

    @property
    def accepted(self) -> bool:
        return not self.refusals


def admit(document: Mapping[str, Any], flagger: str = NEWEST) -> Verdict:
    """The API server's verdict on a Canary, MetricTemplate or AlertProvider with the CRDs of a Flagger release.

    An unknown release uses the newest known one below it. Raises UsageError if `flagger` is not a release.
    """
    release = nearest(flagger)
    undecodable = tuple(_undecodable(document, release))
    if undecodable:
        return Verdict(undecodable, ())
    body = _as_go_reads(document)
    pruned = tuple(_reshape(body, str(body["kind"]), release))
    refusals = tuple(_refusals(body, str(body["kind"]), release))
    return Verdict(refusals, pruned, None if refusals else body)


def _undecodable(document: Mapping[str, Any], release: str) -> Iterator[Refusal]:
    """Errors before the server reaches the CRD's schema; it prunes nothing from such a document."""
    for name in ("apiVersion", "kind"):
        if not isinstance(document.get(name), str):
            yield Refusal((name,), f"{shown(document.get(name))} is not a string")
            return
    for key, value in document.items():
        # json/meta.go:SimpleMetaFactory reads both with encoding/json, which ignores case.
        if key.casefold() in {"apiversion", "kind"} and not isinstance(value, str | None):
            yield Refusal((key,), f"{shown(value)} is not a string")
            return
    served = served_versions(release)
    kind, version = document["kind"], document["apiVersion"]
    if kind not in served:
        yield Refusal(("kind",), f"{kind} is not a kind of Flagger {release}, which has {', '.join(served)}")
    elif version not in served[kind]:
        yield Refusal(("apiVersion",), f"{version} is not served by Flagger {release}: {', '.join(served[kind])} is")
    else:
        yield from (Refusal(route, message) for route, message in objectmeta.undecodable(document.get("metadata")))
        yield from (Refusal(route, "is beyond the range of numbers") for route in _endless_numbers(document))


def _reshape(body: dict[str, Any], kind: str, release: str) -> Iterator[Route]:
    """Prune, drop nulls, default and drop status, in place; yield the routes of the pruned fields."""
    schema = structural_schema(kind, release)
    yield from objectmeta.unknown(body.get("metadata"))
    if prunes(release):
        yield from prune(body, schema)
        drop_nulls(body, schema)
        set_defaults(body, schema)
    body.pop("status", None)


def _refusals(body: dict[str, Any], kind: str, release: str) -> Iterator[Refusal]:
    complaints = [*objectmeta.invalid(body.get("metadata") or {}), *schema_violations(body, kind, release)]
    yield from (Refusal(route, message) for route, message in complaints)


def _as_go_reads(value: Any) -> Any:
    """A copy with Go's numbers: an integer beyond int64 is a float64."""
    match value:
        case dict():
            return {key: _as_go_reads(held) for key, held in value.items()}
        case list():
            return [_as_go_reads(held) for held in value]
        case bool():
            return value
        case int() if not -(2**63) <= value < 2**63:
            return float(value)
        case _:
            return value


def _endless_numbers(value: Any, route: Route = ()) -> Iterator[Route]:
    """Numbers no float64 can hold; JSON can write them (1e400), the server's decoder cannot read them."""
    match value:
        case dict() | list():
            for step, held in value.items() if isinstance(value, dict) else enumerate(value):
                yield from _endless_numbers(held, (*route, step))
        case float() if not math.isfinite(value):
            yield route
        case int() if abs(value) > 10**308 and not _fits_float(value):
            yield route


def _fits_float(value: int) -> bool:
    try:
        float(value)
    except OverflowError:
        return False
    return True
