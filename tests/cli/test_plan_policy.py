"""`chartgen plan` under a configuration: the policy's budgets make it a gate, options win."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

CANARY = """\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: app, namespace: prod}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  service: {port: 80}
  analysis:
    interval: 60s
    threshold: 5
    maxWeight: 50
    stepWeight: 10
    metrics:
    - {name: request-success-rate, interval: 1m, thresholdRange: {min: 99}}
"""
TRAFFIC = "traffic: {rps: 2}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "canary.yaml").write_text(CANARY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(here: Path, config: str, *options: str) -> tuple[int, str]:
    (here / "chartgen.yaml").write_text(config)
    done = chartgen("plan", "canary.yaml", *options)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("policy", "options"),
    [
        ("max-duration: 3m", ()),
        ("max-exposure: 1", ()),
        ("max-rollback-time: 1m", ()),
        ("max-failed-requests: 10", ()),
        ("detect: ['1%:95%']", ()),
        ("max-exposure: 1", ("--scenario", "fail@10")),
    ],
)
def test_a_budget_of_the_policy_is_a_gate(policy: str, options: tuple[str, ...], here: Path) -> None:
    code, said = plan(here, f"{TRAFFIC}policy: {{{policy}}}", *options)
    assert code == 1, said
    assert f"--{policy.partition(':')[0]}" in said


@pytest.mark.parametrize(
    ("policy", "options"),
    [
        ("max-duration: 3m", ("--max-duration", "1h")),
        ("max-duration: 3m", ("--no-config",)),
        ("max-duration: 3m", ("--bootstrap",)),
        ("max-duration: 3m", ("--scenario", "fail@10")),
        ("detect: ['1%:95%']", ("--detect", "50%:1%")),
        ("max-failed-requests: 10", ("--rps", "0.001")),
        ("max-weight: 1", ()),
    ],
)
def test_options_win_and_what_does_not_apply_is_not_asked(policy: str, options: tuple[str, ...], here: Path) -> None:
    code, said = plan(here, f"{TRAFFIC}policy: {{{policy}}}", *options)
    assert code == 0, said


def test_the_traffic_of_the_configuration_is_planned_with(here: Path) -> None:
    _, without = plan(here, "{}")
    _, given = plan(here, "traffic: {rps: 2, healthy-error-rate: 1%}")
    _, asked = plan(here, "{}", "--rps", "2", "--healthy-error-rate", "1%")
    assert given == asked != without


def test_the_flagger_of_the_cluster_is_planned_with(here: Path) -> None:
    assert "1.41.0" in plan(here, 'cluster: {flagger-version: "1.41.0"}', "--format", "json")[1]


def test_an_invalid_configuration_is_refused(here: Path) -> None:
    code, said = plan(here, "policy: {max-wait: 1}")
    assert code == 2
    assert "policy.max-wait is not a setting: did you mean max-weight?" in said
