"""The simulator against what real Flagger did: every recording, tick by tick."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.replay import first_difference, main

_FIXTURES = Path(__file__).parents[2] / "fixtures"
_RECORDINGS = sorted((_FIXTURES / "recordings").glob("*.json"))
# Rollouts that nobody thought of, those of rare providers, and those of an older release (1.41.0).
_FOLDERS = ("recordings-extra", "recordings-providers", "recordings-1.41")
_EXTRA = sorted(path for folder in _FOLDERS for path in (_FIXTURES / folder).glob("*.json"))
_FEWEST_OF_A_PROVIDER = 15
_GROUPS = {"core": 150, "random": 60, "surroundings": 20, "refused": 4}


@cache
def _read(path: Path) -> dict[str, Any]:
    recording: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return recording


@pytest.mark.parametrize("path", _RECORDINGS + _EXTRA, ids=lambda path: str(path.stem))
def test_the_simulator_matches_the_recorded_rollout(path: Path) -> None:
    recording = _read(path)
    assert first_difference(recording, recording["flagger"]) is None


def test_the_simulator_agrees_with_the_recordings_of_other_providers(shared: Path) -> None:
    """Knative, Kuma, Gloo, App Mesh, APISIX, OSM and SMI."""
    recordings = sorted((shared / "flagger" / "recordings-providers").glob("*.json"))
    assert recordings
    differences = {path.stem: first_difference(_read(path), "1.44.0") for path in recordings}
    assert {name: difference for name, difference in differences.items() if difference} == {}


def test_an_older_release_is_among_them() -> None:
    assert {_read(path)["flagger"] for path in _EXTRA} == {"1.41.0", "1.44.0"}


def test_every_rare_provider_has_fifteen_recordings_at_least() -> None:
    paths = (_FIXTURES / "recordings-providers").glob("*.json")
    recorded = Counter(_read(path)["canary"]["spec"]["provider"] for path in paths)
    assert {*("appmesh", "appmesh:v1beta2", "smi:v1alpha2", "smi:v1alpha3")} < set(recorded)
    families: Counter[str] = Counter()
    for provider, count in recorded.items():
        families[provider.partition(":")[0]] += count
    rare = ("gloo", "kuma", "apisix", "appmesh", "smi", "osm", "knative")
    assert {name: families[name] for name in rare if families[name] < _FEWEST_OF_A_PROVIDER} == {}


def test_no_recording_is_missing() -> None:
    found = [_read(path)["group"] for path in _RECORDINGS]
    assert {group: found.count(group) for group in _GROUPS} == _GROUPS


def _spoilt(recording: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The recording with one wrong detail, by its name."""
    wrong: dict[str, Any] = {}
    for key, value in (
        ("phase", "Waiting"),
        ("failedChecks", 7),
        ("iterations", 7),
        ("canaryWeight", 7),
        ("promoted", ["True", "Waiting", "?"]),
        ("exists", False),
        ("rules", 9),
        ("route", [["elsewhere", 100]]),
        ("allRules", [[]]),
        ("mirror", ["elsewhere", None]),
        ("ingressAnnotations", {"a": "b"}),
        ("apexSelector", {"a": "b"}),
        ("traffic", [["elsewhere", 100]]),
        ("matchers", [{}]),
        ("knative", {"latestCreated": "?"}),
        ("target", {"replicas": 9}),
        ("primary", {"replicas": 9}),
    ):
        wrong[key] = copy.deepcopy(recording)
        wrong[key]["ticks"][-2]["after"][key] = value
    lists: dict[str, Any] = {"events": [["Normal", "?"]], "metrics": [["?", 1]], "hooks": [["?", "", 200]]}
    for key, listed in lists.items():
        wrong[key] = copy.deepcopy(recording)
        wrong[key]["ticks"][-2][key] = listed
    return wrong


@pytest.mark.parametrize("what", sorted(_spoilt({"ticks": [{"after": {}}, {"after": {}}]})))
def test_a_changed_recording_differs(what: str) -> None:
    recording = _read(_FIXTURES / "recordings" / "weight-10-50.json")
    spoilt = _spoilt(recording)[what]
    difference = first_difference(spoilt, "1.44.0")
    assert difference is not None
    assert difference.startswith(f"tick {len(recording['ticks']) - 2}: {what}")


def test_only_the_inputs_of_a_recording_are_read() -> None:
    """Replaying must not peek: with events and states blanked, the simulated ticks stay the same."""
    from tests.replay import replayed

    recording = _read(_FIXTURES / "recordings" / "restart-counts.json")
    blank = copy.deepcopy(recording)
    for tick in blank["ticks"]:
        tick.clear()
    for tick, recorded in zip(blank["ticks"], recording["ticks"], strict=True):
        tick["second"] = recorded["second"]
    assert list(replayed(blank, "1.44.0")) == list(replayed(recording, "1.44.0"))


def test_an_accepted_document_does_not_agree_with_a_refusal() -> None:
    accepted = _read(_FIXTURES / "recordings" / "weight-10-50.json")
    assert "accepts it" in str(first_difference({**accepted, "refused": "no"}, "1.44.0"))


def test_the_command_counts_and_prints_the_first_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = _FIXTURES / "recordings" / "weight-10-50.json"
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(_spoilt(_read(good))["phase"]))
    assert main([str(good), str(bad)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 agree, 1 differ"
    assert len(lines) == 2
    assert "phase" in lines[0]
    assert main([str(good)]) == 0
    assert capsys.readouterr().out == "1 agree, 0 differ\n"


def test_another_release_counts_otherwise() -> None:
    """Up to 1.42 the phase Promoting zeroes the displayed weight."""
    recording = _read(_FIXTURES / "recordings" / "weight-10-50.json")
    difference = first_difference(recording, "1.41.0")
    assert difference is not None
    assert "canaryWeight: recorded 50, simulated 0" in difference


def test_the_command_runs_as_a_module() -> None:
    good = _FIXTURES / "recordings" / "daemonset.json"
    command = [sys.executable, "-m", "tests.replay", "--flagger-version", "1.44.0", str(good)]
    done = subprocess.run(command, cwd=_FIXTURES.parent, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1 agree, 0 differ\n"), done.stderr
