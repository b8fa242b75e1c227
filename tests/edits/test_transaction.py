from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chartgen.edits.plan import FileChange, Plan
from chartgen.edits.transaction import apply, conflicts, recover
from chartgen.errors import ConflictError, WriteError
from tests.edits import writer

if TYPE_CHECKING:
    from pathlib import Path


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


def _run(root: Path, verb: str, how: str, at: int) -> subprocess.CompletedProcess[str]:
    """One writing process, interrupted at its `at`-th call."""
    command = [sys.executable, "-m", "tests.edits.writer", str(root), verb, how, str(at)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def _rendered(root: Path) -> dict[str, str]:
    """The chart as real Helm loads and renders it from disk."""
    helm = pytest.importorskip("helm_python")
    with helm.Chart.load(root) as chart:
        assert not [name for name in map(str, chart.files) if "chartgen" in name], "seen by .Files"
        texts: dict[str, str] = chart.render()
    return {path: text for path, text in texts.items() if text.strip()}


def test_all_files_are_written(root: Path) -> None:
    apply(writer.plan(root))
    assert _files(root) == writer.AFTER


def test_killed_anywhere_the_chart_is_as_it_was_or_as_it_should_be(tmp_path: Path) -> None:
    seen = set()
    for at in range(1, 200):
        root = _chart(tmp_path / str(at))
        ended = _run(root, "apply", "kill", at)
        assert set(_rendered(root)) & {"shop/templates/service.yaml", "shop/templates/canary/canary.yaml"}
        recover(root)
        files = _files(root)
        assert files in (writer.BEFORE, writer.AFTER), f"killed at call {at}"
        assert not (root / "templates/canary").exists() or files == writer.AFTER
        seen.add("after" if files == writer.AFTER else "before")
        if ended.returncode == 0:
            assert at > 20, "the hook counted next to nothing"
            break
        apply(writer.plan(root)) if files == writer.BEFORE else None
        assert _files(root) == writer.AFTER
    else:
        pytest.fail("the write never ended")
    assert seen == {"before", "after"}


def test_killed_while_recovering_the_next_run_recovers(tmp_path: Path, last_undone: int) -> None:
    for at in range(1, 200):
        root = _chart(tmp_path / f"recover-{at}")
        assert _run(root, "apply", "kill", last_undone).returncode == -9
        ended = _run(root, "recover", "kill", at)
        recover(root)
        assert _files(root) == writer.BEFORE, f"killed at call {at} of recovering"
        if ended.returncode == 0:
            break
    else:
        pytest.fail("recovering never ended")


@pytest.fixture(scope="module")
def last_undone(tmp_path_factory: pytest.TempPathFactory) -> int:
    """The last call at which a killed write is undone: everything is replaced, the journal still stands."""
    undone = 0
    for at in range(1, 200):
        root = _chart(tmp_path_factory.mktemp("probe") / "shop")
        ended = _run(root, "apply", "kill", at)
        recover(root)
        undone = at if _files(root) == writer.BEFORE else undone
        if ended.returncode == 0:
            break
    return undone


def test_a_full_disk_at_any_call_restores_all(tmp_path: Path) -> None:
    for at in range(1, 200):
        root = _chart(tmp_path / str(at))
        ended = _run(root, "apply", "fail", at)
        files = {path: data for path, data in _files(root).items() if ".chartgen-journal/" not in path}
        if ended.stdout == "done\n":
            assert files == writer.AFTER
            if not (root / "templates/.chartgen-journal").exists():
                break
        else:
            assert "No space left on device; nothing was changed" in ended.stdout, ended
            assert _files(root) == writer.BEFORE, f"failed at call {at}"
    else:
        pytest.fail("the write never ended")


def test_what_a_crash_leaves_is_hidden_from_helm(root: Path) -> None:
    folder = root / "templates/.chartgen-journal"
    folder.mkdir()
    (folder / "new-0").write_bytes(b"kind: Intruder\n")
    (folder / "new-1.yaml").write_bytes(b"{{ fail `loaded` }}")
    assert set(_rendered(root)) == {"shop/templates/service.yaml"}
    assert recover(root) == ()
    assert _files(root) == writer.BEFORE


def test_modes_stay_and_new_files_follow_the_umask(root: Path) -> None:
    (root / "values.yaml").chmod(0o640)
    (root / "templates/service.yaml").chmod(0o755)
    previous = os.umask(0o027)
    try:
        apply(writer.plan(root))
    finally:
        os.umask(previous)
    modes = {path: (root / path).stat().st_mode & 0o777 for path in writer.AFTER}
    assert modes["values.yaml"] == 0o640
    assert modes["templates/service.yaml"] == 0o755
    assert modes["templates/_canary.tpl"] == 0o640


def test_the_owner_stays(root: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(root / "values.yaml", 12345, 23456)
    apply(writer.plan(root))
    status = (root / "values.yaml").stat()
    assert (status.st_uid, status.st_gid) == (12345, 23456)


def test_a_file_changed_meanwhile_is_a_conflict_and_all_are_told(root: Path) -> None:
    plan = writer.plan(root)
    (root / "values.yaml").write_bytes(b"other: 1\n")
    (root / "templates/service.yaml").unlink()
    (root / "templates/_canary.tpl").write_bytes(b"")
    before = _files(root)
    with pytest.raises(ConflictError) as caught:
        apply(plan)
    assert caught.value.conflicts == [
        "templates/_canary.tpl: exists already",
        "templates/service.yaml: was removed meanwhile",
        "values.yaml: was changed meanwhile",
    ]
    assert _files(root) == before


def test_links_inside_the_chart_are_written_through(root: Path) -> None:
    (root / "values.yaml").rename(root / "defaults.yaml")
    (root / "values.yaml").symlink_to("defaults.yaml")
    apply(writer.plan(root))
    assert (root / "values.yaml").is_symlink()
    assert (root / "defaults.yaml").read_bytes() == writer.AFTER["values.yaml"]


def test_links_out_of_the_chart_are_refused(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "shared-values.yaml"
    (root / "values.yaml").rename(outside)
    (root / "values.yaml").symlink_to(outside)
    with pytest.raises(ConflictError, match="leads to a place outside the chart"):
        apply(writer.plan(root))
    assert outside.read_bytes() == writer.BEFORE["values.yaml"]


@pytest.mark.parametrize("path", ["../escaped.yaml", "/tmp/escaped.yaml"])
def test_paths_out_of_the_chart_are_refused(root: Path, path: str) -> None:
    with pytest.raises(ConflictError, match="outside the chart"):
        apply(Plan(root, (FileChange(path, None, b""),)))


def test_one_file_under_two_names_is_refused(root: Path) -> None:
    (root / "templates/again.yaml").symlink_to("service.yaml")
    changes = tuple(
        FileChange(path, writer.BEFORE["templates/service.yaml"], data)
        for path, data in {"templates/again.yaml": b"one", "templates/service.yaml": b"two"}.items()
    )
    assert len(conflicts(Plan(root, changes))) == 2


def test_a_read_only_file_is_refused(root: Path) -> None:
    (root / "values.yaml").chmod(0o444)
    with pytest.raises(WriteError, match=r"values\.yaml: is read-only; nothing was written") as caught:
        apply(writer.plan(root))
    assert caught.value.hint == f"chmod u+w {root / 'values.yaml'}"
    assert _files(root) == writer.BEFORE


def test_a_read_only_folder_is_told_with_a_way_on(tmp_path: Path) -> None:
    root = _chart(tmp_path / "shop")
    (root / "templates").chmod(0o555)
    code = (
        "import os, sys; from pathlib import Path; from tests.edits import writer\n"
        "from chartgen.edits.transaction import apply; from chartgen.errors import WriteError\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "try: apply(writer.plan(Path(sys.argv[1])))\n"
        "except WriteError as error: print(error, error.hint)\n"
    )
    for folder in (*reversed(root.parents), root):
        if os.getuid() == 0 and folder.stat().st_uid == 0 and tmp_path in (folder, *folder.parents, *tmp_path.parents):
            folder.chmod(folder.stat().st_mode | 0o055)
    ended = subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=False)
    assert "nothing was" in ended.stdout, ended.stderr
    assert "writable" in ended.stdout or "chmod u+w" in ended.stdout
    (root / "templates").chmod(0o755)
    assert _files(root) == writer.BEFORE


def test_without_hard_links_files_are_kept_as_copies(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    apply(writer.plan(root))
    assert _files(root) == writer.AFTER


def test_a_second_writer_waits_its_turn(root: Path) -> None:
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(WriteError, match="another run of chartgen is writing here"):
            apply(writer.plan(root))
    finally:
        os.close(descriptor)
    assert _files(root) == writer.BEFORE


def test_work_done_after_a_crash_is_not_lost(root: Path, last_undone: int) -> None:
    _run(root, "apply", "kill", last_undone)
    (root / "values.yaml").write_bytes(b"mine: true\n")
    with pytest.raises(ConflictError, match=r"values\.yaml: was changed after a run that was interrupted"):
        recover(root)
    assert (root / "values.yaml").read_bytes() == b"mine: true\n"


@pytest.mark.parametrize(
    "index",
    [
        b"{",
        b"[]",
        b'{"files": [{"path": "../victim", "before": null, "after": "x"}], "folders": []}',
        b'{"files": [{"path": "values.yaml", "before": "00", "after": "11"}], "folders": ["/etc"]}',
    ],
)
def test_a_journal_that_came_with_the_chart_harms_nothing(root: Path, tmp_path: Path, index: bytes) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"safe")
    folder = root / "templates/.chartgen-journal"
    folder.mkdir()
    (folder / "journal.json").write_bytes(index)
    with pytest.raises(ConflictError) as caught:
        recover(root)
    assert caught.value.hint is not None
    assert victim.read_bytes() == b"safe"


def test_recovering_a_sound_chart_does_nothing(root: Path, tmp_path: Path) -> None:
    assert recover(root) == ()
    assert recover(tmp_path / "nowhere") == ()


def test_a_chart_without_templates_is_written_too(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_bytes(b"name: bare\n")
    apply(Plan.of(tmp_path, {}, {"templates/canary.yaml": b"x: 1\n"}))
    assert _files(tmp_path) == {"Chart.yaml": b"name: bare\n", "templates/canary.yaml": b"x: 1\n"}
