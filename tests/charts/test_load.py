"""Charts from disk: what Helm itself would load, and what is said where there is none."""

from __future__ import annotations

import io
import os
import re
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chartgen.charts.load import load_chart, missing_dependencies
from chartgen.errors import ChartError
from tests.conftest import CHARTS, helm_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

META = "apiVersion: v2\nname: tried\nversion: 0.1.0\n"


def written(folder: Path, **files: str | bytes) -> Path:
    for path, text in {"Chart.yaml": META, **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def test_the_name_is_that_of_chart_yaml_not_of_the_folder(tmp_path: Path) -> None:
    assert load_chart(written(tmp_path / "folder")).name == "tried"


def test_bytes_are_unchanged(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfa: 1\r\n# \xff\r\n"
    chart = load_chart(written(tmp_path, **{"values.yaml": data}))
    assert chart.files["values.yaml"] == data
    assert chart.text("values.yaml").encode("utf-8", "surrogateescape") == data


@pytest.mark.slow
def test_a_packaged_chart_equals_its_folder(tmp_path: Path) -> None:
    helm = helm_program("3.17")
    subprocess.run(
        [str(helm), "package", str(CHARTS / "umbrella"), "-d", str(tmp_path)], check=True, capture_output=True
    )
    (archive,) = tmp_path.glob("*.tgz")
    packaged, unpacked = load_chart(archive), load_chart(CHARTS / "umbrella")
    assert packaged.packaged
    assert not unpacked.packaged
    assert set(packaged.files) == set(unpacked.files)
    assert {path: data for path, data in packaged.files.items() if "Chart.yaml" not in path} == {
        path: data for path, data in unpacked.files.items() if "Chart.yaml" not in path
    }


BROKEN: list[tuple[str, Callable[[Path], Path], str]] = [
    ("absent", lambda folder: folder / "absent", "folder or archive not found"),
    ("a-file", lambda folder: written(folder) / "Chart.yaml", "is neither a chart folder nor a .tgz"),
    ("no-chart", lambda folder: folder, "no Chart.yaml"),
    ("no-name", lambda folder: written(folder, **{"Chart.yaml": "version: 1\n"}), "has no name"),
    ("empty", lambda folder: written(folder, **{"Chart.yaml": ""}), "not a map"),
    ("list", lambda folder: written(folder, **{"Chart.yaml": "- a\n"}), "not a map"),
    (
        "yaml",
        lambda folder: written(folder, **{"Chart.yaml": "a: [1\n"}),
        "Chart.yaml:1:1: not valid YAML: expected ',' or ']'",
    ),
    ("bytes", lambda folder: written(folder, **{"Chart.yaml": b"name: \xff\xfe\n"}), "Chart.yaml: is not UTF-8"),
    ("not-gzip", lambda folder: written(folder, **{"x.tgz": "no archive"}) / "x.tgz", "not a readable .tgz"),
    ("empty-tgz", lambda folder: packed(folder / "x.tgz", {}), "no Chart.yaml"),
    ("cut-tgz", lambda folder: cut(packed(folder / "x.tgz", {"a/Chart.yaml": META.encode() * 99})), "not a readable"),
]


def cut(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[:-20])
    return path


@pytest.mark.parametrize(("make", "message"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_an_invalid_chart_is_reported(make: Callable[[Path], Path], message: str, tmp_path: Path) -> None:
    path = make(tmp_path)
    with pytest.raises(ChartError, match=message) as caught:
        load_chart(path)
    assert str(path) in caught.value.message


def test_links_are_followed_and_rings_end(tmp_path: Path) -> None:
    chart = written(tmp_path / "chart", **{"templates/a.yaml": "a: 1"})
    written(tmp_path / "other", **{"files/b.txt": "b"})
    (chart / "linked").symlink_to(tmp_path / "other" / "files")
    (chart / "ring").symlink_to(chart)
    files = load_chart(chart, tmp_path).files
    assert files["linked/b.txt"] == b"b"
    assert not any(path.startswith("ring/ring") for path in files)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    chart = written(tmp_path, **{"values.yaml": "a: 1"})
    (chart / "values.yaml").chmod(0)
    with pytest.raises(ChartError, match=r"values\.yaml: can.t be read"):
        load_chart(chart)


DEPENDS = META + "dependencies:\n  - {name: one, version: 1.x.x, repository: ''}\n  - {name: two-a, version: '*'}\n"


def test_dependencies_that_are_not_vendored(tmp_path: Path) -> None:
    chart = written(tmp_path, **{"Chart.yaml": DEPENDS, "requirements.yaml": "dependencies: [{name: old}]\n"})
    assert missing_dependencies(load_chart(chart)) == ["old", "one", "two-a"]


def test_vendored_dependencies_count_as_folder_and_as_archive(tmp_path: Path) -> None:
    files = {"charts/renamed/Chart.yaml": "name: one\n"}
    chart = written(tmp_path, **{"Chart.yaml": DEPENDS, **files})
    packed(chart / "charts/two-a-1.2.3-rc.1.tgz", {"two-a/Chart.yaml": b"name: two-a\n"})
    assert missing_dependencies(load_chart(chart)) == []


TREE = (
    "a.txt", "b.md", "sub/a.txt", "sub/c.tmp", "sub/deep/a.txt", ".hidden", "sub/.hidden", "x[1].txt", "é.txt",
    "templates/.swp", "templates/part.txt", "crds/x.txt",
)  # fmt: skip
LISTING = '{{ range $path, $_ := .Files.Glob "**" }}\n# file {{ $path }}{{ end }}\nkind: Listing\n'
RULES = st.sampled_from((
    "*.txt", "a.txt", "/a.txt", "sub", "sub/", "/sub/", "sub/*", "sub/*.txt", "*/a.txt", "sub/deep", "?.md", "[ab].*",
    "[^a].txt", "!*.txt", "!a.txt", "!/sub/", "!sub", "# a.txt", "", "  b.md  ", ".*", "*", "a.txt/", "./a.txt",
    r"x\[1\].txt", "x[1].txt", "é.txt", "[!a].txt", "deep/", "**", "sub/**", "[", "\ufeff*.md", "crds", "templates",
))  # fmt: skip


@pytest.mark.slow
@given(rules=st.lists(RULES, max_size=4))
@example(rules=["[^a].txt"])
@example(rules=["[!a].txt"])
@example(rules=[r"x\[1\].txt"])
@example(rules=["[a-"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_helmignore_is_read_as_helm_reads_it(rules: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    helm = helm_program("3.17")
    folder = tmp_path_factory.mktemp("ignored")
    written(folder, **dict.fromkeys(TREE, "# x"), **{"templates/list.yaml": LISTING, ".helmignore": "\n".join(rules)})
    done = subprocess.run([str(helm), "template", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        # A rule that Helm cannot read, or one that leaves out everything.
        assert re.search("syntax|Chart.yaml file is missing", done.stderr), done.stderr
        return
    seen = {match[1] for match in re.finditer(r"^# file (.+)$", done.stdout, re.MULTILINE)}
    loaded = {path for path in load_chart(folder).files if not path.startswith("templates/") and path != "Chart.yaml"}
    if "kind: Listing" in done.stdout:
        assert loaded == seen
