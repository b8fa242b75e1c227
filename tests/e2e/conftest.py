"""The plane, once for the whole session; without its parts each test skips and names them, in CI it fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import LONG_RUN
from tests.e2e.plane import Plane
from tests.e2e.stories import Stories
from tests.e2e.tools.parts import BUILD_COMMAND, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).parent
_IN_LONG_RUN = "CHARTGEN_LONG_RUN=1"
_STORY_LIMIT = 900.0


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "e2e: runs on a real control plane (all tests of tests/e2e that need one)")
    config.addinivalue_line("markers", f"long: only in the long run ({_IN_LONG_RUN})")
    config.addinivalue_line("markers", "alone: keeps a core busy, so it runs before the stories begin")
    config.addinivalue_line("markers", "story(function, *arguments): what is played on the plane for this test")


# First, so that `-m e2e` and `-m "not e2e"` see the marker.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent, absent_from_flux = missing(), missing(long=True)
    for item in items:
        if _HERE in item.path.parents:
            _mark(item, absent_from_flux if "flux" in getattr(item, "fixturenames", ()) else absent)
    items.sort(key=lambda item: item.get_closest_marker("alone") is None)


def _mark(item: pytest.Item, absent: list[str]) -> None:
    fixtures = set(getattr(item, "fixturenames", ()))
    if item.get_closest_marker("long") and not LONG_RUN:
        item.add_marker(pytest.mark.skip(reason=f"only in the long run ({_IN_LONG_RUN})"))
    if not fixtures & {"tools", "plane", "story"}:
        return
    item.add_marker(pytest.mark.e2e)
    if os.environ.get("PYTEST_XDIST_WORKER"):
        # Every worker would begin every story on a plane of its own.
        item.add_marker(pytest.mark.skip(reason="runs side by side on one plane: `pytest tests/e2e`, without -n"))
    elif absent and not _in_ci():
        item.add_marker(pytest.mark.skip(reason=_advice(absent)))


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() == "true"


def _advice(absent: list[str]) -> str:
    variable = "" if missing() else f"{_IN_LONG_RUN} "
    return f"missing: {', '.join(absent)}. Run `{variable}{BUILD_COMMAND}`"


@pytest.fixture(scope="session")
def tools() -> None:
    """The parts are there; without them tests are skipped while they are collected, but in CI they fail here."""
    if absent := missing():
        pytest.fail(_advice(absent))


@pytest.fixture(scope="session")
def plane(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """The plane all tests share that leave it as it is."""
    with Plane(tmp_path_factory.mktemp("plane")) as plane:
        plane.start_traffic()
        yield plane


@pytest.fixture(scope="session")
def _stories(plane: Plane, request: pytest.FixtureRequest) -> Iterator[Stories]:
    stories = Stories(plane)
    stories.begin(item for item in request.session.items if not item.get_closest_marker("skip"))
    yield stories
    stories.stop()


@pytest.fixture(autouse=True)
def _begun(request: pytest.FixtureRequest) -> None:
    """Begin the stories before the first test that bears it, so that the tests without a story run meanwhile."""
    if request.node.get_closest_marker("alone"):
        return
    selected = any(
        item.get_closest_marker("story") and not item.get_closest_marker("skip") for item in request.session.items
    )
    if selected and not missing():
        request.getfixturevalue("_stories")


@pytest.fixture
def story(_stories: Stories, request: pytest.FixtureRequest) -> Any:
    """The outcome of the story this test names."""
    mark = request.node.get_closest_marker("story")
    return _stories.outcome(mark.args, _STORY_LIMIT)
