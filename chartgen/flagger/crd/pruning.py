"""The changes that the API server makes to a custom resource before it validates it.

As in k8s.io/apiextensions-apiserver: schema/pruning/algorithm.go:prune, schema/defaulting/prunenulls.go and
schema/defaulting/algorithm.go:Default. The CRDs of Flagger use neither `x-kubernetes-preserve-unknown-fields` nor
`nullable` nor embedded resources, so this module doesn't model them.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from chartgen.flagger.crd.fields import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.flagger.crd.fields import Node
    from chartgen.manifests.manifest import Route

# The server decodes these into its own types, whatever the schema.
META_FIELDS = frozenset({"apiVersion", "kind", "metadata"})


def prune(value: Any, node: Node | None, route: Route = ()) -> Iterator[Route]:
    """Drop in place the fields that the schema doesn't define; yield the route of each.

    A value of a different type than the schema's is pruned, too: a map in place of a list loses all its keys.
    Like the server, this reports only the topmost of nested dropped fields.
    """
    for step, held in _entries(value):
        if not route and step in META_FIELDS:
            continue
        known = below(node, step)
        if known is None and isinstance(value, dict):
            del value[step]
            yield (*route, step)
        else:
            yield from prune(held, known, (*route, step))


def drop_nulls(value: Any, node: Node | None) -> None:
    """Drop in place the nulls of maps for which the schema has no default; nulls in lists stay."""
    for step, held in _entries(value):
        known = below(node, step)
        if held is None and known is not None and isinstance(value, dict) and "default" not in known:
            del value[step]
        else:
            drop_nulls(held, known)


def set_defaults(value: Any, node: Node | None) -> None:
    """Set in place the defaults of fields that are absent or null."""
    if isinstance(value, dict) and node is not None:
        for name, known in node.get("properties", {}).items():
            if "default" in known and value.get(name) is None:
                value[name] = deepcopy(known["default"])
    for step, held in _entries(value):
        set_defaults(held, below(node, step))


def _entries(value: Any) -> list[tuple[str | int, Any]]:
    match value:
        case dict():
            return list(value.items())
        case list():
            return list(enumerate(value))
        case _:
            return []
