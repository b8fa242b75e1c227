"""A configuration: releases, settings for some charts, policy, and what is shown of it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.config.reading import read_config
from chartgen.errors import UsageError
from chartgen.flagger.crd import NEWEST
from chartgen.helm.select import select_engine
from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from tests.conftest import CHARTS
from tests.lint.charts import CANARY, DEPLOYMENT, files, on_disk
from tests.running import chartgen

if TYPE_CHECKING:
    from chartgen.lint.finding import Finding

engine = select_engine("embedded")
PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


@pytest.fixture(scope="module")
def injected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chart fresh from add-canary."""
    folder = tmp_path_factory.mktemp("injected") / "myapp"
    shutil.copytree(CHARTS / "jenkins-x", folder)
    done = chartgen("add-canary", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def repository(injected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    shutil.copytree(injected, tmp_path / "charts" / "myapp")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, text: str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def lint(config: str, **changes: Any) -> list[Finding]:
    """Errors and warnings under a configuration."""
    write("chartgen.yaml", config)
    result = lint_paths(engine, [Path("charts")], LintRequest(**changes))
    return [finding for finding in result.findings if finding.severity.value != "info"]


def rules_at_lines(findings: list[Finding]) -> set[tuple[str, str, int]]:
    return {(finding.rule, finding.path, finding.line) for finding in findings}


def test_without_a_policy_a_fresh_chart_is_clean(repository: Path) -> None:
    assert lint("{}") == []


STEEP = "canary:\n  canaryAnalysis:\n    stepWeight: 70\n"


def test_a_release_has_its_values_files(repository: Path) -> None:
    write("env/staging.yaml", STEEP)
    found = lint("releases: [{namespaces: [jx-production], values: [env/staging.yaml]}]")
    assert rules_at_lines(found) == {("step-weight-above-max", "env/staging.yaml", 3)}


def test_a_comment_in_a_releases_values_file_is_read(repository: Path) -> None:
    write("env/staging.yaml", f"{STEEP.rstrip()} # chartgen: ignore[step-weight-above-max]\n")
    assert lint("releases: [{namespaces: [jx-production], values: [env/staging.yaml]}]") == []


def test_options_win_over_the_releases(repository: Path) -> None:
    write("env/staging.yaml", STEEP)
    config = "releases: [{namespaces: [jx-production], values: [env/staging.yaml]}]"
    assert lint(config, namespaces=("jx-production",)) == []


@pytest.mark.parametrize("file", ["values-staging.yaml", "ci/staging-values.yaml"])
def test_values_files_in_the_chart_are_releases_by_themselves(file: str, repository: Path) -> None:
    write(f"charts/myapp/{file}", STEEP)
    assert rules_at_lines(lint("{}")) == {("step-weight-above-max", f"charts/myapp/{file}", 3)}


ENVIRONMENT = f"other: {{}}\nmyapp:\n  # quicker here\n  {STEEP.replace(chr(10), chr(10) + '  ').rstrip()}\n\nthird:\n  canary: 1\n"


def test_a_block_of_an_environment_repository_is_read(repository: Path) -> None:
    write("env/values.yaml", ENVIRONMENT)
    (finding,) = lint("releases: [{namespaces: [jx-production], values: ['env/values.yaml#myapp']}]")
    assert (finding.rule, finding.path, finding.line) == ("step-weight-above-max", "env/values.yaml", 6)
    line = ENVIRONMENT.splitlines()[finding.line - 1]
    assert line[finding.column - 1 :].startswith("stepWeight")


HELMFILE = """\
releases:
- chart: dev/myapp
  name: shop
  namespace: jx-production
  values:
  - staging.yaml
  - replicaCount: 3
- chart: dev/other
  name: other
"""


def test_a_helmfile_names_values_namespace_and_release(repository: Path) -> None:
    write("env/staging.yaml", STEEP)
    write("env/helmfile.yaml", HELMFILE)
    (finding,) = lint("releases: [{helmfile: env/helmfile.yaml}]")
    assert (finding.path, finding.line) == ("env/staging.yaml", 3)
    assert finding.object is not None
    assert finding.object.name == "shop-myapp"


def test_a_finding_is_at_the_inline_map_of_a_helmfile(repository: Path) -> None:
    inline = STEEP.rstrip().replace("\n", "\n    ")
    write("env/helmfile.yaml", f"releases:\n- chart: dev/myapp\n  namespace: jx-production\n  values:\n  - {inline}\n")
    (finding,) = lint("releases: [{helmfile: env/helmfile.yaml}]")
    assert (finding.rule, finding.path, finding.line, finding.column) == (
        "step-weight-above-max", "env/helmfile.yaml", 7, 9,
    )  # fmt: skip


def test_a_release_may_set_values(repository: Path) -> None:
    found = lint("releases: [{namespaces: [jx-production], set: [canary.canaryAnalysis.stepWeight=70]}]")
    assert {finding.rule for finding in found} == {"step-weight-above-max"}


def test_an_environment_repository_lints_the_chart_of_another(repository: Path) -> None:
    write("environment/env/values.yaml", ENVIRONMENT)
    write("environment/chartgen.yaml", "releases: [{namespaces: [jx-production], values: ['env/values.yaml#myapp']}]")
    done = chartgen("lint", "charts/myapp", "--config", "environment/chartgen.yaml", "--format", "concise")
    assert done.returncode == 1, done.stderr
    assert "\nenvironment/env/values.yaml:6:7: error[step-weight-above-max]" in done.stdout


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("releases: [{values: [nowhere.yaml]}]", "nowhere.yaml"),
        ("releases: [{values: ['chartgen.yaml#myapp']}]", "no top-level key `myapp:`"),
        ("releases: [{helmfile: nowhere.yaml}]", "nowhere.yaml"),
        ("releases: [{helmfile: chartgen.yaml}]", "no release of the chart myapp"),
        ("policy: {max-duration: soon}", "max-duration"),
        ("policy: {max-wait: 1}", "did you mean max-weight"),
        ("policy: {schema: nowhere.json}", "nowhere.json"),
        ("policy: {detect: ['2%:95%']}", "policy: detect needs the traffic"),
        ("policy: {max-duration: 5}", "policy.max-duration: 5 has no unit; write 5m"),
        ("policy: {max-duration: '5'}", "policy: max-duration: 5 has no unit"),
        ("overrides: [{select: [threshold-one]}]", "overrides: the first entry has no `paths`"),
        ("cluster: {provider: istoi}", "cluster.provider: 'istoi' is not a provider of Flagger"),
        ("cluster: {flagger-version: 9.9.9}", "cluster.flagger-version: Flagger 9.9.9 isn't known"),
        ("policy: {detect: ['2%']}\ntraffic: {rps: 2}", "policy: detect: '2%' has no probability"),
        ("traffic: {rps: 2, error-rate: some}", "traffic: error-rate: 'some' is not a share"),
        ("traffic: {error-rate: 5%}", "traffic: rps is missing"),
        ("policy: {webhooks: [before]}", "before"),
        ("overrides: [{ignore: []}]", "paths"),
        ("fail-on: eror", "fail-on: 'eror' is not a valid value: did you mean error?"),
        ("selct: []", "selct is not a setting: did you mean select?"),
        ("ignore: [threshold-on]", "ignore.0: unknown rule 'threshold-on'; did you mean threshold-one"),
        ("ignore: [{rule: policcy, path: x}]", "ignore.0.rule: unknown rule 'policcy'; did you mean policy"),
        ("ignore: [{rle: threshold-one}]", "ignore.0.rle is not a setting: did you mean rule?"),
        ("select: threshold-one", "select: 'threshold-one' is not a list"),
        ("severity: {threshold-on: info}", "severity: unknown rule 'threshold-on'; did you mean threshold-one"),
        ("overrides: [{paths: [x], select: [nosuch]}]", "overrides.0.select.0: unknown rule 'nosuch'"),
        ("cluster: {flagger-version: 1.40}", "cluster.flagger-version: 1.4 is not a string"),
        ("cluster: {flagger-version: newest}", "cluster.flagger-version"),
        ("cluster: {scrape-interval: often}", "cluster.scrape-interval"),
        ("- a list", "is not a mapping of settings"),
        ("severity: {1: info}", "severity.1: the key is not a string"),
        ("policy: {max-weight: .nan}", "policy.max-weight: nan is not a finite number"),
        ("policy: {max-exposure: .inf}", "policy.max-exposure: inf is not a finite number"),
        ("policy:", "policy: an empty value is not a map"),
        ("releases: [{set: [a b c]}]", 'releases: --set a b c: key "a b c" has no value'),
    ],
)
def test_an_invalid_setting_is_refused_with_file_and_key(config: str, message: str, repository: Path) -> None:
    with pytest.raises(UsageError, match=re.escape(message)) as refused:
        lint(config)
    assert refused.value.message.startswith(f"{repository / 'chartgen.yaml'}: ")


