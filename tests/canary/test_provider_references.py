"""The Ingress or route that the Canary of some providers names: found in the chart, chosen, or asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.canary.small_charts import SERVICE, added, canary_of, refused, small_chart

if TYPE_CHECKING:
    from pathlib import Path

INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: front
  annotations: {proxy: "yes"}
spec:
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: shop, port: {number: 80}}}
"""
ROUTE = """apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata:
  name: front
spec:
  http:
    - name: all
      backends:
        - {serviceName: shop, servicePort: 80}
"""
ROUTES = {"nginx": ("ingressRef", INGRESS), "skipper": ("ingressRef", INGRESS), "apisix": ("routeRef", ROUTE)}
PROVIDERS = sorted(ROUTES)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_route_to_the_service_is_named(provider: str, tmp_path: Path) -> None:
    key, route = ROUTES[provider]
    folder = small_chart(tmp_path, {"templates/route.yaml": route})
    added(folder, "--provider", provider)
    assert canary_of(folder)["spec"][key]["name"] == "front"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_name_follows_the_values(provider: str, tmp_path: Path) -> None:
    key, route = ROUTES[provider]
    named = route.replace("name: front", "name: {{ .Values.door | default .Release.Name | quote }}")
    folder = small_chart(tmp_path, {"templates/route.yaml": named})
    added(folder, "--provider", provider)
    assert canary_of(folder, "--set", "door=gate")["spec"][key]["name"] == "gate"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_route_that_values_switch_on(provider: str, tmp_path: Path) -> None:
    key, route = ROUTES[provider]
    guarded = f"{{{{- if .Values.route.on }}}}\n{route}{{{{- end }}}}\n"
    files = {"templates/route.yaml": guarded, "values.yaml": "route: {on: false}\n"}
    folder = small_chart(tmp_path, files)
    assert "help: set route.on=true in values.yaml, or add --set route.on=true" in refused(
        folder, "--provider", provider
    )
    added(folder, "--provider", provider, "--set", "route.on=true")
    assert canary_of(folder, "--set", "route.on=true")["spec"][key]["name"] == "front"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_one_of_two_routes(provider: str, tmp_path: Path) -> None:
    key, route = ROUTES[provider]
    two = f"{route}---\n{route.replace('front', 'back')}---\n{route.replace('front', 'other').replace('shop', 'web')}"
    folder = small_chart(tmp_path, {"templates/route.yaml": two})
    assert "front, back\nhelp: choose one with --route NAME" in refused(folder, "--provider", provider)
    assert "called other with the backend shop" in refused(folder, "--provider", provider, "--route", "other")
    added(folder, "--provider", provider, "--route", "back")
    assert canary_of(folder)["spec"][key]["name"] == "back"


def test_no_ingress_leads_to_the_service(tmp_path: Path) -> None:
    other = INGRESS.replace("name: shop,", "name: web,")
    folder = small_chart(
        tmp_path, {"templates/route.yaml": other, "templates/other.yaml": SERVICE.replace("shop", "web")}
    )
    assert "renders no Ingress with the backend shop" in refused(folder, "--provider", "nginx")


NEEDED = [
    (["--mesh-name", "global"], "--mesh-name has no effect with provider istio"),
    (["--route", "front"], "--route has no effect with provider istio"),
    (["--provider", "appmesh"], "Add --mesh-name NAME, or use appmesh:v1beta2"),
    (["--provider", "gatewayapi"], "Add --gateway NAMESPACE/NAME"),
    (["--provider", "gatewayapi", "--gateway", "public"], "the Gateway API needs the namespace, too"),
]


@pytest.mark.parametrize(("options", "message"), NEEDED, ids=[" ".join(options) for options, _ in NEEDED])
def test_options_that_the_provider_needs(options: list[str], message: str, tmp_path: Path) -> None:
    assert message in refused(small_chart(tmp_path), *options)


UNWRITTEN = [
    ("nginx", "--host", "provider nginx takes the hosts of the Ingress"),
    ("contour", "--host", "the object that includes Flagger's HTTPProxy has the hosts"),
    ("kubernetes", "--host", "provider kubernetes has no routes"),
    ("linkerd", "--host", "the TrafficSplit of provider linkerd would name the host instead of the Service"),
    ("traefik", "--gateway", "provider traefik ignores it"),
]


@pytest.mark.parametrize(("provider", "option", "reason"), UNWRITTEN)
def test_an_option_that_the_provider_ignores_is_named_and_not_written(
    provider: str, option: str, reason: str, tmp_path: Path
) -> None:
    folder = small_chart(tmp_path, {"templates/route.yaml": INGRESS} if provider == "nginx" else {})
    assert f"note: {option} is not written: {reason}" in added(folder, "--provider", provider, option, "a.example.com")
    assert "a.example.com" not in (folder / "values.yaml").read_text()


def test_gateways_of_the_gateway_api(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--provider", "gatewayapi", "--gateway", "web/public", "--host", "shop.example.com")
    spec = canary_of(folder)["spec"]
    assert spec["provider"] == "gatewayapi:v1"
    assert spec["service"]["gatewayRefs"] == [{"name": "public", "namespace": "web"}]
    assert spec["service"]["hosts"] == ["shop.example.com"]
    assert "gateways" not in spec["service"]


def test_the_name_of_the_mesh(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--provider", "appmesh", "--mesh-name", "global")
    assert canary_of(folder)["spec"]["service"]["meshName"] == "global"
