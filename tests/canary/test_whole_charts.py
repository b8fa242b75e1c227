"""add-canary on every fixture chart: what it writes, that it writes nothing else, and what real Helm renders."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING

import pytest

from chartgen import __version__
from chartgen.canary.guards import strip
from chartgen.canary.slots import FIRST
from chartgen.charts.load import load_chart
from tests.conftest import CHARTS, HELM_VERSIONS, LONG_RUN, OPTIONS
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_snapshot.plugin import Snapshot

pytestmark = pytest.mark.slow

NAMES = sorted(path.name for path in CHARTS.iterdir() if path.is_dir())
RELEASES = ["shop", "release-name"]
HOST = ("--host", "app.example.com")
# Each chart with one of the helm programs; with all of them in the long run.
WITH_HELM = [
    (name, version)
    for number, name in enumerate(NAMES)
    for turn, version in enumerate(HELM_VERSIONS)
    if LONG_RUN or number % len(HELM_VERSIONS) == turn
]


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def add(folder: Path, *options: str) -> None:
    done = chartgen("add-canary", str(folder), *OPTIONS.get(folder.name, []), *options)
    assert done.returncode == 0, done.stderr


@cache
def template(helm: Path, folder: Path, release: str, namespace: str, *options: str) -> str:
    command = [str(helm), "template", release, str(folder), "--namespace", namespace, *options]
    environment = {**os.environ, "KUBECONFIG": os.devnull}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


@pytest.fixture(scope="session")
def with_canary(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A fixture chart with a canary, made once with the same options: only for reading."""

    @cache
    def made(name: str, *options: str) -> Path:
        folder = tmp_path_factory.mktemp("with-canary") / name
        shutil.copytree(CHARTS / name, folder)
        for file in folder.rglob("*.yaml"):
            file.chmod(0o640)
        add(folder, *options)
        return folder

    return made


def without_version(text: str) -> str:
    """A release of chartgen must not change the snapshots: the header names it, and the checksum covers the header."""
    assert f"chartgen {__version__} (" in text
    return re.sub(r"chartgen [0-9.]+ (\(.*checksum) [0-9a-f]{16}", r"chartgen VERSION \1 CHECKSUM", text)


@pytest.mark.parametrize("name", NAMES)
def test_what_it_adds(name: str, with_canary: Callable[..., Path], snapshot: Snapshot) -> None:
    before, after = files_of(CHARTS / name), files_of(with_canary(name, *HOST))
    diff: list[str] = []
    for path in sorted(after):
        if before.get(path) != after[path]:
            was, now = lines_of(before.get(path, b"")), lines_of(after[path])
            diff += difflib.unified_diff(was, now, path if path in before else "nothing", path, n=1)
    snapshot.snapshot_dir = CHARTS.parent.parent / "tests" / "canary" / "snapshots"
    text = "".join(line if line.endswith("\n") else f"{line}\n" for line in diff)
    snapshot.assert_match(without_version(text), f"{name}.diff")
    assert before.keys() - after.keys() == set()


def lines_of(data: bytes) -> list[str]:
    """Without CR, which a snapshot cannot keep; line ends are compared byte by byte in the next test."""
    return data.decode().replace("\r\n", "\n").splitlines(keepends=True)


@pytest.mark.parametrize("name", NAMES)
def test_every_other_byte_stays(name: str, with_canary: Callable[..., Path]) -> None:
    folder = with_canary(name)
    before, after = files_of(CHARTS / name), files_of(folder)
    chart_name = load_chart(folder).name
    for path, was in before.items():
        now = after[path]
        if path.startswith("templates/"):
            assert strip(now.decode(), chart_name).encode() == was
        elif path == "values.yaml":
            pairs = enumerate(zip(was, now, strict=False))
            at = next((at for at, (byte, other_byte) in pairs if byte != other_byte), len(was))
            assert now[:at] + now[len(now) - len(was) + at :] == was
        elif path != "values.schema.json":
            assert now == was
        if path.endswith(".yaml"):
            assert (folder / path).stat().st_mode & 0o777 == 0o640
    assert set(after) - set(before) <= set(FIRST.files)
    ends = {data.count(b"\r\n") == data.count(b"\n") for path, data in after.items() if path != "Chart.yaml" and data}
    assert (name == "crlf") == (ends == {True})


@pytest.mark.parametrize("name", NAMES)
def test_a_second_run_has_nothing_to_do(name: str, with_canary: Callable[..., Path]) -> None:
    folder = with_canary(name)
    once = files_of(folder)
    again = chartgen("add-canary", str(folder), *OPTIONS.get(name, []))
    assert (again.returncode, again.stdout) == (0, "nothing to do: the chart already has this canary\n")
    assert files_of(folder) == once
    assert chartgen("add-canary", str(folder), *OPTIONS.get(name, []), "--check").returncode == 0


@pytest.mark.parametrize(("name", "helm_binary"), WITH_HELM, indirect=["helm_binary"])
def test_real_helm_sees_no_difference_outside_the_gate_or_switched_off(
    name: str, with_canary: Callable[..., Path], helm_binary: Path
) -> None:
    folder = with_canary(name)
    for release in RELEASES:
        for namespace, options in (("staging", []), ("jx-production", ["--set", "canary.enable=false"])):
            before = template(helm_binary, CHARTS / name, release, namespace)
            assert template(helm_binary, folder, release, namespace, *options) == before


@pytest.mark.parametrize(("name", "helm_binary"), WITH_HELM, indirect=["helm_binary"])
def test_real_helm_renders_a_canary_instead_of_the_service_inside_the_gate(
    name: str, with_canary: Callable[..., Path], helm_binary: Path
) -> None:
    folder = with_canary(name)
    for release in RELEASES:
        before = documents(template(helm_binary, CHARTS / name, release, "jx-production"))
        after = documents(template(helm_binary, folder, release, "jx-production"))
        removed = [text for text in before if text not in after]
        added = [text for text in after if text not in before]
        assert [kind(text) for text in added] == ["Canary"]
        assert [kind(text) for text in removed] == ["Service"]


def documents(printed: str) -> list[str]:
    return [text.strip() for text in printed.split("---\n") if text.strip()]


def kind(text: str) -> str:
    return next(line.removeprefix("kind: ") for line in text.splitlines() if line.startswith("kind: "))


@pytest.mark.parametrize("name", NAMES)
def test_the_result_lints_clean_and_is_emitted(name: str, with_canary: Callable[..., Path], snapshot: Snapshot) -> None:
    folder = with_canary(name, *HOST)
    lint = chartgen("lint", str(folder), "--min-severity", "warning")
    assert (lint.returncode, lint.stdout) == (0, "")
    emitted = chartgen("emit", str(folder), "--release-name", "shop")
    assert emitted.returncode == 0, emitted.stderr
    snapshot.snapshot_dir = CHARTS.parent.parent / "tests" / "canary" / "snapshots"
    snapshot.assert_match(emitted.stdout.replace("\r\n", "\n"), f"{name}.emitted.yaml")
