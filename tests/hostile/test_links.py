"""Links, pipes and devices in a chart: nothing outside the repository is read, nothing is waited for."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.charts.load import load_chart
from chartgen.errors import ChartError, InputError
from chartgen.inputs.boundary import Boundary, boundary_around
from chartgen.inputs.files import read_beside, read_confined, read_named
from tests.hostile.charts import CANARY, SECRET, chart
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable

LEAK = CANARY.replace("metadata:\n", 'metadata:\n  annotations: {x: {{ .Files.Get "e" | b64enc | quote }}}\n')


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that is nobody's business."""
    path = tmp_path / "outside"
    path.write_text(f"{SECRET}:x:0:0\n")
    return path


@pytest.mark.parametrize("target", ["/proc/self/environ", "/etc/passwd", "../outside", "../../../../../../etc/passwd"])
@pytest.mark.parametrize("command", ["lint", "emit", "plan"])
def test_a_link_out_of_the_chart_is_not_read(
    command: str, target: str, outside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outside.exists()
    monkeypatch.setenv("A_TOKEN", SECRET)
    folder = chart(tmp_path / "app", **{"templates/canary.yaml": LEAK})
    (folder / "e").symlink_to(target)
    done = chartgen(command, str(folder))
    assert done.returncode in (1, 2)
    assert "leads out of" in done.stdout + done.stderr
    for secret in (SECRET, "root:x"):
        assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize("path", ["templates/p.yaml", "values.yaml", "Chart.yaml", "values.schema.json", ".helmignore"])
def test_no_file_of_a_chart_may_lead_out(path: str, outside: Path, tmp_path: Path) -> None:
    folder = chart(tmp_path / "app")
    (folder / path).unlink(missing_ok=True)
    (folder / path).symlink_to(outside)
    done = chartgen("lint", str(folder))
    assert "leads out of" in done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_a_folder_that_is_a_link_may_not_lead_out(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x.txt").write_text(SECRET)
    folder = chart(tmp_path / "app")
    (folder / "files").symlink_to("../elsewhere")
    with pytest.raises(ChartError, match="leads out of"):
        load_chart(folder)


def test_links_lead_as_far_as_the_folder_with_git(tmp_path: Path) -> None:
    folder = chart(tmp_path / "repo/charts/app")
    (tmp_path / "repo/shared.yaml").write_text("a: 1\n")
    (folder / "files").mkdir()
    (folder / "files/x.yaml").symlink_to("../../../shared.yaml")
    with pytest.raises(ChartError, match="leads out of"):
        load_chart(folder)
    (tmp_path / "repo/.git").mkdir()
    assert load_chart(folder).files["files/x.yaml"] == b"a: 1\n"


def test_without_git_links_lead_as_far_as_the_argument(tmp_path: Path) -> None:
    folder = chart(tmp_path / "charts/app")
    (tmp_path / "charts/shared.yaml").write_text("a: 1\n")
    (folder / "x.yaml").symlink_to("../shared.yaml")
    assert chartgen("lint", str(tmp_path / "charts")).returncode == 1
    assert "leads out of" in chartgen("lint", str(folder)).stdout


@pytest.mark.parametrize("name", [".git", ".GIT"])
def test_git_holds_credentials_and_is_not_read(name: str, tmp_path: Path) -> None:
    folder = chart(tmp_path / "app")
    (tmp_path / ".git").mkdir()
    (tmp_path / name).mkdir(exist_ok=True)
    (tmp_path / name / "config").write_text(SECRET)
    (folder / "e").symlink_to(f"../{name}/config")
    with pytest.raises(ChartError, match=r"leads into \.git"):
        load_chart(folder)


def test_a_link_that_is_ignored_is_nobodys_matter(outside: Path, tmp_path: Path) -> None:
    folder = chart(tmp_path / "app", **{".helmignore": "e\n"})
    (folder / "e").symlink_to(outside)
    assert set(load_chart(folder).files) == {".helmignore", "Chart.yaml", "values.yaml", "templates/canary.yaml"}


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's path is short
        server.bind(path.name)
        os.chdir(here)


def _itself(path: Path) -> None:
    path.symlink_to(path.name)


def _ring(path: Path) -> None:
    path.symlink_to("ring-b")
    (path.parent / "ring-b").symlink_to(path.name)


def _zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize("path", ["x.txt", "templates/x.yaml", ".helmignore", "values.yaml", "Chart.yaml"])
@pytest.mark.parametrize("make", [_fifo, _socket, _itself, _ring, _zero, _nowhere])
def test_what_is_no_regular_file_is_refused_at_once(make: Callable[[Path], None], path: str, tmp_path: Path) -> None:
    folder = chart(tmp_path / "app")
    (folder / path).unlink(missing_ok=True)
    make(folder / path)
    good = chart(tmp_path / "good")
    done = chartgen("lint", str(folder), str(good))
    assert path in done.stdout or (make is _ring and "ring-b" in done.stdout)
    assert "step-weight-above-max" in done.stdout
    assert "bug" not in done.stderr


def test_an_exchange_between_look_and_open_does_not_help(outside: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/file").write_text("mine")
    boundary = Boundary(str(tmp_path / "in"))
    descriptor, real = boundary.open(boundary.root, "file")
    (tmp_path / "in/file").unlink()
    (tmp_path / "in/file").symlink_to(outside)
    assert os.read(descriptor, 99) == b"mine"
    os.close(descriptor)
    assert real == str(tmp_path / "in/file")
    with pytest.raises(InputError, match="leads out of"):
        boundary.open(boundary.root, "file")


@pytest.mark.parametrize("inside", ["../outside", "a/../../outside", "/etc/passwd", "a/up/up/outside"])
def test_a_path_is_held_to_the_boundary(inside: str, outside: Path, tmp_path: Path) -> None:
    assert outside.exists()
    (tmp_path / "in/a").mkdir(parents=True)
    (tmp_path / "in/a/up").symlink_to("..")
    (tmp_path / "in/up").symlink_to("..")
    with pytest.raises(InputError, match="leads out of"):
        Boundary(str(tmp_path / "in")).open(str(tmp_path / "in"), inside)


def test_links_inside_are_followed_in_every_spelling(tmp_path: Path) -> None:
    (tmp_path / "in/a").mkdir(parents=True)
    (tmp_path / "in/file").write_text("mine")
    (tmp_path / "in/a/relative").symlink_to("../a/./../file")
    (tmp_path / "in/a/absolute").symlink_to(tmp_path / "in/file")
    (tmp_path / "in/folder").symlink_to("a")
    boundary = Boundary(str(tmp_path / "in"))
    for name in ("a/relative", "a/absolute", "folder/relative", "folder/../file"):
        assert read_beside(tmp_path / "in", name, boundary=boundary) == b"mine"
    with pytest.raises(InputError, match="Not a directory"):
        read_beside(tmp_path / "in", "file/x", boundary=boundary)


def test_descriptors_are_closed(outside: Path, tmp_path: Path) -> None:
    folder = chart(tmp_path / "app")
    before = len(list(Path("/proc/self/fd").iterdir()))
    load_chart(folder)
    (folder / "e").symlink_to(outside)
    for _ in range(5):
        with pytest.raises(ChartError):
            load_chart(folder)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_user_may_name_a_file_anywhere(outside: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(outside)
    assert SECRET.encode() in read_named(tmp_path / "link")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is a pipe"):
        read_named(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(bytes(100))
    with pytest.raises(InputError, match="is larger than"):
        read_named(tmp_path / "large", 99)


def test_manifests_in_a_repository_do_not_lead_out(outside: Path, tmp_path: Path) -> None:
    outside.write_text(f"{CANARY}# {SECRET}\n")
    (tmp_path / "repo/.git").mkdir(parents=True)
    (tmp_path / "repo/canary.yaml").symlink_to(outside)
    assert boundary_around(tmp_path / "repo").root == str(tmp_path / "repo")
    with pytest.raises(InputError, match="leads out of"):
        read_confined(tmp_path / "repo/canary.yaml")
    done = chartgen("lint", str(tmp_path / "repo/canary.yaml"))
    assert SECRET not in done.stdout + done.stderr
    assert "step-weight" not in done.stdout


CONFIGURED = {
    "values": "releases: [{values: [NAME]}]\n",
    "block": "releases: [{values: ['NAME#canary']}]\n",
    "helmfile": "releases: [{helmfile: NAME}]\n",
    "schema": "policy: {schema: NAME}\n",
}


@pytest.mark.parametrize("name", ["../../outside", "/etc/passwd", "link", "folder/outside"])
@pytest.mark.parametrize("key", CONFIGURED)
def test_a_configuration_names_files_of_its_repository_only(key: str, name: str, outside: Path, tmp_path: Path) -> None:
    repository = tmp_path / "deep/repo"
    folder = chart(repository / "app")
    (repository / ".git").mkdir()
    (repository / "link").symlink_to(outside)
    (repository / "folder").symlink_to(outside.parent)
    (repository / "chartgen.yaml").write_text(CONFIGURED[key].replace("NAME", name))
    done = chartgen("lint", str(folder))
    assert done.returncode == 2
    assert "leads out of" in done.stderr
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["../../../**/*.yaml", "../../*.yaml", "**/x.yaml"])
def test_a_helmfile_lists_helmfiles_of_its_repository_only(name: str, tmp_path: Path) -> None:
    repository = tmp_path / "deep/repo"
    folder = chart(repository / "app")
    (repository / ".git").mkdir()
    (repository / "chartgen.yaml").write_text("releases: [{helmfile: helmfile.yaml}]\n")
    (repository / "helmfile.yaml").write_text(f"helmfiles: ['{name}']\nreleases: [{{name: app, chart: ./app}}]\n")
    done = chartgen("lint", str(folder))
    assert done.returncode == 2
    assert "aren't supported" in done.stderr


def test_a_configuration_that_leads_out_is_refused(outside: Path, tmp_path: Path) -> None:
    folder = chart(tmp_path / "repo/app")
    (tmp_path / "repo/.git").mkdir()
    (tmp_path / "repo/chartgen.yaml").symlink_to(outside)
    done = chartgen("lint", str(folder))
    assert done.returncode == 2
    assert "leads out of" in done.stderr
    assert SECRET not in done.stderr
    outside.write_text("ignore: [step-weight-above-max]\n")
    assert "step-weight" not in chartgen("lint", str(folder), "--config", str(outside)).stdout