@pytest.mark.parametrize(
    ("provider", "hint"),
    [
        ("istoi", "did you mean istio?"),
        ("gateway-api", "did you mean gatewayapi:v1?"),
        ("smi", "did you mean smi:v1alpha2?"),
        ("xyz", "choose one of appmesh"),
    ],
)
def test_an_unknown_provider_is_refused_with_the_one_that_is_meant(provider: str, hint: str, repository: Path) -> None:
    with pytest.raises(UsageError) as refused:
        lint(f"cluster: {{provider: {provider}}}")
    assert str(refused.value.hint).startswith(hint)


def test_a_newer_flagger_is_noted(repository: Path) -> None:
    write("chartgen.yaml", "cluster: {flagger-version: 1.99.0}")
    for command in ("lint", "plan"):
        done = chartgen(command, "charts/myapp")
        assert f"chartgen.yaml: Flagger 1.99.0 isn't known: chartgen uses {NEWEST}" in done.stderr
    given = chartgen("lint", "charts/myapp", "--flagger-version", "v1.98.0", "--no-config")
    assert given.stderr.splitlines().count(f"Flagger 1.98.0 isn't known: chartgen uses {NEWEST}") == 1


def test_the_help_for_an_invalid_setting_names_the_packaged_schema(repository: Path) -> None:
    with pytest.raises(UsageError) as refused:
        lint("nosuch: 1")
    assert Path(str(refused.value.hint).rpartition(" ")[2]).is_file()


