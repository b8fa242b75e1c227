"""The fields of Flagger's CRDs: which release has which, and the schema of one release put together from them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.flagger.crd.releases import NEWEST, facts, holds, nearest

if TYPE_CHECKING:
    from chartgen.manifests.manifest import Route

# A node of a structural schema: JSON Schema keywords as the CRD has them.
Node = dict[str, Any]
# The location of a node: names, `[]` for the items of a list, `*` for the values of a map.
Path = tuple[str, ...]

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
            _place(root, path, form)
    return root


@cache
def _forms(kind: str) -> dict[Path, list[dict[str, Any]]]:
    """Path -> its forms, oldest first."""
    if kind not in kinds():
        raise UsageError(f"{kind} is not a kind of Flagger.", hint=f"Flagger's kinds are {', '.join(kinds())}.")
    fields: dict[str, list[dict[str, Any]]] = facts()["kinds"][kind]["fields"]
    return {tuple(text.replace("[]", ".[]").split(".")): forms for text, forms in fields.items()}


def _place(root: Node, path: Path, form: dict[str, Any]) -> None:
    """Add one field's keywords at its path. Paths are sorted, so the parents exist already."""
    parent = root
    for step in path[:-1]:
        parent = _below(parent, step)
        if parent.get("x-elements-not-checked"):
            return
    _below(parent, path[-1]).update({word: value for word, value in form.items() if word not in _SPAN})
    if form.get("required"):
        parent.setdefault("required", []).append(path[-1])


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
    """The first and the last release with the field, None if no release has it.

    `route` may come from a document: a list index and a map key match any.
    """
    path = _path(route, kind)
    # Plain objects in a list have no entry of their own: they are as old as the list.
    while path and path not in _forms(kind):
        path = path[:-1]
    forms = _forms(kind).get(path)
    return (forms[0]["since"], forms[-1].get("until", NEWEST)) if forms else None


def _path(route: Route, kind: str) -> Path:
    """The path in the data that matches a route, () if there is none."""
    path: Path = ()
    for step in route:
        ways = [(*path, name) for name in (("[]",) if isinstance(step, int) else (step, "*"))]
        path = next((way for way in ways if way in _prefixes(kind)), ())
        if not path:
            break
    return path


@cache
def _prefixes(kind: str) -> frozenset[Path]:
    """Every path of the data, with all of its parents."""
    return frozenset(path[:length] for path in _forms(kind) for length in range(1, len(path) + 1))


def known_fields(route: Route, flagger: str = NEWEST, kind: str = "Canary") -> tuple[str, ...]:
    """The field names allowed below `route` in a release, for did-you-mean; () if any name is allowed, or none."""
    node: Node | None = structural_schema(kind, nearest(flagger))
    for step in route:
        node = below(node, step)
    return tuple((node or {}).get("properties", ()))


def below(node: Node | None, step: str | int) -> Node | None:
    """The schema of the value at `step` in a value with the schema `node`; None if the schema doesn't define it."""
    if node is None:
        return None
    if isinstance(step, int):
        found = node.get("items")
    else:
        found = node.get("properties", {}).get(step, node.get("additionalProperties"))
    return found if isinstance(found, dict) else None
