"""Writes that are killed or refused at every call in turn: the chart is the old or the new one in the end.

Every test is played with the state folder on the chart's file system and on another one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.edits import state
from chartgen.edits.transaction import apply, recover
from chartgen.errors import ConflictError
from tests.edits import writer
from tests.forks import forks

if TYPE_CHECKING:
    from collections.abc import Iterator

Run = Callable[..., tuple[int, str]]
OTHER = Path("/dev/shm")


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["same", "other"], autouse=True)
def state_home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state folder: where the charts are, or on another file system."""
    home = tmp_path_factory.mktemp("state")
    if request.param == "other":
        if not OTHER.is_dir() or OTHER.stat().st_dev == home.stat().st_dev or not os.access(OTHER, os.W_OK):
            pytest.skip(f"{OTHER} is not another file system that can be written")
        home = Path(tempfile.mkdtemp(prefix="chartgen-tests-", dir=OTHER))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(home))
        yield home
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def writers(state_home: Path) -> Iterator[Run]:
    """Runs tests/edits/writer.py."""
    assert state_home
    with forks("tests.edits.writer") as run:
        yield run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return _chart(tmp_path / "shop")


def _chart(root: Path) -> Path:
    for path, data in writer.BEFORE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def _files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _journals(root: Path) -> list[Path]:
    """What chartgen keeps about the chart in the state folder."""
    return [folder / state.key_of(root) for folder in state.folders() if (folder / state.key_of(root)).exists()]


def _rendered(root: Path) -> dict[str, str]:
    """The chart as real Helm loads and renders it from disk."""
    helm = pytest.importorskip("helm_python")
    with helm.Chart.load(root) as chart:
        assert not [name for name in map(str, chart.files) if "chartgen" in name], "seen by .Files"
        texts: dict[str, str] = chart.render()
    return {path: text for path, text in texts.items() if text.strip()}


def test_killed_anywhere_the_chart_is_as_it_was_or_as_it_should_be(tmp_path: Path, writers: Run) -> None:
    seen = set()
    for at in range(1, 200):
        root = _chart(tmp_path / str(at))
        code, _ = writers(str(root), "apply", "SIGKILL", str(at))
        assert set(_rendered(root)) & {"shop/templates/service.yaml", "shop/templates/canary/canary.yaml"}
        recover(root)
        files = _files(root)
        assert files in (writer.BEFORE, writer.AFTER), f"killed at call {at}"
        assert not _journals(root)
        assert not (root / "templates/canary").exists() or files == writer.AFTER
        seen.add("after" if files == writer.AFTER else "before")
        if code == 0:
            assert at > 20, "the hook counted next to nothing"
            break
        apply(writer.plan(root)) if files == writer.BEFORE else None
        assert _files(root) == writer.AFTER
    else:
        pytest.fail("the write never ended")
    assert seen == {"before", "after"}


def test_a_removal_killed_anywhere_is_undone_or_done(tmp_path: Path, writers: Run) -> None:
    seen = set()
    for at in range(1, 200):
        root = _chart(tmp_path / str(at))
        apply(writer.plan(root))
        code, _ = writers(str(root), "remove", "SIGKILL", str(at))
        recover(root)
        files = _files(root)
        assert files in (writer.BEFORE, writer.AFTER), f"killed at call {at}"
        assert not _journals(root)
        seen.add("removed" if files == writer.BEFORE else "kept")
        if code == 0:
            break
    else:
        pytest.fail("the write never ended")
    assert seen == {"removed", "kept"}


def test_killed_while_recovering_the_next_run_recovers(tmp_path: Path, last_undone: int, writers: Run) -> None:
    for at in range(1, 200):
        root = _chart(tmp_path / f"recover-{at}")
        assert writers(str(root), "apply", "SIGKILL", str(last_undone))[0] == -9
        code, _ = writers(str(root), "recover", "SIGKILL", str(at))
        recover(root)
        assert _files(root) == writer.BEFORE, f"killed at call {at} of recovering"
        assert not _journals(root)
        if code == 0:
            break
    else:
        pytest.fail("recovering never ended")


@pytest.fixture(scope="module")
def last_undone(tmp_path_factory: pytest.TempPathFactory, writers: Run) -> int:
    """The last call at which a killed write is undone: everything is replaced, the journal still exists."""
    undone = 0
    for at in range(1, 200):
        root = _chart(tmp_path_factory.mktemp("probe") / "shop")
        code, _ = writers(str(root), "apply", "SIGKILL", str(at))
        recover(root)
        undone = at if _files(root) == writer.BEFORE else undone
        if code == 0:
            break
    return undone


@pytest.mark.parametrize(("error", "message"), [("ENOSPC", "No space left on device"), ("EIO", "Input/output error")])
def test_a_failure_at_any_call_restores_all(tmp_path: Path, writers: Run, error: str, message: str) -> None:
    for at in range(1, 200):
        root = _chart(tmp_path / str(at))
        _, printed = writers(str(root), "apply", error, str(at))
        if printed == "done\n":
            assert _files(root) == writer.AFTER
            if not _journals(root):
                break
        else:
            assert f"{message}; nothing was changed" in printed
            assert _files(root) == writer.BEFORE, f"failed at call {at}"
            assert not (root / "templates/canary").exists()
    else:
        pytest.fail("the write never ended")


def test_work_done_after_a_crash_is_not_lost(root: Path, last_undone: int, writers: Run) -> None:
    writers(str(root), "apply", "SIGKILL", str(last_undone))
    (root / "values.yaml").write_bytes(b"mine: true\n")
    with pytest.raises(ConflictError, match=r"values\.yaml: was changed after a run that was interrupted"):
        recover(root)
    assert (root / "values.yaml").read_bytes() == b"mine: true\n"
