"""Another run with `--provider`: no metric is left that the new provider can't answer, and the run says what it did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.canary.builtin_metrics import OF_APPLICATION, queries_application
from chartgen.canary.existing import ExistingCanary
from chartgen.canary.files import values_block
from chartgen.canary.options import AddCanaryOptions
from chartgen.canary.provider_change import with_answerable_metrics
from chartgen.canary.slots import FIRST
from chartgen.cli.choices import ADD_CANARY_PROVIDERS
from chartgen.edits.yaml_undo import add_block
from chartgen.rules.reading.protocols import DURATION, SUCCESS_RATE
from tests.canary.small_charts import SERVICE, added, canary_of, small_chart
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.helm.engine import Engine

BUILTIN = (SUCCESS_RATE, DURATION)
# Those of one kind of workload can follow one another.
ONE_KIND = [provider for provider in ADD_CANARY_PROVIDERS if provider != "knative"]


def of(provider: str, *, given: bool = False) -> AddCanaryOptions:
    options = AddCanaryOptions(provider=provider, given=frozenset({"--provider"} if given else ()))
    return AddCanaryOptions(provider=provider, given=options.given, metrics=measured(options))


def measured(options: AddCanaryOptions) -> tuple[str, ...]:
    """The builtin metrics of an HTTP port."""
    return () if queries_application(options) else BUILTIN


@pytest.mark.parametrize("former", ONE_KIND)
def test_every_pair_of_providers(former: str, engine: Engine) -> None:
    data = add_block(b"other: 1\n", FIRST.key, values_block(of(former)))
    block = engine.read_yaml(data.decode())[FIRST.key]
    for new in (each for each in ONE_KIND if each != former):
        changed, notes = with_answerable_metrics(engine, data, ExistingCanary(FIRST, block, ""), of(new, given=True))
        if measured(of(former)) == measured(of(new)):
            assert (changed, notes) == (data, ())
            continue
        after = engine.read_yaml(changed.decode())[FIRST.key]
        analysis = {**after["canaryAnalysis"], "metrics": None}
        names = [metric["name"] for metric in after["canaryAnalysis"]["metrics"]]
        assert (names, bool(notes)) == (list(measured(of(new))), True)
        assert not (names and "no builtin metric" in changed.decode())
        assert {**after, "canaryAnalysis": analysis} == {
            **block,
            "canaryAnalysis": {**block["canaryAnalysis"], "metrics": None},
        }


def metrics_of(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = canary_of(folder)["spec"]["analysis"].get("metrics", [])
    return found


def edited(folder: Path, *pairs: tuple[str, str]) -> None:
    values = folder / "values.yaml"
    text = values.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    values.write_text(text)


@pytest.mark.slow
@pytest.mark.parametrize("new", [["kubernetes"], ["gatewayapi", "--gateway", "web/public"]], ids=lambda new: new[0])
def test_metrics_of_the_application_are_replaced_by_a_request_and_come_back(new: list[str], tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder)
    edited(folder, ("min: 99\n", "min: 99.9\n"))
    told = added(folder, "--provider", *new)
    assert "note: request-success-rate was removed from canary.canaryAnalysis.metrics: for provider" in told
    assert "Its limit was your own (min 99.9): --metric-template writes a metric with it" in told
    assert told.count("Its limit was your own") == 1
    assert "note: smoke-test, a request to / of the new version, was added" in told
    assert metrics_of(folder) == []
    found = json.loads(chartgen("lint", str(folder), "--format", "json").stdout)["findings"]
    assert [each["rule"] for each in found if each["severity"] != "info"] == []
    told = added(folder, "--provider", "linkerd")
    assert "request-success-rate and request-duration were added to canary.canaryAnalysis.metrics" in told
    assert [each["name"] for each in metrics_of(folder)] == list(BUILTIN)


@pytest.mark.slow
def test_metrics_that_the_application_has_are_kept_on_request(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder)
    told = added(folder, "--provider", "kubernetes", "--accept", OF_APPLICATION)
    assert "was removed" not in told
    assert [each["name"] for each in metrics_of(folder)] == list(BUILTIN)


@pytest.mark.slow
def test_a_metric_of_the_team_stays_and_its_foreign_query_is_named(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    query = 'sum(rate(istio_requests_total{response_code="500"}[1m]))'
    added(folder, "--metric-template", f"errors={query}", "--metric-range", "errors=..5")
    told = added(folder, "--provider", "kubernetes")
    assert "note: the query of errors asks for istio_requests_total, which provider istio counts" in told
    assert "smoke-test" not in told
    (canary, template) = sorted(canary_of(folder, only=False), key=lambda each: str(each["kind"]))
    assert [each["name"] for each in canary["spec"]["analysis"]["metrics"]] == ["errors"]
    assert template["spec"]["query"] == query


@pytest.mark.slow
def test_a_metric_that_measures_another_protocol_only(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"templates/service.yaml": SERVICE.replace("name: http", "name: grpc")})
    added(folder, "--provider", "linkerd")
    assert [each["name"] for each in metrics_of(folder)] == list(BUILTIN)
    edited(folder, ("    - name: request-success-rate\n", "    # what we promise\n    - name: request-success-rate\n"))
    told = added(folder, "--provider", "istio")
    assert "request-success-rate was removed" in told
    assert "provider istio can't measure the protocol of this port" in told
    assert [each["name"] for each in metrics_of(folder)] == [DURATION]
    assert (
        "    # what we promise\n    - name: request-duration\n      # maximum" in (folder / "values.yaml").read_text()
    )


@pytest.mark.slow
def test_metrics_that_cannot_be_edited_stop_the_run(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder)
    text = (folder / "values.yaml").read_text()
    head, _, tail = text.partition("    metrics:\n")
    items = "\n".join(line.removeprefix("  ") for line in tail.splitlines())
    (folder / "values.yaml").write_text(f"usual: &usual\n{items}\n{head}    metrics: *usual\n")
    assert chartgen("add-canary", str(folder)).returncode == 0
    before = (folder / "values.yaml").read_text()
    done = chartgen("add-canary", str(folder), "--provider", "kubernetes")
    assert done.returncode == 2
    assert "--provider: values.yaml: canary.canaryAnalysis.metrics is shared through a YAML anchor" in done.stderr
    assert "change these metrics by hand" in done.stderr
    assert (folder / "values.yaml").read_text() == before
