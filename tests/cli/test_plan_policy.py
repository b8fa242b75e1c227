"""`chartgen plan` with a configuration: the policy's budgets apply, and options take precedence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chartgen.flagger.crd import NEWEST
from chartgen.planning.detection import monte_carlo
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


@pytest.fixture(autouse=True)
def few_rollouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about whose budgets apply: the tables of the detection may be coarse."""
    budget = monte_carlo.WorkBudget
    monkeypatch.setattr(monte_carlo, "WorkBudget", lambda rows, _: budget(rows, 10_000))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "canary.yaml").write_text(CANARY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(folder: Path, config: str, *options: str) -> tuple[int, str]:
    (folder / "chartgen.yaml").write_text(config)
    completed = chartgen("plan", "canary.yaml", *options)
    return completed.returncode, completed.stdout + completed.stderr


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
def test_an_exceeded_budget_of_the_policy_fails(policy: str, options: tuple[str, ...], folder: Path) -> None:
    code, output = plan(folder, f"{TRAFFIC}policy: {{{policy}}}", *options)
    assert code == 1, output
    assert f"over budget: policy.{policy.partition(':')[0]} " in output
    assert "(chartgen.yaml)" in output


def test_a_budget_is_named_as_an_option_or_by_its_key(folder: Path) -> None:
    code, output = plan(folder, f"{TRAFFIC}policy: {{max-duration: 3m, max-exposure: 1}}", "--max-duration", "2m")
    assert code == 1
    assert "over budget: --max-duration 2 min is exceeded" in output
    assert "over budget: policy.max-exposure 1 (chartgen.yaml) is exceeded" in output


def test_a_path_that_does_not_exist_is_rejected_with_what_plan_reads(folder: Path) -> None:
    done = chartgen("plan", "nope.yaml")
    assert done.returncode == 2
    assert done.stderr == (
        "error: nope.yaml: file or folder not found\n"
        "help: pass a chart folder, a .tgz, a file of manifests, or - for stdin\n"
    )


def test_the_title_names_the_simulated_release(folder: Path) -> None:
    code, output = plan(folder, "{}", "--flagger-version", "1.99.0")
    assert code == 0
    assert f"with Flagger {NEWEST}" in output.partition("\n")[0]
    assert f"Flagger 1.99.0 isn't known: chartgen uses {NEWEST}" in output


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
def test_options_take_precedence_and_inapplicable_budgets_are_ignored(
    policy: str, options: tuple[str, ...], folder: Path
) -> None:
    code, output = plan(folder, f"{TRAFFIC}policy: {{{policy}}}", *options)
    assert code == 0, output


def test_the_plan_uses_the_traffic_of_the_configuration(folder: Path) -> None:
    _, without_traffic = plan(folder, "{}")
    _, configured = plan(folder, "traffic: {rps: 2, healthy-error-rate: 1%}")
    _, options = plan(folder, "{}", "--rps", "2", "--healthy-error-rate", "1%")
    assert configured == options != without_traffic


def test_the_plan_uses_the_flagger_version_of_the_configuration(folder: Path) -> None:
    assert "1.41.0" in plan(folder, 'cluster: {flagger-version: "1.41.0"}', "--format", "json")[1]


def test_an_invalid_configuration_is_rejected(folder: Path) -> None:
    code, output = plan(folder, "policy: {max-wait: 1}")
    assert code == 2
    assert "policy.max-wait is not a setting: did you mean max-weight?" in output


HOURS = """\
traffic:
  error-rate: 10%
  hours: {"Mon-Fri 00:00-24:00": 30, "Sat 00:00-24:00": 20, "Sun 00:00-24:00": 0.01}
"""


def test_the_traffic_of_a_week_is_judged_in_its_worst_hours(folder: Path) -> None:
    code, output = plan(folder, HOURS, "--detect", "10%:50%", "--max-failed-requests", "5", "--format", "json")
    assert code == 1
    document = json.loads(output.partition("\nover budget")[0])
    failed, detect = document["exceeded"]
    assert failed["budget"] == "max-failed-requests"
    assert "in the busiest hour (Mon 00:00, 30 requests per second)" in failed["found"]
    assert detect["budget"] == "detect"
    assert detect["found"].endswith("in the quietest hour (Sun 00:00, 0.01 requests per second): that is no detection")
    hours = document["plans"][0]["release_hours"]
    assert hours["hours"] == list(range(168))
    _, text = plan(folder, HOURS, "--detect", "10%:50%")
    assert "should not start from Sat 23:00 to Mon 00:00" in " ".join(text.split())


def test_a_wrong_week_is_rejected_with_its_key(folder: Path) -> None:
    code, output = plan(folder, HOURS.replace("Sun", "Sum"))
    assert code == 2
    assert "traffic: hours: Sum 00:00-24:00" in output


def test_a_false_alarm_is_a_budget(folder: Path) -> None:
    code, output = plan(folder, "traffic: {rps: 0.01}\npolicy: {false-alarm: 1%}")
    assert code == 1
    assert "policy.false-alarm 1 % (chartgen.yaml) is exceeded: a healthy release is rolled back" in " ".join(
        output.split()
    )
