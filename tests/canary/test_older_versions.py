"""A canary made by chartgen 0.1.0, with its settings in the template, gets the new templates and keeps its settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.canary.small_charts import DEFAULTS, helm_template, small_chart
from tests.canary.test_whole_charts import files_of
from tests.conftest import helm_program
from tests.running import chartgen

pytestmark = pytest.mark.slow

# Written by `add-canary --namespace prod --namespace fair --provider linkerd --progress-deadline 77
# --host shop.example.com --step-weight 5` of chartgen 0.1.0.
OLDER = Path(__file__).parent / "older"
NOTHING = "nothing to do: the chart already has this canary\n"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    return small_chart(tmp_path, {path: data.decode() for path, data in files_of(OLDER).items()})


def emitted(folder: Path, *options: str) -> dict[str, Any]:
    done = chartgen("emit", str(folder), "--format", "json", *options)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_its_gate_is_still_read(older: Path) -> None:
    assert emitted(older)["metadata"]["namespace"] == "prod"


def test_the_canary_stays_the_same(older: Path) -> None:
    before = emitted(older, "--namespace", "fair")
    done = chartgen("add-canary", str(older))
    assert done.returncode == 0, done.stderr
    assert emitted(older, "--namespace", "fair") == before
    assert (before["spec"]["provider"], before["spec"]["progressDeadlineSeconds"]) == ("linkerd", 77)
    values = (older / "values.yaml").read_text()
    assert "  namespaces:\n  - prod\n  - fair\n" in values
    assert "  provider: linkerd\n" in values
    assert "  progressDeadlineSeconds: 77\n" in values
    assert chartgen("emit", str(older), "--namespace", "elsewhere").returncode == 2
    assert "--reset-then-reuse-values" in done.stderr
    assert chartgen("add-canary", str(older)).stdout == NOTHING


def test_a_given_option_is_applied_on_the_way(older: Path) -> None:
    assert chartgen("add-canary", str(older), "--interval", "30s", "--namespace", "town").returncode == 0
    canary = emitted(older)
    assert (canary["metadata"]["namespace"], canary["spec"]["analysis"]["interval"]) == ("town", "30s")
    assert canary["spec"]["provider"] == "linkerd"


def test_the_users_values_stay(older: Path) -> None:
    values = older / "values.yaml"
    text = values.read_text().replace("    stepWeight: 5", "    stepWeight: 7   # slowly")
    values.write_text(text.replace("  enable: true", "  enable: false"))
    assert chartgen("add-canary", str(older)).returncode == 0
    after = values.read_text()
    assert "    stepWeight: 7   # slowly\n" in after
    assert "  enable: false\n" in after


@pytest.mark.parametrize("part", ["Service", "replicas"])
def test_what_it_left_alone_stays_alone(part: str, older: Path) -> None:
    """It was made with --keep-service or --keep-replicas, which older headers don't say."""
    path = {"Service": "templates/service.yaml", "replicas": "templates/deployment.yaml"}[part]
    (older / path).write_text(str(DEFAULTS[path]))
    assert chartgen("add-canary", str(older)).returncode == 0
    assert (older / path).read_text() == DEFAULTS[path]
    kept = "--keep-service" if part == "Service" else "--keep-replicas"
    assert f"`chartgen add-canary {kept}`" in (older / "templates" / "canary.yaml").read_text()


def test_its_lines_are_removed_to_the_byte(older: Path) -> None:
    assert chartgen("add-canary", str(older), "--keep-service", "--keep-replicas").returncode == 0
    for path in ("templates/service.yaml", "templates/deployment.yaml"):
        assert (older / path).read_text() == DEFAULTS[path]


def test_edited_templates_are_refused(older: Path) -> None:
    with (older / "templates" / "canary.yaml").open("a") as file:
        file.write("# mine\n")
    done = chartgen("add-canary", str(older))
    assert (done.returncode, "was edited after chartgen created it" in done.stderr) == (2, True)


def kinds(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("kind:")]


@pytest.mark.parametrize("namespace", ["prod", "elsewhere"])
def test_real_helm_renders_the_same(namespace: str, older: Path) -> None:
    helm = helm_program("4.1")
    before = helm_template(helm, older, namespace=namespace)
    assert chartgen("add-canary", str(older)).returncode == 0
    after = helm_template(helm, older, namespace=namespace)
    assert kinds(after) == kinds(before)
    if namespace == "elsewhere":
        assert after == before