def test_invalid_yaml_is_refused_with_its_line_and_without_the_parsers_excerpt(repository: Path) -> None:
    with pytest.raises(UsageError) as refused:
        lint("select: [threshold-one]\na: [\n")
    assert refused.value.message == (
        f"{repository / 'chartgen.yaml'}:2:1: not valid YAML: expected the node content, but found '<stream end>'"
        " while parsing a flow node"
    )


def test_overrides_apply_to_their_charts(repository: Path, injected: Path) -> None:
    shutil.copytree(injected, repository / "charts" / "old")
    for name in ("myapp", "old"):
        values = repository / "charts" / name / "values.yaml"
        values.write_text(values.read_text().replace("stepWeight: 10", "stepWeight: 70"))
    config = "ignore: [threshold-one]\noverrides:\n- paths: [charts/old]\n  ignore: [step-weight-above-max]\n"
    assert {finding.path for finding in lint(config)} == {"charts/myapp/values.yaml"}
    merged = read_config(repository / "chartgen.yaml", repository / "charts" / "old")
    assert merged.ignore == ("threshold-one", "step-weight-above-max")


def test_each_chart_has_its_nearest_configuration(repository: Path, injected: Path) -> None:
    shutil.copytree(injected, repository / "charts" / "other")
    write("charts/myapp/values-live.yaml", STEEP)
    write("charts/other/values-live.yaml", STEEP)
    write("chartgen.yaml", "min-severity: warning")
    write("charts/other/chartgen.yaml", "fail-on: never\nmin-severity: error\nseverity: {step-weight-above-max: info}")
    first, second, both, overridden = (
        chartgen("lint", "--format", "concise", *given)
        for given in (["charts/myapp"], ["charts/other"], ["charts"], ["charts/other", "--fail-on", "info"])
    )
    assert [done.returncode for done in (first, second, both, overridden)] == [1, 0, 1, 1]
    assert [line.partition(":")[0] for line in both.stdout.splitlines()] == ["charts/myapp/values-live.yaml"]


