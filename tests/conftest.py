"""What every test may use: fixture charts to change, both engines, a clean environment."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.helm.engine import Engine

# A loaded machine isn't a failure, and CI runs are reproducible.
settings.register_profile(
    "suite", suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI")), deadline=None
)
settings.load_profile("suite")

ROOT = Path(__file__).parent.parent
CHARTS = ROOT / "fixtures" / "charts"
SHARED = ROOT.parent / "shared"
# Everything that takes too long for each change: a normal run plays a sample of it.
LONG_RUN = bool(os.environ.get("CHARTGEN_LONG_RUN"))
HELM_FOLDER = Path(os.environ.get("CHARTGEN_TEST_HELM_DIR") or Path.home() / ".cache" / "chartgen" / "helm")
HELM_VERSIONS = ("3.17", "4.1", "4.3")
# Journals of the tests' writes lie in a state folder of their own, for the processes that tests start as well.
# So do the results of earlier runs.
for _variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
    os.environ[_variable] = tempfile.mkdtemp(prefix="chartgen-tests-")
    atexit.register(shutil.rmtree, os.environ[_variable], ignore_errors=True)
# These would change what is printed, and CI sets some of them.
_SCRUBBED = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "CHARTGEN_HELM", "CHARTGEN_CONFIG")
# Options that a fixture needs to be unambiguous.
OPTIONS = {"two-deployments": ["--target", "web"], "range-names": ["--target", "front"]}


# Tests that start programs: helm through these fixtures, the hooks, builds.
_STARTS_HELM = {"helm_binary", "any_engine"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts helm programs as slow, and run slow tests first: none is left over for one worker at the end."""
    for item in items:
        given = getattr(getattr(item, "callspec", None), "params", {})
        if _STARTS_HELM & set(getattr(item, "fixturenames", ())) and given.get("any_engine") != "embedded":
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


_current: dict[str, pytest.Item] = {}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember the test, for `helm_program`."""
    _current["test"] = item


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine changes what a command prints; PATH and the tests' own folders stay."""
    for name in os.environ:
        if name in _SCRUBBED or name.startswith("GITHUB_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def chart(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a fixture chart to change."""

    def copied(name: str) -> Path:
        return Path(shutil.copytree(CHARTS / name, tmp_path / name))

    return copied


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The embedded Helm."""
    from chartgen.helm.embedded import EmbeddedEngine

    return EmbeddedEngine()


def helm_program(version: str) -> Path:
    """An official helm program, for tests marked slow; absent ones skip the test, in CI they fail it."""
    assert _current["test"].get_closest_marker("slow"), "a test that starts helm needs @pytest.mark.slow"
    program = HELM_FOLDER / f"helm-{version}"
    if not program.exists():
        message = f"{program} is absent: run `python .ci/fetch_helm.py`"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return program


@pytest.fixture(params=HELM_VERSIONS)
def helm_binary(request: pytest.FixtureRequest) -> Path:
    """Each official helm program in turn."""
    return helm_program(str(request.param))


@pytest.fixture(params=["embedded", *HELM_VERSIONS])
def any_engine(request: pytest.FixtureRequest) -> Engine:
    """The embedded Helm, then each program behind the other engine."""
    if request.param == "embedded":
        embedded: Engine = request.getfixturevalue("engine")
        return embedded
    from chartgen.helm.binary import BinaryEngine

    return BinaryEngine(str(helm_program(request.param)))


@pytest.fixture
def shared() -> Path:
    """The reference data beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there")
    return SHARED
