"""add-canary lints the result before it writes: errors stop it unless their rule is accepted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chartgen.api.lint_plan import _REPORTED
from chartgen.config.selection import rules_named
from tests.canary.small_charts import DEPLOYMENT, refused, small_chart
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

RULE = "selector-label-not-unique"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A chart whose worker has the label by which Flagger selects the pods of the shop."""
    (tmp_path / ".git").mkdir()
    worker = DEPLOYMENT.replace("name: shop", "name: worker").replace("app: shop", "app: shop\n      tier: worker", 1)
    worker = worker.replace("        app: shop\n", "        app: shop\n        tier: worker\n")
    return small_chart(tmp_path, {"templates/worker.yaml": worker})


def test_an_error_stops_the_run_with_its_reason(folder: Path) -> None:
    stderr = refused(folder, "--target", "shop")
    assert f"{RULE}: " in stderr
    assert f"--accept {RULE}" in stderr
    for dry in ("--check", "--diff"):
        assert chartgen("add-canary", str(folder), "--target", "shop", dry).returncode == 2


def test_an_accepted_rule_does_not(folder: Path) -> None:
    done = chartgen("add-canary", str(folder), "--target", "shop", "--accept", RULE)
    assert done.returncode == 0, done.stderr
    reported = done.stderr.partition("chartgen lint reports about the result:\n")[2]
    assert f"error[{RULE}]" in reported.splitlines()[0]


def test_a_rule_that_the_configuration_ignores_does_not(folder: Path) -> None:
    (folder / "chartgen.yaml").write_text(f"ignore: [{RULE}]\n")
    assert chartgen("add-canary", str(folder), "--target", "shop").returncode == 0


def test_an_unknown_rule_is_rejected(folder: Path) -> None:
    done = chartgen("add-canary", str(folder), "--target", "shop", "--accept", "selector-label")
    assert (done.returncode, "did you mean" in done.stderr) == (2, True)


def test_a_name_that_kubernetes_rejects_is_the_charts_own_flaw(tmp_path: Path) -> None:
    named = DEPLOYMENT.replace("name: shop", "name: shop_1", 1)
    folder = small_chart(tmp_path, {"templates/deployment.yaml": named})
    done = chartgen("add-canary", str(folder))
    assert done.returncode == 0, done.stderr
    assert "error[canary-refused] metadata.name" in done.stderr.partition("chartgen lint reports")[2]


def test_every_error_that_lint_reports_next_was_named(folder: Path) -> None:
    """Those of the chart's own, too, which lint didn't look for while the chart had no canary."""
    budget = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: %s}\nspec: {minAvailable: 1}\n"
    budgets = "---\n".join(budget % f"budget-{number}" for number in range(20))
    (folder / "templates" / "budgets.yaml").write_text(budgets)
    assert chartgen("lint", str(folder), "--no-cache").returncode == 0
    added = chartgen("add-canary", str(folder), "--target", "shop", "--accept", RULE)
    assert added.returncode == 0, added.stderr
    named = added.stderr.partition("chartgen lint reports about the result:\n")[2]
    found = json.loads(chartgen("lint", str(folder), "--no-cache", "--format", "json").stdout)["findings"]
    errors = [finding for finding in found if finding["severity"] == "error"]
    assert {finding["rule"] for finding in errors} == {RULE, "kubernetes-api-removed"}
    assert len(errors) > 20
    for finding in errors:
        assert f"error[{finding['rule']}] {finding['message']}\n" in named


def test_what_the_chart_had_before_is_not_repeated(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    first = json.loads(chartgen("add-canary", str(folder), "--format", "json").stdout)
    assert any("metrics-without-traffic" in line for line in first["lint"])
    second = json.loads(chartgen("add-canary", str(folder), "--interval", "30s", "--format", "json").stdout)
    assert not any("metrics-without-traffic" in line for line in second["lint"])


def test_the_rules_that_are_only_reported_exist() -> None:
    assert rules_named(_REPORTED) == set(_REPORTED)
