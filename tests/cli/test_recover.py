"""`chartgen recover`, and what the other commands say about a chart that a killed run left half written."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from chartgen.edits import state
from tests.edits import writer
from tests.forks import forks
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Break = Callable[[Path], Path]
    Run = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "chartgen"


@pytest.fixture(scope="module")
def writers() -> Iterator[Run]:
    with forks("tests.edits.writer") as run:
        yield run


@pytest.fixture
def half_written(state_folder: Path, writers: Run) -> Break:
    """Makes a chart whose write was killed: the journal is there, and the first file is the new one."""

    def broken(root: Path) -> Path:
        write_chart(root)
        # Before it there are two test renames, one of the index, and one of values.yaml.
        code, _ = writers(str(root), "apply", "SIGKILL", "5", "rename", XDG_STATE_HOME=str(state_folder.parent))
        assert code == -9
        assert contents(root) == {**writer.BEFORE, "values.yaml": writer.AFTER["values.yaml"]}
        return root

    return broken


def write_chart(root: Path) -> Path:
    for path, data in writer.BEFORE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_chart_is_put_back(half_written: Break, tmp_path: Path) -> None:
    root = half_written(tmp_path / "shop")
    done = chartgen("recover", str(root))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"restored {root}/values.yaml\n" in done.stdout
    assert contents(root) == writer.BEFORE
    done = chartgen("recover", str(root))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "nothing to recover\n")


def test_without_a_chart_all_are_put_back(half_written: Break, tmp_path: Path) -> None:
    roots = [half_written(tmp_path / name / "shop") for name in ("a", "b")]
    assert chartgen("recover").returncode == 0
    assert [contents(root) for root in roots] == [writer.BEFORE, writer.BEFORE]


def test_one_of_two_charts_of_the_same_name(half_written: Break, tmp_path: Path) -> None:
    first, second = (half_written(tmp_path / name / "shop") for name in ("a", "b"))
    half = contents(second)
    assert chartgen("recover", str(first)).returncode == 0
    assert contents(first) == writer.BEFORE
    assert contents(second) == half


def test_a_chart_through_a_link_is_the_same_chart(half_written: Break, tmp_path: Path) -> None:
    root = half_written(tmp_path / "shop")
    (tmp_path / "link").symlink_to("shop")
    assert chartgen("recover", str(tmp_path / "link")).returncode == 0
    assert contents(root) == writer.BEFORE


def test_check_lists_and_writes_nothing(half_written: Break, tmp_path: Path) -> None:
    root = half_written(tmp_path / "shop")
    everything = contents(tmp_path)
    done = chartgen("recover", "--check")
    assert done.returncode == 1
    assert done.stdout == f"{root}: a run of chartgen was interrupted and left this chart half written: values.yaml\n"
    assert contents(tmp_path) == everything
    assert chartgen("recover").returncode == 0
    assert chartgen("recover", "--check").returncode == 0


@pytest.mark.parametrize(
    "command",
    [["lint"], ["emit"], ["plan"], ["lint", "--diff"], ["add-canary", "--check"], ["add-canary", "--diff"]],
    ids=" ".join,
)
def test_commands_that_only_read_warn_and_change_nothing(
    half_written: Break, tmp_path: Path, command: list[str]
) -> None:
    root = half_written(tmp_path / "shop")
    everything = contents(tmp_path)
    done = chartgen(*command, str(root))
    assert f"{root}: a run of chartgen was interrupted and left this chart half written: values.yaml\n" in done.stderr
    assert f"help: to restore it, run chartgen recover {root}\n" in done.stderr
    assert contents(tmp_path) == everything
    if command[1:]:
        assert done.returncode == 2


def test_charts_below_and_around_the_path_count(half_written: Break, tmp_path: Path) -> None:
    root = half_written(tmp_path / "charts/shop")
    assert "half written" in chartgen("lint", str(tmp_path)).stderr
    assert "half written" in chartgen("lint", str(root / "templates/service.yaml")).stderr
    other = write_chart(tmp_path / "other")
    assert "half written" not in chartgen("lint", str(other)).stderr


@pytest.mark.parametrize("command", [["lint", "--fix"], ["add-canary"]], ids=" ".join)
def test_commands_that_write_restore_the_chart_first(half_written: Break, tmp_path: Path, command: list[str]) -> None:
    root = half_written(tmp_path / "shop")
    done = chartgen(*command, str(root))
    assert "restored values.yaml, which an interrupted run had changed\n" in done.stderr
    assert contents(root) == writer.BEFORE


def test_a_missing_chart_is_reported_and_the_others_continue(
    half_written: Break, tmp_path: Path, state_folder: Path
) -> None:
    gone, other = half_written(tmp_path / "gone"), half_written(tmp_path / "shop")
    shutil.rmtree(gone)
    done = chartgen("recover")
    assert done.returncode == 2
    assert contents(other) == writer.BEFORE
    journal = state_folder / state.key_of(gone)
    assert f"error: {gone}: the folder no longer exists" in done.stderr
    assert f"rm -r {journal}" in done.stderr
    shutil.rmtree(journal)
    assert chartgen("recover").returncode == 0


def test_work_done_since_is_kept(half_written: Break, tmp_path: Path) -> None:
    root = half_written(tmp_path / "shop")
    (root / "templates/service.yaml").write_bytes(b"mine: true\n")
    done = chartgen("recover", str(root))
    assert done.returncode == 2
    assert "templates/service.yaml: was changed after a run that was interrupted" in done.stderr
    assert (root / "templates/service.yaml").read_bytes() == b"mine: true\n"


def test_no_such_chart() -> None:
    done = chartgen("recover", "absent")
    assert done.returncode == 2
    assert "absent: no such folder" in done.stderr


def _other_user(index: Path) -> None:
    os.chown(index.parent, 12345, 12345)


def _others_write(index: Path) -> None:
    index.parent.chmod(0o777)


def _others_write_the_index(index: Path) -> None:
    index.chmod(0o666)


def _linked(index: Path) -> None:
    moved = index.parent.with_name("moved")
    index.parent.rename(moved)
    index.parent.symlink_to(moved)


def _linked_index(index: Path) -> None:
    index.rename(index.with_name("elsewhere"))
    index.symlink_to("elsewhere")


def _climbing(index: Path) -> None:
    entry = json.loads(index.read_bytes())
    entry["files"][0]["target"] = "../victim"
    index.write_text(json.dumps(entry))


def _climbing_folder(index: Path) -> None:
    entry = json.loads(index.read_bytes())
    index.write_text(json.dumps({**entry, "folders": [".."]}))


def _hidden_elsewhere(index: Path) -> None:
    entry = json.loads(index.read_bytes())
    index.write_text(json.dumps({**entry, "hidden": "templates"}))


def _other_chart(index: Path) -> None:
    entry = json.loads(index.read_bytes())
    index.write_text(json.dumps({**entry, "chart": "/etc"}))


def _broken(index: Path) -> None:
    index.write_text("{")


@pytest.mark.parametrize(
    "spoil",
    [
        _other_user, _others_write, _others_write_the_index, _linked, _linked_index, _climbing, _climbing_folder,
        _hidden_elsewhere, _other_chart, _broken,
    ],
)  # fmt: skip
def test_a_journal_that_cannot_be_believed_is_not_obeyed(
    half_written: Break, tmp_path: Path, state_folder: Path, spoil: Callable[[Path], None]
) -> None:
    root = half_written(tmp_path / "shop")
    (tmp_path / "victim").write_text("mine")
    if spoil is _other_user and os.getuid() != 0:
        pytest.skip("only root gives files away")
    spoil(state_folder / state.key_of(root) / "replacing.json")
    before = contents(root)
    done = chartgen("recover", str(root))
    assert done.returncode == 2
    assert "left by an interrupted run, and it" in done.stderr
    assert "help: put the chart back with git, then rm -r " in done.stderr
    assert contents(root) == before
    assert (tmp_path / "victim").read_text() == "mine"
