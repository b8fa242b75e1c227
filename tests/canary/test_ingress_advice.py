"""The way on for a chart whose Ingress bypasses the mesh: the provider that splits the traffic there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.canary.small_charts import added, canary_of, refused, small_chart
from tests.canary.test_provider_references import INGRESS
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

RULE = "ingress-in-front-is-not-in-mesh"
OTHER_ROUTES = {
    "contour": """apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: front}
spec:
  virtualhost: {fqdn: shop.example.com}
  includes: [{name: shop}]
""",
    "traefik": """apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: front}
spec:
  routes:
    - kind: Rule
      match: Host(`shop.example.com`)
      services: [{kind: TraefikService, name: shop}]
""",
}


def of_class(name: str, ingress: str = INGRESS) -> dict[str, str | None]:
    return {"templates/route.yaml": ingress.replace("spec:\n", f"spec:\n  ingressClassName: {name}\n", 1)}


@pytest.mark.parametrize("provider", ["nginx", "skipper"])
@pytest.mark.parametrize("mesh", ["istio", "linkerd"])
def test_the_provider_that_copies_the_ingress(provider: str, mesh: str, tmp_path: Path) -> None:
    folder = small_chart(tmp_path, of_class(provider))
    told = refused(folder, "--provider", mesh)
    way_on = f"Ingress front has the class {provider}: try --provider {provider}, where Flagger copies it"
    assert (RULE in told, way_on in told) == (True, True)
    added(folder, "--provider", provider)
    assert canary_of(folder)["spec"]["ingressRef"]["name"] == "front"


@pytest.mark.parametrize("provider", sorted(OTHER_ROUTES))
def test_the_provider_whose_route_replaces_the_ingress(provider: str, tmp_path: Path) -> None:
    folder = small_chart(tmp_path, of_class(provider))
    assert f"try --provider {provider}, where Flagger writes the" in refused(folder)
    (folder / "templates" / "route.yaml").write_text(OTHER_ROUTES[provider])
    added(folder, "--provider", provider)
    found = json.loads(chartgen("lint", str(folder), "--format", "json").stdout)["findings"]
    assert [each["rule"] for each in found if each["severity"] != "info"] == []


def test_the_class_in_an_annotation(tmp_path: Path) -> None:
    old = INGRESS.replace('{proxy: "yes"}', "{kubernetes.io/ingress.class: nginx}")
    assert "try --provider nginx" in refused(small_chart(tmp_path, {"templates/route.yaml": old}))


NO_WAY = {
    "another controller": of_class("kong"),
    "nginx.org": of_class("nginx", INGRESS.replace("{proxy:", "{nginx.org/mergeable-ingress-type: master, proxy:")),
    "only a default backend": of_class(
        "nginx",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: front}\nspec:\n"
        "  defaultBackend: {service: {name: shop, port: {number: 80}}}\n",
    ),
}


@pytest.mark.parametrize("files", NO_WAY.values(), ids=NO_WAY)
def test_no_provider_is_named_that_may_not_help(files: dict[str, str | None], tmp_path: Path) -> None:
    told = refused(small_chart(tmp_path, files))
    assert RULE in told
    assert "try --provider" not in told
