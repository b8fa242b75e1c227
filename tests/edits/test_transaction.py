from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chartgen.edits import journal, state
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


def test_all_files_are_written(root: Path) -> None:
    apply(writer.plan(root))
    assert _files(root) == writer.AFTER


def test_files_are_deleted_and_their_folder_stays(root: Path) -> None:
    apply(writer.plan(root))
    apply(writer.removal(root))
    assert _files(root) == writer.BEFORE
    assert (root / "templates/canary").is_dir()


def test_a_file_to_delete_that_was_changed_meanwhile_is_refused(root: Path) -> None:
    apply(writer.plan(root))
    (root / "templates/_canary.tpl").write_bytes(b"mine")
    with pytest.raises(ConflictError, match=r"_canary\.tpl: was changed meanwhile"):
        apply(writer.removal(root))
    assert _files(root) == {**writer.AFTER, "templates/_canary.tpl": b"mine"}


def test_a_link_is_not_deleted(root: Path) -> None:
    apply(writer.plan(root))
    (root / "templates/_canary.tpl").rename(root / "elsewhere.tpl")
    (root / "templates/_canary.tpl").symlink_to("../elsewhere.tpl")
    with pytest.raises(ConflictError, match=r"_canary\.tpl: is a link"):
        apply(writer.removal(root))
    assert (root / "elsewhere.tpl").read_bytes() == writer.AFTER["templates/_canary.tpl"]


def test_a_failed_deletion_restores_all(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apply(writer.plan(root))
    unlink = os.unlink

    def refuse(path: str, *, dir_fd: int | None = None) -> None:
        if path == "_canary.tpl":
            raise PermissionError(13, "Permission denied", path)
        unlink(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(WriteError, match="nothing was changed"):
        apply(writer.removal(root))
    assert _files(root) == writer.AFTER


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


def test_files_changed_meanwhile_are_conflicts_and_all_are_reported(root: Path) -> None:
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


def test_a_read_only_folder_is_reported_with_a_hint(tmp_path: Path) -> None:
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


def test_recovering_an_intact_chart_does_nothing(root: Path, tmp_path: Path) -> None:
    assert recover(root) == ()
    assert recover(tmp_path / "nowhere") == ()


def test_a_chart_without_templates_is_written_too(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_bytes(b"name: bare\n")
    apply(Plan.of(tmp_path, {}, {"templates/canary.yaml": b"x: 1\n"}))
    assert _files(tmp_path) == {"Chart.yaml": b"name: bare\n", "templates/canary.yaml": b"x: 1\n"}


def test_the_journal_is_locked_too(root: Path) -> None:
    """Some file systems lock no folders of charts, so a run that still writes is known by its journal."""
    folder = state.made(root) / state.key_of(root)
    folder.mkdir(mode=0o700)
    with journal.locked(folder) as is_mine:
        assert is_mine
        with pytest.raises(WriteError, match="another run of chartgen is writing here"):
            apply(writer.plan(root))
    apply(writer.plan(root))
    assert _files(root) == writer.AFTER


def test_a_folder_replaced_by_a_link_at_the_last_moment_leads_nowhere(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "service.yaml").write_bytes(writer.BEFORE["templates/service.yaml"])
    replace_all = journal.Journal.replace_all

    def swapped(opened: journal.Journal, chart: int) -> None:
        (root / "templates").rename(root / "moved")
        (root / "templates").symlink_to(outside)
        replace_all(opened, chart)

    monkeypatch.setattr(journal.Journal, "replace_all", swapped)
    with pytest.raises(WriteError, match="nothing was changed") as caught:
        apply(writer.plan(root))
    assert "was replaced by" in (caught.value.hint or "")
    assert _files(outside) == {"service.yaml": writer.BEFORE["templates/service.yaml"]}
    assert (root / "values.yaml").read_bytes() == writer.BEFORE["values.yaml"]
    assert (root / "moved/service.yaml").read_bytes() == writer.BEFORE["templates/service.yaml"]


def test_new_files_belong_to_the_group_of_a_folder_that_passes_it_on(root: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(root / "templates", -1, 23456)
    (root / "templates").chmod(0o2755)
    apply(writer.plan(root))
    assert (root / "templates/_canary.tpl").stat().st_gid == 23456
