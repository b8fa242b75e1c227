"""Stories: what takes minutes on the plane. All that the chosen tests need are begun at once, side by side.

A test names its story with `@pytest.mark.story(function, *arguments)` (`story.with_args(function)` without arguments) and gets its outcome from the fixture `story`.
The function is called as `function(plane, *arguments)` in a thread of its own, once for all tests that name it so.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from tests.e2e.plane import Plane

# Waiting, nearly all of it: the work is done by the plane. More at once make Flagger's ticks late on two cores.
_AT_ONCE = 24


class Stories:
    """Begun stories by function and arguments."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="story")
        self._begun: dict[Any, Future[Any]] = {}

    def begin(self, items: Iterable[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("story"):
                self._begin(mark.args)

    def _begin(self, call: tuple[Any, ...]) -> Future[Any]:
        if call not in self._begun:
            function, *arguments = call
            self._begun[call] = self._pool.submit(function, self._plane, *arguments)
        return self._begun[call]

    def outcome(self, call: tuple[Any, ...], timeout: float) -> Any:
        """What the story returned; what it raised is raised again."""
        return self._begin(call).result(timeout)

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
