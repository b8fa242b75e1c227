"""Each namespace of a chart's gate is linted; what differs in the name of the namespace only is checked once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartgen.helm.select import select_engine
from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from tests.lint.charts import CANARY, files, on_disk
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.lint.finding import Finding, LintResult

engine = select_engine("embedded")
GATED = f"{{{{ if has .Release.Namespace .Values.canary.namespaces }}}}\n{CANARY}{{{{ end }}}}\n"
BOTH = "canary: {namespaces: [staging, prod]}\n"
STEEP_IN_PROD = GATED.replace(
    "stepWeight: 10", 'stepWeight: {{ if eq .Release.Namespace "prod" }}70{{ else }}10{{ end }}'
)
STEEP = GATED.replace("stepWeight: 10", "stepWeight: 70")


def _lint(folder: Path, canary: str, *, values: str = BOTH, request: LintRequest | None = None) -> LintResult:
    on_disk(folder, files(values, canary))
    return lint_paths(engine, [folder], request or LintRequest())


def _steep(result: LintResult) -> Finding:
    (finding,) = (each for each in result.findings if each.rule == "step-weight-above-max")
    return finding


@pytest.mark.parametrize("options", [(), ("staging", "prod"), ("prod", "staging")])
def test_a_finding_of_one_namespace_names_it(tmp_path: Path, options: tuple[str, ...]) -> None:
    finding = _steep(_lint(tmp_path, STEEP_IN_PROD, request=LintRequest(namespaces=options)))
    assert finding.releases == ("namespace prod",)


def test_a_namespace_that_the_user_leaves_out_is_not_rendered(tmp_path: Path) -> None:
    result = _lint(tmp_path, STEEP_IN_PROD, request=LintRequest(namespaces=("staging",)))
    assert all(finding.rule != "step-weight-above-max" for finding in result.findings)


def test_a_finding_of_all_namespaces_is_reported_once(tmp_path: Path) -> None:
    assert _steep(_lint(tmp_path, STEEP)).releases == ("namespaces staging, prod",)


def test_namespaces_in_which_other_objects_differ_have_one_finding(tmp_path: Path) -> None:
    differing = f'{STEEP}---\n{{{{ if eq .Release.Namespace "prod" }}}}\nkind: ConfigMap\n{{{{ end }}}}\n'
    assert _steep(_lint(tmp_path, differing)).releases == ("namespace staging", "namespace prod")


@pytest.mark.parametrize(
    ("canary", "values", "more"),
    [
        pytest.param(GATED, BOTH, 0, id="the same text"),
        pytest.param(GATED.replace("name: web\nspec", "name: web\n  namespace: {{ .Release.Namespace }}\nspec"), BOTH, 0, id="its own name"),
        pytest.param(GATED.replace("name: web\nspec", "name: web\n  labels: {of: staging}\nspec"), BOTH, 1, id="the name of one"),
        pytest.param(STEEP_IN_PROD, BOTH, 1, id="another value"),
        pytest.param(GATED, "canary: {namespaces: [a, b, c, d]}\n", 0, id="four"),
    ],
)  # fmt: skip
def test_renderings_that_differ_are_checked_each(tmp_path: Path, canary: str, values: str, more: int) -> None:
    one = _lint(tmp_path / "one", canary, values="canary: {namespaces: [staging]}\n")
    both = _lint(tmp_path / "both", canary, values=values)
    assert both.charts[0].renderings - one.charts[0].renderings == more


def test_a_webhook_into_one_of_the_namespaces_is_wrong_in_the_other(tmp_path: Path) -> None:
    """The renderings are the same bytes, but what they mean isn't."""
    hook = "    webhooks:\n      - {name: load, type: rollout, url: http://web-canary.staging/}\n"
    canary = GATED.replace("    metrics:\n", f"{hook}    metrics:\n")
    result = _lint(tmp_path, canary)
    (finding,) = (each for each in result.findings if each.rule == "webhook-url-hardcoded-namespace")
    assert finding.releases == ("namespace prod",)


def test_a_policy_is_checked_in_each_namespace(tmp_path: Path) -> None:
    (tmp_path / "chartgen.yaml").write_text("policy: {namespaces: [prod]}\n")
    result = _lint(tmp_path, GATED)
    (finding,) = (each for each in result.findings if each.rule == "policy-placement")
    assert "namespace staging" in finding.message


def test_a_namespace_in_which_the_chart_fails_to_render_is_named(tmp_path: Path) -> None:
    failing = f'{{{{ if eq .Release.Namespace "prod" }}}}{{{{ fail "no quota in prod" }}}}{{{{ end }}}}{GATED}'
    result = _lint(tmp_path, failing)
    failures = [each for each in result.findings if each.rule == "chart-does-not-render"]
    assert [(each.releases[0], "no quota in prod" in each.message) for each in failures] == [("namespace prod", True)]


@pytest.mark.slow
def test_emit_prints_one_namespace_and_names_the_others(tmp_path: Path) -> None:
    chart = on_disk(tmp_path / "web", files(BOTH, STEEP_IN_PROD))
    done = chartgen("emit", str(chart))
    assert "stepWeight: 10" in done.stdout
    assert "namespace: staging" in done.stdout
    assert done.stderr == (
        f"printed for namespace staging only; the Canary also renders in prod: chartgen emit {chart} --namespace prod\n"
    )
    chosen = chartgen("emit", str(chart), "--namespace", "prod")
    assert "stepWeight: 70" in chosen.stdout
    assert chosen.stderr == ""