def test_tables_of_pyproject_are_a_configuration(repository: Path) -> None:
    write("pyproject.toml", "[tool.chartgen.policy]\nmax-weight = 40\n[[tool.chartgen.overrides]]\npaths = ['x']\n")
    write("charts/pyproject.toml", "[tool.chartgenerator]\nnot = 'ours'\n")
    result = lint_paths(engine, [Path("charts")], LintRequest())
    assert {finding.rule for finding in result.findings if finding.tags == ("policy",)} == {"policy-weight"}


def test_an_invalid_table_of_pyproject_is_refused(repository: Path) -> None:
    write("pyproject.toml", "[tool.chartgen]\nfail-on = 'eror'\n")
    with pytest.raises(UsageError, match=r"pyproject.toml: fail-on: 'eror' is not a valid value: did you mean error"):
        lint_paths(engine, [Path("charts")], LintRequest())
    write("pyproject.toml", "[tool.chartgen]\nfail-on = \n")
    with pytest.raises(UsageError, match=r"pyproject.toml: cannot be read: .*line 2"):
        lint_paths(engine, [Path("charts")], LintRequest())


def test_the_severity_of_a_rule_wins_over_that_of_its_tag(repository: Path) -> None:
    write("policy.json", json.dumps({"required": ["status"]}))
    found = lint(
        "policy: {max-weight: 40, schema: policy.json}\nseverity: {policy-weight: error, policy: warning, alerts: info}"
    )
    assert {finding.rule: finding.severity.value for finding in found} == {
        "policy-weight": "error",
        "policy-schema": "warning",
    }


POLICIES = [
    ("max-weight: 40", "policy-weight"),
    ("max-step: 5", "policy-weight"),
    ("max-duration: 3m", "policy-budget"),
    ("max-exposure: 10", "policy-budget"),
    ("max-failed-requests: 10", "policy-budget"),
    ("detect: ['1%:95%']", "policy-budget"),
    ("metrics: {request-success-rate: {min: 99.9}}", "policy-metric"),
    ("metrics: {queue-length: {}}", "policy-metric"),
    ("webhooks: [rollout]", "policy-hook"),
    ("alerts: true", "policy-hook"),
    ("providers: [linkerd]", "policy-placement"),
    ("namespaces: [live-*]", "policy-placement"),
    ("schema: policy.json", "policy-schema"),
]


@pytest.mark.parametrize(("policy", "rule"), POLICIES, ids=[policy for policy, _ in POLICIES])
def test_a_policy_is_held(policy: str, rule: str, repository: Path) -> None:
    write("policy.json", json.dumps({"properties": {"spec": {"required": ["revertOnDeletion"]}}}))
    assert {finding.rule for finding in lint(f"policy: {{{policy}}}\ntraffic: {{rps: 2}}")} == {rule}


def test_a_policys_finding_is_at_the_line_of_values(repository: Path) -> None:
    (finding,) = lint("policy: {max-weight: 40}")
    line = Path(finding.path).read_text().splitlines()[finding.line - 1]
    assert line.strip() == "maxWeight: 50"


def test_the_settings_are_shown_with_their_origin_and_can_be_read_again(repository: Path) -> None:
    write("chartgen.yaml", "policy: {max-weight: 40}\nignore: [threshold-one]\ncluster: {provider: linkerd}\n")
    write("live.yaml", "{}")
    given = ["--fail-on", "error", "--ignore", "alerts", "--flagger-version", "1.41", "-f", "live.yaml", "--set", "a=1"]
    done = chartgen("lint", "--show-config", "charts/myapp", *given)
    assert done.returncode == 0, done.stderr
    assert f"# charts/myapp: {repository / 'chartgen.yaml'}\n" in done.stdout
    for line in (
        'ignore: ["threshold-one", "alerts"]  # configuration and option',
        'fail-on: "error"  # option',
        'min-severity: "info"  # default',
        'releases: [{"values": ["live.yaml"], "set": ["a=1"]}]  # option',
        '  provider: "linkerd"  # configuration',
        '  scrape-interval: "15s"  # default',
        '  flagger-version: "1.41.0"  # option',
        "traffic: {}  # default",
        "  max-weight: 40  # configuration",
    ):
        assert f"\n{line}\n" in done.stdout
    again = read_config(write("again.yaml", done.stdout))
    assert (again.ignore, again.fail_on) == (("threshold-one", "alerts"), "error")
    assert again.cluster.policy
    assert (again.cluster.policy.max_weight, again.cluster.provider) == (40, "linkerd")
    (release,) = again.releases()
    assert (release.values.files, release.sets) == (("live.yaml",), ("a=1",))


