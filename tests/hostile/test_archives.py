"""Archives of strangers: nothing is written out of them, nothing of them is kept without being counted."""

from __future__ import annotations

import tarfile
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from chartgen.charts.load import load_chart
from chartgen.charts.vendored import with_subcharts_opened
from chartgen.errors import ChartError
from chartgen.helm.request import RenderRequest
from tests.hostile.charts import CANARY, META, chart, packed, tgz, zeros
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.helm.engine import Engine


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def header_bomb(kind: bytes) -> bytes:
    entry = tarfile.TarInfo("app/x")
    entry.type, entry.size = kind, 2 << 30
    return zeros(entry.tobuf(), 2)


def pax_chain(length: int) -> bytes:
    """Extended headers that are each followed by another one."""
    blocks = []
    for _ in range(length):
        entry = tarfile.TarInfo("x")
        entry.type, entry.size = tarfile.XHDTYPE, 512
        blocks.append(entry.tobuf() + b"11 a=abcd\n\n".ljust(512, b"\0"))
    return zeros(b"".join(blocks), 0)


REFUSED = {
    "absolute": (packed(("/tmp/escaped", b"x")), "absolute path"),
    "absolute-below": (packed(("app//tmp/escaped", b"x")), "absolute path"),
    "drive": (packed(("app/C:/escaped", b"x")), "absolute path"),
    "upward": (packed(("app/../../escaped", b"x")), r"with \.\."),
    "upward-windows": (packed(("app\\..\\..\\escaped", b"x")), r"with \.\."),
    "upward-first": (packed(("../escaped/x", b"x")), r"with \.\."),
    "beside": (packed(("escaped", b"x")), "outside the chart's folder"),
    "twice": (packed(("app/values.yaml", b"a: 1"), ("app/values.yaml", b"a: 2")), "twice"),
    "twice-by-dots": (packed(("app/values.yaml", b"a: 1"), ("app/./values.yaml", b"a: 2")), "twice"),
    "file-and-folder": (packed(("app/a", b""), ("app/a/b", b"")), "a file and a folder"),
    "symbolic-link": (packed((special("app/e", tarfile.SYMTYPE, "/proc/self/environ"), b"")), "a symbolic link"),
    "hard-link": (packed((special("app/e", tarfile.LNKTYPE, "app/Chart.yaml"), b"")), "a hard link"),
    "device": (packed((special("app/e", tarfile.CHRTYPE), b"")), "a device"),
    "pipe": (packed((special("app/e", tarfile.FIFOTYPE), b"")), "a pipe"),
    "name-no-utf8": (packed(("app/\udcff.yaml", b"x")), "not UTF-8"),
    "name-too-long": (packed((f"app/{'a' * 300}", b"x")), "longer than"),
    "too-deep": (packed((f"app/{'a/' * 60}b", b"x")), "folders deep"),
    "many-entries": (packed(*((f"app/files/{number}", b"") for number in range(20_001))), "more than 20,000 files"),
    "large-file": (packed(("app/big", bytes(6 << 20))), "larger than 5 MiB"),
    "gzip-bomb": (zeros(tarfile.TarInfo("app/x").tobuf(), 2), "more than 100 MiB"),
    "pax-bomb": (header_bomb(tarfile.XHDTYPE), "more than 100 MiB"),
    "global-pax-bomb": (header_bomb(tarfile.XGLTYPE), "more than 100 MiB"),
    "long-name-bomb": (header_bomb(tarfile.GNUTYPE_LONGNAME), "more than 100 MiB"),
    "pax-chain": (pax_chain(5_000), "not a readable"),
}


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED)
def test_an_archive_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "app.tgz").write_bytes(data)
    with pytest.raises(ChartError, match=words):
        load_chart(tmp_path / "app.tgz")


@pytest.mark.parametrize("kind", ["absolute", "upward", "twice", "symbolic-link", "device", "gzip-bomb"])
def test_a_vendored_archive_is_refused_likewise(kind: str, tmp_path: Path) -> None:
    data, words = REFUSED[kind]
    folder = chart(tmp_path / "app")
    (folder / "charts").mkdir()
    (folder / "charts/evil-1.0.0.tgz").write_bytes(data)
    with pytest.raises(ChartError, match=words):
        load_chart(folder)


def test_a_large_pax_header_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    member = tarfile.TarInfo("app/x")
    member.pax_headers = {"comment": "a" * (2 << 20)}
    (tmp_path / "app.tgz").write_bytes(packed((member, b"")))
    with pytest.raises(ChartError, match="headers of more than 1 MiB"):
        load_chart(tmp_path / "app.tgz")


