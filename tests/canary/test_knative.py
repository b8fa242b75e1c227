"""A chart whose workload is a Knative Service: the target that only `--provider knative` has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chartgen.flagger.crd import NEWEST, admit
from tests.canary.small_charts import KNATIVE, KNATIVE_SERVICE, added, canary_of, refused, small_chart
from tests.canary.test_whole_charts import files_of
from tests.cli.test_completion import completed
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

PROVIDER = ("--provider", "knative")
LOAD = ("--load-test", "--load-test-url", "http://shop.jx-production/")
TWO = f"{KNATIVE_SERVICE}---\n{KNATIVE_SERVICE.replace('shop', 'till')}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_chart(tmp_path, KNATIVE)


def test_the_whole_canary_is_one_that_the_api_server_accepts(folder: Path) -> None:
    added(folder, *PROVIDER, *LOAD)
    canary = canary_of(folder)
    verdict = admit(canary, NEWEST)
    assert (verdict.refusals, verdict.pruned) == ((), ())
    assert canary["metadata"]["name"] == "shop"
    analysis = canary["spec"].pop("analysis")
    assert canary["spec"] == {
        "provider": "knative",
        "targetRef": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "shop"},
        "service": {"port": 80},
    }
    assert [metric["name"] for metric in analysis["metrics"]] == ["request-success-rate", "request-duration"]
    assert analysis["webhooks"][0]["metadata"]["cmd"] == "hey -z 60s -q 10 -c 2 http://shop.jx-production/"
    assert (analysis["maxWeight"], analysis["stepWeight"]) == (50, 10)


def test_lint_only_warns_of_the_first_installation(folder: Path) -> None:
    added(folder, *PROVIDER, *LOAD)
    done = chartgen("lint", str(folder), "--format", "json")
    findings = json.loads(done.stdout)["findings"]
    assert [(each["rule"], each["severity"]) for each in findings] == [("knative-first-revision", "info")]


@pytest.mark.parametrize("delivery", ["helm", "argocd", "flux", "rendered"])
def test_the_steps_give_the_traffic_back_after_the_canary_is_gone(delivery: str, folder: Path) -> None:
    told = added(folder, *PROVIDER, "--delivery", delivery)
    assert "Added a Canary for Knative Service shop." in told
    assert "kubectl wait services.serving.knative.dev/shop --namespace jx-production --for=condition=Ready" in told
    patch = '{"metadata":{"annotations":{"flagger.app/primary-revision":null}},"spec":{"traffic":null}}'
    last = f"kubectl patch services.serving.knative.dev/shop --namespace jx-production --type=merge --patch='{patch}'"
    assert last in told.partition("To switch it off")[2]
    removed = chartgen("remove-canary", str(folder)).stderr
    assert "later ones get none" in removed
    assert last in removed
    assert ("kubectl delete canary/shop" in told, "kubectl delete canary/shop" in removed) == (
        delivery == "rendered",
        delivery == "rendered",
    )
    assert "shop-primary" not in told + removed


def test_nothing_is_left_when_it_is_removed(folder: Path) -> None:
    before = files_of(folder)
    added(folder, *PROVIDER, *LOAD)
    assert set(files_of(folder)) - set(before) == {"templates/canary.yaml", "templates/_canary.tpl"}
    assert chartgen("remove-canary", str(folder)).returncode == 0
    assert files_of(folder) == before


@pytest.mark.parametrize("chosen", [(), ("--target", "shop"), PROVIDER], ids=" ".join)
def test_another_run_changes_what_its_options_say(chosen: tuple[str, ...], folder: Path) -> None:
    added(folder, *PROVIDER)
    added(folder, *chosen, "--interval", "30s", "--step-weights", "5,20")
    analysis = canary_of(folder)["spec"]["analysis"]
    assert (analysis["interval"], analysis["stepWeights"]) == ("30s", [5, 20])


def test_the_deadline_that_knative_does_not_have_is_not_written(folder: Path) -> None:
    (folder / "chartgen.yaml").write_text("add-canary: {progress-deadline: 90}\n")
    added(folder, *PROVIDER)
    assert "Seconds" not in (folder / "values.yaml").read_text() + (folder / "templates/canary.yaml").read_text()
    (folder / "templates" / "canary.yaml").unlink()
    assert chartgen("add-canary", str(folder)).stdout == "create templates/canary.yaml\n"
    assert "Seconds" not in (folder / "values.yaml").read_text()


def test_the_name_follows_the_values(tmp_path: Path) -> None:
    named = KNATIVE_SERVICE.replace("name: shop", 'name: {{ .Values.door | default "shop" | quote }}')
    folder = small_chart(tmp_path, {**KNATIVE, "templates/ksvc.yaml": named})
    added(folder, *PROVIDER)
    canary = canary_of(folder, "--set", "door=gate")
    assert (canary["metadata"]["name"], canary["spec"]["targetRef"]["name"]) == ("gate", "gate")


def test_values_that_choose_between_a_deployment_and_a_knative_service(tmp_path: Path) -> None:
    guarded = f"{{{{- if .Values.knative }}}}\n{KNATIVE_SERVICE}{{{{- end }}}}\n"
    own = {"templates/ksvc.yaml": guarded, "values.yaml": "knative: false\n"}
    folder = small_chart(tmp_path, own)
    text = (folder / "templates" / "deployment.yaml").read_text()
    (folder / "templates" / "deployment.yaml").write_text(f"{{{{- if not .Values.knative }}}}\n{text}{{{{- end }}}}\n")
    on = ("--set", "knative=true")
    assert "the chart renders no Knative Service (serving.knative.dev/v1) of its own" in refused(folder, *PROVIDER)
    assert "Add --provider knative" in refused(folder, *on)
    added(folder, *PROVIDER, *on)
    assert canary_of(folder, *on)["spec"]["targetRef"]["kind"] == "Service"
    assert chartgen("emit", str(folder)).returncode == 2


def test_all_knative_services_and_a_deployment_beside_them(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"templates/ksvc.yaml": TWO.replace("shop", "front")})
    added(folder, *PROVIDER, "--all-targets")
    added(folder, "--target", "shop")
    canaries = canary_of(folder, only=False)
    assert {each["spec"]["targetRef"]["name"]: each["spec"]["provider"] for each in canaries} == {
        "front": "knative",
        "till": "knative",
        "shop": "istio",
    }
    assert "renders 2 workloads: front, till. Choose one" in refused(
        small_chart(tmp_path / "two", {**KNATIVE, "templates/ksvc.yaml": TWO.replace("shop", "front")}), *PROVIDER
    )


def test_the_field_that_flagger_changes_is_named_for_tools_that_correct_drift(folder: Path) -> None:
    added(folder, *PROVIDER, "--delivery", "argocd")
    printed = chartgen("ignore-differences", "argocd", str(folder)).stdout
    assert "group: serving.knative.dev" in printed
    assert "- /spec/traffic" in printed


OF_THE_CHART = [
    ({}, PROVIDER, "Deployment shop can't be the target of provider knative", "Choose another --provider"),
    ({}, (*PROVIDER, "--target", "shop"), "--target shop: Deployment shop can't be", "Choose another --provider"),
    ({}, (*PROVIDER, "--all-targets"), "Deployment shop can't be the target", "Choose another --provider"),
    (KNATIVE, (), "Knative Service shop can only be the target of provider knative", "Add --provider knative"),
    (KNATIVE, ("--target", "shop", "--provider", "linkerd"), "Knative Service shop can only be", "Add --provider"),
    (KNATIVE, (*PROVIDER, "--target", "till"), "renders no Knative Service of this name", "choose one of shop"),
    (
        {**KNATIVE, "templates/ksvc.yaml": KNATIVE_SERVICE.replace("dev/v1", "dev/v1beta1")},
        PROVIDER,
        "templates/ksvc.yaml: Knative Service shop has apiVersion serving.knative.dev/v1beta1",
        "Flagger manages serving.knative.dev/v1 only. Change it there",
    ),
    (
        {**KNATIVE, "templates/ksvc.yaml": f"{KNATIVE_SERVICE}  traffic: [{{latestRevision: true, percent: 100}}]\n"},
        PROVIDER,
        "templates/ksvc.yaml: Knative Service shop sets spec.traffic, in which Flagger writes the weights",
        "Remove it: without it, Knative sends all requests to the latest revision",
    ),
]


@pytest.mark.parametrize(("files", "options", "problem", "way_on"), OF_THE_CHART)
def test_a_chart_that_does_not_fit_the_provider(
    files: dict[str, str | None], options: tuple[str, ...], problem: str, way_on: str, tmp_path: Path
) -> None:
    told = refused(small_chart(tmp_path, files), *options)
    assert problem in told
    assert way_on in told


OF_THE_OPTIONS = {
    ("--strategy", "blue-green"): "Knative's proxy, which sends none to the new revision before its promotion",
    ("--iterations", "3"): "Use --strategy canary",
    ("--strategy", "ab", "--match-header", "a=b"): "provider knative ignores matches",
    ("--strategy", "mirror"): "provider knative can't mirror requests",
    ("--session-affinity", "v"): "--session-affinity has no effect with provider knative",
    ("--load-test",): "Add --load-test-url http://NAME.NAMESPACE/",
    ("--service", "shop"): "--service has no effect with provider knative: Knative itself creates the Services",
    ("--keep-service",): "--keep-service has no effect",
    ("--keep-replicas",): "--keep-replicas has no effect with provider knative: Knative itself scales the pods",
    ("--progress-deadline", "60"): "Flagger waits for a revision without a deadline",
    ("--api-version", "v1alpha3"): "needs --api-version v1beta1: no Flagger that serves v1alpha3 has it",
    ("--route", "shop"): "--route has no effect with provider knative",
}


@pytest.mark.parametrize("options", OF_THE_OPTIONS, ids=" ".join)
def test_options_that_knative_does_not_have(options: tuple[str, ...], folder: Path) -> None:
    assert OF_THE_OPTIONS[options] in refused(folder, *PROVIDER, *options)


def test_an_acceptance_test_cannot_reach_the_new_revision(folder: Path) -> None:
    test = ("--acceptance-test", "curl -f http://shop.jx-production/")
    assert "tests the old version; remove the hook" in refused(folder, *PROVIDER, *test)
    told = added(folder, *PROVIDER, "--acceptance-test", "./smoke.sh")
    assert "note: --acceptance-test runs before the first step, when Knative sends all requests to the old" in told


def test_hosts_and_gateways_are_not_written(folder: Path) -> None:
    told = added(folder, *PROVIDER, "--host", "a.example.com", "--gateway", "a/b")
    assert "note: --host is not written: Knative's own routes and DomainMappings have the hosts" in told
    assert "note: --gateway is not written: provider knative ignores it" in told
    assert "a.example.com" not in (folder / "values.yaml").read_text()


def test_a_shell_completes_the_knative_service(folder: Path) -> None:
    assert completed(f"chartgen add-canary {folder} --target ").split() == ["shop"]
