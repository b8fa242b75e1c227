"""Another run with other Gateways, or with a provider that reads others: the chart is as a first run would leave it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.canary.small_charts import added, canary_of, refused, small_chart

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

HOST = ("--host", "foo.brand.test")
API = ("--provider", "gatewayapi", "--with-gateway", "--gateway-class", "istio")
ISTIO_GATEWAYS = ["jx-gateway.istio-system.svc.cluster.local", "mesh"]
OWN_OF_ISTIO = "doesn't render it: kubectl get gateways.networking.istio.io jx-gateway --namespace istio-system"


def block_of(folder: Path) -> dict[str, Any]:
    block: dict[str, Any] = YAML(typ="safe").load((folder / "values.yaml").read_text())["canary"]
    return block


def edit(folder: Path, old: str, new: str) -> None:
    values = folder / "values.yaml"
    assert old in values.read_text()
    values.write_text(values.read_text().replace(old, new))


@pytest.mark.parametrize("docs", [(), ("--helm-docs",)], ids=["plain", "helm-docs"])
def test_from_the_gateway_api_to_istio(docs: tuple[str, ...], tmp_path: Path) -> None:
    folder, fresh = small_chart(tmp_path / "shop"), small_chart(tmp_path / "fresh")
    added(folder, *API, *docs)
    output = added(folder, "--provider", "istio", *HOST)
    added(fresh, *HOST)
    service = canary_of(folder)["spec"]["service"]
    assert (service, service["gateways"]) == (canary_of(fresh)["spec"]["service"], ISTIO_GATEWAYS)
    assert set(block_of(folder)) == set(block_of(fresh))
    assert "Gateways of the Gateway API" not in (folder / "values.yaml").read_text()
    assert "note: canary.gatewayApiGateways was removed, which provider istio doesn't read" in output
    assert "Before you deploy this change:\n  1. Gateway jx-gateway must exist in namespace istio-system" in output
    assert OWN_OF_ISTIO in output


def test_from_the_gateway_api_to_a_named_gateway_of_istio(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *API)
    added(folder, "--provider", "istio", *HOST, "--gateway", "edge/public", "--gateway", "mesh")
    assert block_of(folder)["service"]["gateways"] == ["edge/public", "mesh"]


def test_from_istio_to_the_gateway_api(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *HOST, "--with-gateway")
    assert "needs the Gateway for its HTTPRoute. Add --gateway" in refused(folder, "--provider", "gatewayapi")
    output = added(folder, *API)
    block = block_of(folder)
    assert ("istioGateways" in block, block["gatewayApiGateways"]["gateway"]["spec"]["gatewayClassName"]) == (
        False,
        "istio",
    )
    assert (block["service"].get("gateways"), block["service"]["gatewayRefs"]) == (None, [{"name": "gateway"}])
    assert "1. GatewayClass istio must exist on the cluster" in output


def test_a_provider_that_names_no_gateway(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *HOST, "--with-gateway")
    assert "must exist" not in added(folder, "--provider", "linkerd")
    assert "istioGateways" not in block_of(folder)


EDITS = [("port: 80\n", "port: 8080\n"), ("    gateway:\n", "    gateway: # of the whole team\n")]


@pytest.mark.parametrize(("old", "new"), EDITS, ids=["setting", "comment"])
def test_a_gateway_that_the_team_edited_is_not_removed(old: str, new: str, tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *API)
    edit(folder, old, new)
    said = refused(folder, "--provider", "istio", *HOST)
    assert "--provider: canary.gatewayApiGateways.gateway has settings of your own, and provider istio doesn't" in said
    assert "Remove it, and run again" in said
    values = folder / "values.yaml"
    values.write_text(values.read_text().partition("  gatewayApiGateways:")[0])
    added(folder, "--provider", "istio", *HOST)
    assert block_of(folder)["service"]["gateways"] == ISTIO_GATEWAYS


def test_a_gateway_within_a_line_is_not_removed(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *API)
    (folder / "values.yaml").write_text(json.dumps({"canary": block_of(folder)}))
    said = refused(folder, "--provider", "istio", *HOST)
    assert "--provider: values.yaml: canary.gatewayApiGateways has no lines of its own" in said
    assert "edit values.yaml by hand, or leave the option out" in said


def test_the_class_alone_changes_and_the_teams_edits_stay(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *API)
    edit(folder, "port: 80\n", "port: 8080\n")
    for options in (("--gateway-class", "envoy"), ("--with-gateway", "--gateway-class", "nginx")):
        output = added(folder, *options)
        assert f"GatewayClass {options[-1]} must exist on the cluster" in output
        spec = block_of(folder)["gatewayApiGateways"]["gateway"]["spec"]
        assert (spec["gatewayClassName"], spec["listeners"][0]["port"]) == (options[-1], 8080)
    assert "must exist" not in added(folder, "--interval", "30s")


def test_the_class_needs_a_gateway_of_the_chart(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--provider", "gatewayapi", "--gateway", "edge/public")
    assert "the Gateway API's Gateway. Add --with-gateway\n" in refused(folder, "--gateway-class", "envoy")


def test_gateways_of_the_gateway_api_are_replaced(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *API)
    output = added(folder, "--gateway", "edge/x", "--gateway", "web/x")
    wanted = [{"name": "x", "namespace": "edge"}, {"name": "x", "namespace": "web"}]
    assert block_of(folder)["service"]["gatewayRefs"] == wanted
    assert "note: the chart still renders Gateway gateway: if nothing uses it, remove" in output
    assert "1. Gateway x must exist in namespace edge, and the chart doesn't render it" in output
    edit(folder, "      namespace: web\n", "      namespace: web # ours\n      sectionName: https\n")
    output = added(folder, "--gateway", "web/x")
    assert block_of(folder)["service"]["gatewayRefs"] == [{**wanted[1], "sectionName": "https"}]
    assert "namespace: web # ours" in (folder / "values.yaml").read_text()


def test_a_gateway_of_the_chart_need_not_exist_elsewhere(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *HOST, "--gateway", "edge/public", "--with-gateway")
    assert "must exist" not in added(folder, "--host", "other.brand.test")
    assert "1. Gateway own must exist in namespace jx-production" in added(folder, "--gateway", "own")


def test_the_gateway_of_an_earlier_run_is_added_to_the_chart(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *HOST, "--gateway", "edge/public")
    added(folder, "--with-gateway")
    assert list(block_of(folder)["istioGateways"]) == ["public"]


def test_names_in_the_values_that_no_option_would_accept_stay(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *HOST, "--gateway", "edge/public")
    edit(folder, "foo.brand.test", "CHANGE_ME")
    edit(folder, "edge/public", "CHANGE_ME/public")
    added(folder, "--threshold", "3")
    service = block_of(folder)["service"]
    assert (service["hosts"], service["gateways"]) == (["CHANGE_ME"], ["CHANGE_ME/public"])
