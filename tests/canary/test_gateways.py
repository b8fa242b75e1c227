"""The Gateways that the Canary names: written with --with-gateway, else named as what must exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.canary.small_charts import added, helm_template, refused, small_chart
from tests.canary.test_whole_charts import files_of
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

HOST = ("--host", "shop.brand.test")
API = ("--provider", "gatewayapi", "--with-gateway")
CLASS = ("--gateway-class", "istio")
GATEWAY = """apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
"""


def gateways_of(helm: Path, folder: Path, *options: str) -> dict[tuple[str, str], Any]:
    rendered = YAML(typ="safe").load_all(helm_template(helm, folder, *options))
    return {
        (each["metadata"]["namespace"], each["metadata"]["name"]): each["spec"]
        for each in rendered
        if each and each["kind"] == "Gateway"
    }


def test_the_gateway_of_the_canary_is_written(helm_binary: Path, tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    before = files_of(folder)
    assert "must exist" not in added(folder, *HOST, "--with-gateway")
    assert gateways_of(helm_binary, folder) == {
        ("istio-system", "jx-gateway"): {
            "selector": {"istio": "ingressgateway"},
            "servers": [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}],
        }
    }
    assert gateways_of(helm_binary, folder, "--set", "canary.enable=false") == {}
    done = chartgen("lint", str(folder))
    assert "0 errors, 0 warnings" in done.stderr, done.stdout
    assert chartgen("remove-canary", str(folder)).returncode == 0
    assert files_of(folder) == before


@pytest.mark.parametrize("delivery", ["helm", "argocd"])
def test_the_gateway_that_the_options_name(delivery: str, helm_binary: Path, tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    options = ["--gateway", "edge/public", "--gateway", "own", "--gateway", "mesh", "--delivery", delivery]
    added(folder, *HOST, *options, "--with-gateway")
    assert set(gateways_of(helm_binary, folder)) == {("edge", "public"), ("jx-production", "own")}
    assert ("lookup" in (folder / "templates" / "canary.yaml").read_text()) is (delivery == "helm")


def test_another_run_adds_the_gateway(helm_binary: Path, tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *HOST)
    assert gateways_of(helm_binary, folder) == {}
    added(folder, *HOST, "--with-gateway")
    assert set(gateways_of(helm_binary, folder)) == {("istio-system", "jx-gateway")}


def test_a_gateway_of_the_chart_is_not_written_again(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"templates/gateway.yaml": GATEWAY})
    said = refused(folder, *HOST, "--gateway", "edge/public", "--with-gateway")
    assert "the chart already renders the Gateway edge/public\nhelp: leave --with-gateway out" in said
    assert "must exist" not in added(folder, *HOST, "--gateway", "edge/public")


def listeners(**of_the_first: Any) -> list[dict[str, Any]]:
    return [{"name": "http", "port": 80, "protocol": "HTTP", **of_the_first}]


FROM_ALL = {"allowedRoutes": {"namespaces": {"from": "All"}}}
# The options, the place of the Gateway, the reference of the Canary, and what the listener admits beside its namespace.
API_GATEWAYS = [
    ((), ("jx-production", "gateway"), {"name": "gateway"}, {}),
    (("--gateway", "jx-production/own"), ("jx-production", "own"), {"name": "own", "namespace": "jx-production"}, {}),
    (("--gateway", "edge/public"), ("edge", "public"), {"name": "public", "namespace": "edge"}, FROM_ALL),
    (
        ("--gateway", "jx-production/own", "--namespace", "jx-production", "--namespace", "other"),
        ("jx-production", "own"),
        {"name": "own", "namespace": "jx-production"},
        FROM_ALL,
    ),
]


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
@pytest.mark.parametrize(("options", "place", "reference", "admits"), API_GATEWAYS)
def test_the_gateway_of_the_gateway_api_is_written(
    options: tuple[str, ...], place: tuple[str, str], reference: dict[str, str], admits: dict[str, Any], version: str,
    helm_binary: Path, tmp_path: Path,
) -> None:  # fmt: skip
    folder = small_chart(tmp_path)
    before = files_of(folder)
    provider = ("--provider", f"gatewayapi:{version}")
    added(folder, *provider, "--with-gateway", *CLASS, *options)
    wanted = {place: {"gatewayClassName": "istio", "listeners": listeners(**admits)}}
    assert gateways_of(helm_binary, folder) == wanted
    template = helm_template(helm_binary, folder)
    assert f"apiVersion: gateway.networking.k8s.io/{version}\nkind: Gateway\n" in template
    canary = next(each for each in YAML(typ="safe").load_all(template) if each and each["kind"] == "Canary")
    assert canary["spec"]["service"]["gatewayRefs"] == [reference]
    done = chartgen("lint", str(folder))
    assert "0 errors, 0 warnings" in done.stderr, done.stdout
    assert chartgen("add-canary", str(folder), "--check").returncode == 0
    assert chartgen("remove-canary", str(folder)).returncode == 0
    assert files_of(folder) == before


def test_another_run_changes_the_gateway_class(helm_binary: Path, tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--provider", "gatewayapi", "--gateway", "edge/public")
    added(folder, "--with-gateway", *CLASS)
    assert gateways_of(helm_binary, folder)["edge", "public"]["gatewayClassName"] == "istio"
    added(folder, "--with-gateway", "--gateway-class", "nginx")
    assert gateways_of(helm_binary, folder)["edge", "public"]["gatewayClassName"] == "nginx"


def test_a_gateway_of_istio_is_another_one(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"templates/gateway.yaml": GATEWAY})
    added(folder, *API, *CLASS, "--gateway", "edge/public")


NEEDED = [
    (HOST, "Gateway jx-gateway must exist in namespace istio-system, and the chart doesn't render it: kubectl get"),
    (HOST, "gateways.networking.istio.io jx-gateway --namespace istio-system; --with-gateway adds it to the chart"),
    ((*HOST, "--gateway", "own"), "Gateway own must exist in namespace jx-production"),
    (
        ("--provider", "gatewayapi", "--gateway", "web/public"),
        "public --namespace web; --with-gateway --gateway-class NAME adds it to the chart\n",
    ),
    ((*API, *CLASS), "GatewayClass istio must exist on the cluster: kubectl get gatewayclasses istio\n"),
]


@pytest.mark.parametrize(("options", "step"), NEEDED)
def test_a_gateway_outside_the_chart_is_a_step(options: tuple[str, ...], step: str, tmp_path: Path) -> None:
    done = chartgen("add-canary", str(small_chart(tmp_path)), *options)
    assert step in done.stderr


IMPOSSIBLE = [
    ([], "--with-gateway needs the host names that users call. Add --host NAME"),
    (
        ["--provider", "gatewayapi", "--gateway", "web/public"],
        "for which there is no default. Add --gateway-class NAME",
    ),
    (["--provider", "gatewayapi", "--gateway-class", "A b"], "--gateway-class 'A b' is not a valid name"),
    ([*HOST, "--gateway-class", "istio"], "Add --provider gatewayapi and --with-gateway"),
    (["--provider", "linkerd"], "provider linkerd doesn't read: remove it"),
    ([*HOST, "--api-version", "v1alpha2"], "--with-gateway needs --api-version v1beta1"),
    ([*HOST, "--gateway", "a/web", "--gateway", "b/web"], "two gateways are called web"),
]


@pytest.mark.parametrize(("options", "message"), IMPOSSIBLE, ids=[" ".join(options) for options, _ in IMPOSSIBLE])
def test_options_that_do_not_go_with_it(options: list[str], message: str, tmp_path: Path) -> None:
    assert message in refused(small_chart(tmp_path), "--with-gateway", *options)


MESH = "note: without the gateway `mesh`, calls from inside the mesh always reach the old version: "
WITHOUT_MESH = [
    ((*HOST, "--gateway", "a/b"), "to send them through the canary, run again with --gateway a/b --gateway mesh"),
    (("--gateway", "a/b", "--gateway", "c"), "run again with --gateway a/b --gateway c --gateway mesh"),
    (("--host", "*"), "Istio rejects the host * there, so name the hosts to change that"),
]


@pytest.mark.parametrize(("options", "way_on"), WITHOUT_MESH, ids=["one", "two", "any host"])
def test_gateways_without_the_mesh_are_written_as_given_and_said_to_leave_calls_inside_it_out(
    options: tuple[str, ...], way_on: str, tmp_path: Path
) -> None:
    told = added(small_chart(tmp_path), *options)
    (note,) = [line for line in told.splitlines() if line.startswith(MESH)]
    assert way_on in note
    gateways = (tmp_path / "values.yaml").read_text().partition("gateways:")[2].partition("canaryAnalysis")[0]
    assert "mesh" not in gateways


def test_the_way_on_for_calls_inside_the_mesh(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    told = added(folder, *HOST, "--gateway", "a/b")
    options = told.partition("through the canary, run again with ")[2].splitlines()[0].split()
    assert "gateways-without-mesh" in told
    again = added(folder, *options)
    assert MESH not in again
    # The hosts of the first run count.
    assert "without --host" not in again
    assert "gateways-without-mesh" not in chartgen("lint", str(folder)).stdout
    assert MESH in added(folder, "--gateway", "a/b")
    assert MESH not in added(folder, "--interval", "30s")


@pytest.mark.parametrize("options", [(), HOST, (*HOST, "--gateway", "a/b", "--gateway", "mesh")], ids=" ".join)
def test_calls_inside_the_mesh_need_no_note_by_default(options: tuple[str, ...], tmp_path: Path) -> None:
    assert MESH not in added(small_chart(tmp_path), *options)
