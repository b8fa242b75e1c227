"""Fixes as data: which fields of a rendered object change, and how. They know nothing about files.

A fix is safe if the author clearly meant its result. All others are unsafe: probably right, but worth a review.
"""

from __future__ import annotations

from copy import deepcopy
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.manifests.manifest import Route


class Safety(Enum):
    """Which option applies a fix: `--fix` applies the safe ones, `--unsafe-fixes` all."""

    SAFE = "safe"
    UNSAFE = "unsafe"

    @property
    def option(self) -> str:
        return "--fix" if self is Safety.SAFE else "--unsafe-fixes"

    def covers(self, other: Safety) -> bool:
        """Whether an option that applies fixes of this safety also applies those of the other."""
        return self is Safety.UNSAFE or other is Safety.SAFE


class SetValue(NamedTuple):
    """Set the scalar at `at` to `value`; a missing key is added to its map, which must exist, also with a list."""

    at: Route
    value: str | int | float | bool | list[int]

    def apply(self, body: dict[str, Any]) -> None:
        """Make the change in a rendered object."""
        _holder(body, self.at)[self.at[-1]] = self.value


class RenameKey(NamedTuple):
    """Rename the key at `at` to `key`, and keep its value."""

    at: Route
    key: str

    def apply(self, body: dict[str, Any]) -> None:
        """Make the change in a rendered object."""
        holder = _holder(body, self.at)
        holder[self.key] = holder.pop(self.at[-1])


class DeleteKey(NamedTuple):
    """Delete the entry at `at`, with the lines of comments above it if they are exactly `comments`."""

    at: Route
    comments: tuple[str, ...] = ()

    def apply(self, body: dict[str, Any]) -> None:
        """Make the change in a rendered object."""
        _holder(body, self.at).pop(self.at[-1])


class MoveKey(NamedTuple):
    """Move the entry at `at` into the map at `into`, as `key`; a missing map is added if its parent exists."""

    at: Route
    into: Route
    key: str

    def apply(self, body: dict[str, Any]) -> None:
        """Make the change in a rendered object."""
        value = _holder(body, self.at).pop(self.at[-1])
        holder = _holder(body, self.into)
        holder.setdefault(self.into[-1], {})[self.key] = value


Change = SetValue | RenameKey | DeleteKey | MoveKey


class Fix(NamedTuple):
    """The changes that correct a problem, in order. `title` describes them in a few words, such as "write 10s"."""

    title: str
    changes: tuple[Change, ...]
    safety: Safety = Safety.SAFE

    def applied(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The object as it should render; KeyError if a change doesn't apply to it."""
        for change in self.changes:
            body = changed(change, body)
        return dict(body)


def changed(change: Change, body: Mapping[str, Any]) -> dict[str, Any]:
    """The object with one change made; KeyError if the change doesn't apply to it."""
    fixed = deepcopy(dict(body))
    try:
        change.apply(fixed)
    except (IndexError, TypeError, AttributeError) as error:
        raise KeyError(change.at) from error
    return fixed


def set_value(at: Route, value: str | float | bool, safety: Safety = Safety.SAFE) -> Fix:
    """Set `at` to `value`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).lower() if isinstance(value, bool) else value
    return Fix(f"write {text}", (SetValue(at, value),), safety)


def rename(at: Route, key: str, safety: Safety = Safety.SAFE) -> Fix:
    """Rename the key at `at` to `key`."""
    return Fix(f"rename to {key}", (RenameKey(at, key),), safety)


def _holder(body: dict[str, Any], route: Route) -> Any:
    """The map or list that contains the last step of the route; KeyError if there is none."""
    holder = value_at(body, route[:-1]) if route else None
    if not isinstance(holder, (dict, list)):
        raise KeyError(route)
    return holder
