"""The fields of Flagger's CRDs: which release has which, and the schema of one release put together from them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.flagger.crd.releases import NEWEST, facts, holds, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route

# A node of a structural schema: JSON Schema keywords as the CRD has them.
Node = dict[str, Any]

_SPAN = ("since", "until", "required")


def kinds() -> tuple[str, ...]:
    """The kinds of Flagger's CRD file."""
    return tuple(facts()["kinds"])


@cache
def structural_schema(kind: str, release: str) -> Node:
    """The schema of a kind in a known release, as the CRD writes it. Callers must not change it."""
    root: Node = {"type": "object", "properties": {}}
    for path, forms in sorted(_forms(kind).items()):
        form = next((form for form in reversed(forms) if holds(form, release)), None)
        if form is not None:
            _place(root, path.replace("[]", ".[]").split("."), form)
    return root


def _forms(kind: str) -> dict[str, list[dict[str, Any]]]:
    if kind not in kinds():
        raise UsageError(f"{kind} is no kind of Flagger's.", hint=f"Flagger's kinds are {', '.join(kinds())}.")
    forms: dict[str, list[dict[str, Any]]] = facts()["kinds"][kind]["fields"]
    return forms


def _place(root: Node, steps: list[str], form: dict[str, Any]) -> None:
    """Put one field's keywords where its path says. Paths come sorted, so what stands above is there already."""
    parent = root
    for step in steps[:-1]:
        if parent.get("x-elements-not-checked"):
            return
        parent = _below(parent, step)
    _below(parent, steps[-1]).update({word: value for word, value in form.items() if word not in _SPAN})
    if form.get("required"):
        parent.setdefault("required", []).append(steps[-1])


def _below(parent: Node, step: str) -> Node:
    match step:
        case "[]":
            node: Node = parent.setdefault("items", {"type": "object"})
        case "*":
            node = parent.setdefault("additionalProperties", {})
        case _:
            node = parent.setdefault("properties", {}).setdefault(step, {})
    return node


@cache
def field_span(route: Route, kind: str = "Canary") -> tuple[str, str] | None:
    """The first and the last release that has the field, None where no release has it.

    `route` may come from a document: the index of a list and the key of a map stand for any.
    """
    paths = list(_matching(route, kind))
    if not paths:
        return None
    forms = [form for path in paths for form in _forms(kind)[path]]
    ends = [form.get("until", NEWEST) for form in forms]
    return forms[0]["since"], ends[-1]


def known_fields(route: Route, flagger: str = NEWEST, kind: str = "Canary") -> tuple[str, ...]:
    """The names the field at `route` may have below it in a release, for did-you-mean; () where any or none will do."""
    node: Node | None = structural_schema(kind, nearest(flagger))
    for step in route:
        node = below(node, step)
    return tuple((node or {}).get("properties", ()))


def below(node: Node | None, step: str | int) -> Node | None:
    """The schema of what stands at `step` in a value of the schema `node`; None where the schema knows nothing."""
    if node is None:
        return None
    if isinstance(step, int):
        found = node.get("items")
    else:
        found = node.get("properties", {}).get(step, node.get("additionalProperties"))
    return found if isinstance(found, dict) else None


def _matching(route: Route, kind: str) -> Iterator[str]:
    """The paths of the data that stand for a route: one, unless a field was once a map and once an object."""
    candidates = [""]
    for step in route:
        names = ("[]",) if isinstance(step, int) else (f".{step}", ".*")
        candidates = [
            path + name for path in candidates for name in names if (path + name).lstrip(".") in _prefixes(kind)
        ]
    yield from (path.lstrip(".") for path in candidates if path.lstrip(".") in _forms(kind))


@cache
def _prefixes(kind: str) -> frozenset[str]:
    """Every path of the data and all that stands above it (items that are plain objects have no line of their own)."""
    paths = set(_forms(kind))
    return frozenset(paths | {path.removesuffix("[]") for path in paths} | set(_list_items(paths)))


def _list_items(paths: set[str]) -> Iterator[str]:
    for path in paths:
        head, bracket, _ = path.rpartition("[]")
        if bracket:
            yield head + bracket