def test_what_overrides_say_of_a_chart_is_shown(repository: Path) -> None:
    write("chartgen.yaml", "policy: {max-weight: 40}\noverrides: [{paths: [charts], policy: {max-weight: 30}}]\n")
    done = chartgen("lint", "--show-config", "charts/myapp", ".")
    assert [line.strip() for line in done.stdout.splitlines() if "max-weight" in line] == [
        "max-weight: 30  # configuration",
        "max-weight: 40  # configuration",
    ]


def test_a_folder_without_charts_is_an_error_without_allow_empty(repository: Path) -> None:
    (repository / "empty").mkdir()
    refused, allowed = chartgen("lint", "empty"), chartgen("lint", "empty", "--allow-empty")
    assert (refused.returncode, allowed.returncode) == (2, 0)
    assert "no chart found" in refused.stderr
    assert "no chart in this folder" in allowed.stderr


@pytest.mark.slow
def test_the_example_of_the_docs_is_a_configuration(repository: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    write("env/production.yaml", "{}")
    write("env/helmfile.yaml", HELMFILE.replace("  - staging.yaml\n", ""))
    write("policy/canary.schema.json", "{}")
    write("env/values.yaml", "myapp:\n  replicaCount: 2\n")
    assert {finding.rule.partition("-")[0] for finding in lint(example)} <= {"policy"}


@pytest.mark.slow
@pytest.mark.parametrize("budget", ["detect: ['2%:99.9%']", "max-failed-requests: 3"])
def test_a_policy_counts_the_requests_as_plan_does(budget: str, repository: Path) -> None:
    """By the same model, with the cluster's scrape interval and provider, and from the same random rollouts."""
    traffic = "traffic: {rps: 4, error-rate: 3%}\ncluster: {scrape-interval: 20s}\n"
    # One for the chart's defaults, and one where its optional autoscaler sets another number of pods.
    messages = [
        finding.message for finding in lint(f"policy: {{{budget}}}\n{traffic}") if finding.rule == "policy-budget"
    ]
    planned = chartgen("plan", "charts/myapp").stdout
    found = planned.partition("over budget: ")[2].partition(": ")[2].strip()
    assert found
    assert any(message.endswith(found) for message in messages), (messages, found)


def test_a_budget_that_cannot_be_checked_is_reported(repository: Path) -> None:
    values = "canary:\n  canaryAnalysis:\n    iterations: 5\n    match: [{headers: {x-tester: {exact: 'yes'}}}]\n"
    write("env/staging.yaml", values)
    releases = "releases: [{namespaces: [jx-production], values: [env/staging.yaml]}]\n"
    found = lint(f"policy: {{max-failed-requests: 10}}\ntraffic: {{rps: 2}}\n{releases}")
    messages = [finding.message for finding in found if finding.rule == "policy-budget"]
    assert messages == ["the policy's budgets can't be checked: max-failed-requests requires --match-share"]


def test_a_cluster_that_blocks_unknown_hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Istio's REGISTRY_ONLY is a setting of the mesh, which no chart of an app renders."""
    variable = "          env: [{name: PAY, value: 'https://api.payments.example/v1'}]\n"
    content = {**files("{}\n", CANARY), "templates/deployment.yaml": DEPLOYMENT + variable}
    on_disk(tmp_path / "charts" / "web", content)
    monkeypatch.chdir(tmp_path)
    only = {"select": ("egress-registry-only",)}
    assert lint("{}", **only) == []
    (found,) = lint("cluster: {registry-only: true}", **only)
    assert "the cluster's outboundTrafficPolicy" in found.message
    assert lint("cluster: {registry-only: true, service-entries: ['*.payments.example']}", **only) == []
