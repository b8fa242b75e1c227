"""A Flagger release is added to the data as its CRDs say: the whole history since 1.6.0, step by step."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools.flagger_release import DATA, Crd, crds, main, newest_nodes, text, with_release, without_newest


def data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


def as_crds(history: dict[str, Any]) -> dict[str, Crd]:
    """The CRDs of the newest release of a history."""
    newest = history["releases"][-1]
    return {
        kind: Crd(tuple(span["version"] for span in entry["served"] if span["until"] == newest), newest_nodes(entry))
        for kind, entry in history["kinds"].items()
    }


def crd_file(release: str) -> Path:
    """A release's CRDs in Go's module cache."""
    go = shutil.which("go")
    cache = os.environ.get("GOMODCACHE") or (go and subprocess.check_output([go, "env", "GOMODCACHE"], text=True))
    path = Path((cache or "").strip()) / f"github.com/fluxcd/flagger@v{release}/artifacts/flagger/crd.yaml"
    if not cache or not path.is_file():
        pytest.skip(f"{path} is missing: go mod download github.com/fluxcd/flagger@v{release}")
    return path


def test_the_file_is_written_as_it_was_read() -> None:
    assert text(data()) == DATA.read_text(encoding="utf-8")


def test_every_release_that_prunes_is_added_as_the_history_has_it() -> None:
    later, steps = data(), 0
    while later["releases"][-1] != later["pruning"]:
        earlier = without_newest(later)
        assert json.loads(text(with_release(earlier, later["releases"][-1], as_crds(later)))) == later
        later, steps = earlier, steps + 1
    assert steps == len(data()["releases"]) - 1 - data()["releases"].index("1.6.0")


def test_the_newest_release_is_what_its_real_crds_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = tmp_path / "fields.json"
    shutil.copy(DATA, history)
    real = str(crd_file("1.44.0"))
    assert main(["--data", str(history), "1.44.0", "--remove"]) == 0
    assert history.read_bytes() != DATA.read_bytes()
    assert main(["--data", str(history), "v1.44.0", real]) == 0
    assert history.read_bytes() == DATA.read_bytes()
    assert "+ spec.service.backendTimeout\n" in capsys.readouterr().out
    assert main(["--data", str(history), "1.44.0", real]) == 0
    assert "no field differs" in capsys.readouterr().out


def crd(tmp_path: Path, spec: dict[str, Any]) -> Path:
    path = tmp_path / "crd.yaml"
    schema = {"properties": {"spec": spec, "metadata": {"type": "object"}}}
    version = {"name": "v1beta1", "served": True, "schema": {"openAPIV3Schema": schema}}
    path.write_text(json.dumps({"spec": {"names": {"kind": "Canary"}, "versions": [version]}}), encoding="utf-8")
    return path


def test_a_field_that_is_added_changed_or_removed(tmp_path: Path) -> None:
    rules = [{"rule": "self > 0", "message": "left out"}]
    plain = {"a": {"type": "string"}, "b": {"type": "integer"}}
    first = crds(crd(tmp_path, {"type": "object", "properties": plain}))
    history = with_release({"releases": ["0.9.0"], "pruning": "1.0.0", "kinds": {}}, "1.0.0", first)
    properties = {"a": {"type": "string", "description": "left out", "x-kubernetes-validations": rules}}
    second = crds(crd(tmp_path, {"type": "object", "required": ["a"], "properties": properties}))
    history = with_release(history, "1.1.0", second)
    kind = history["kinds"]["Canary"]
    assert kind["served"] == [{"version": "v1beta1", "since": "1.0.0", "until": "1.1.0"}]
    changed = {"since": "1.1.0", "required": True, "type": "string", "x-kubernetes-validations": [{"rule": "self > 0"}]}
    assert kind["fields"] == {
        "spec": [{"since": "1.0.0", "type": "object"}],
        "spec.a": [{"since": "1.0.0", "type": "string"}, changed],
        "spec.b": [{"since": "1.0.0", "until": "1.0.0", "type": "integer"}],
    }
    with pytest.raises(SystemExit, match=r"a field returns in 1\.2\.0 that 1\.0\.0 had last"):
        with_release(history, "1.2.0", first)


def test_what_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"1\.43\.0 is already in flagger-fields\.json"):
        main(["1.43.0"])
    with pytest.raises(SystemExit, match=r"only 1\.44\.0, the newest release"):
        main(["1.43.0", "--remove"])
    with pytest.raises(SystemExit, match="2"):
        main(["main"])
    assert "'main' is not a Flagger release" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="has no CRD of MetricTemplate, AlertProvider"):
        main(["1.45.0", str(crd(tmp_path, {"type": "object"}))])
    assert main(["1.44.0", str(crd(tmp_path, {"type": "object"}))]) == 1
    assert "- spec.analysis" in capsys.readouterr().out