def test_a_bomb_costs_no_more_memory_than_its_limit(tmp_path: Path) -> None:
    (tmp_path / "app.tgz").write_bytes(header_bomb(tarfile.XHDTYPE))
    tracemalloc.start()
    with pytest.raises(ChartError):
        load_chart(tmp_path / "app.tgz")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 400 << 20


def nested(depth: int) -> bytes:
    """An archive in an archive, so many times."""
    data = packed(name="inner")
    for level in range(depth):
        data = packed((f"n{level}/charts/inner-1.0.0.tgz", data), name=f"n{level}")
    return data


def test_archives_in_archives_are_checked_and_end(tmp_path: Path) -> None:
    (tmp_path / "app.tgz").write_bytes(nested(9))
    with pytest.raises(ChartError, match="more than 8 archives deep"):
        load_chart(tmp_path / "app.tgz")
    evil = packed(("deep/charts/evil-1.0.0.tgz", packed(("../../x", b""), name="evil")), name="deep")
    folder = chart(tmp_path / "folder")
    (folder / "charts").mkdir()
    (folder / "charts/deep-1.0.0.tgz").write_bytes(evil)
    with pytest.raises(ChartError, match=r"deep-1\.0\.0\.tgz/charts/evil-1\.0\.0\.tgz: \.\./\.\./x"):
        load_chart(folder)


def test_both_engines_render_what_was_let_in(any_engine: Engine, tmp_path: Path) -> None:
    folder = chart(tmp_path / "app", **{"Chart.yaml": META + "dependencies: [{name: sub, version: 1.0.0}]\n"})
    (folder / "charts").mkdir()
    sub = b"apiVersion: v2\nname: sub\nversion: 1.0.0\n"
    (folder / "charts/sub-1.0.0.tgz").write_bytes(
        tgz([("sub/Chart.yaml", sub), ("sub/templates/x.yaml", b"kind: X\nname: {{ .Chart.Name }}\n")])
    )
    loaded = load_chart(folder)
    for one in (loaded, with_subcharts_opened(loaded)):
        rendered = any_engine.render(one, RenderRequest())
        assert rendered["app/charts/sub/templates/x.yaml"].strip() == "kind: X\nname: sub"


def test_two_versions_of_a_subchart_are_both_opened(tmp_path: Path) -> None:
    folder = chart(tmp_path / "app")
    (folder / "charts").mkdir()
    for version in ("1.0.0", "2.0.0"):
        meta = f"apiVersion: v2\nname: sub\nversion: {version}\n".encode()
        (folder / f"charts/sub-{version}.tgz").write_bytes(tgz([("sub/Chart.yaml", meta)]))
    files = with_subcharts_opened(load_chart(folder)).files
    assert b"1.0.0" in files["charts/sub/Chart.yaml"]
    assert b"2.0.0" in files["charts/sub-2.0.0/Chart.yaml"]


def test_nothing_is_written_beside_the_copy(helm_binary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    members = [(f"{'../' * depth}escaped-{depth}", b"x") for depth in range(1, 5)]
    (tmp_path / "app.tgz").write_bytes(packed(*members))
    before = sorted(tmp_path.rglob("*"))
    assert chartgen("lint", str(tmp_path / "app.tgz"), "--helm", str(helm_binary)).returncode == 1
    assert chartgen("emit", str(tmp_path / "app.tgz"), "--helm", str(helm_binary)).returncode == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_a_good_archive_beside_a_bad_one_is_checked(tmp_path: Path) -> None:
    (tmp_path / "bad.tgz").write_bytes(packed(("/x", b"")))
    (tmp_path / "good.tgz").write_bytes(packed())
    done = chartgen("lint", str(tmp_path / "bad.tgz"), str(tmp_path / "good.tgz"))
    assert "absolute path" in done.stdout
    assert "step-weight-above-max" in done.stdout


def test_windows_paths_are_read_as_helm_reads_them(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "app.tgz").write_bytes(
        tgz([("app\\Chart.yaml", META.encode()), ("app\\templates\\c.yaml", CANARY.encode())])
    )
    loaded = load_chart(tmp_path / "app.tgz")
    assert set(loaded.files) == {"Chart.yaml", "templates/c.yaml"}
    assert "app/templates/c.yaml" in engine.render(loaded, RenderRequest())
