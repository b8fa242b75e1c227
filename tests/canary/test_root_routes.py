"""The user's own object that must include Flagger's route is named in the closing text, or shown if there is none."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from tests.canary.small_charts import small_chart
from tests.running import chartgen

pytestmark = pytest.mark.slow

CRDS = Path(__file__).parents[2] / "schemas" / "provider-crds.json"
INCLUDE = {"includes": [{"name": "shop", "namespace": "jx-production", "conditions": [{"prefix": "/"}]}]}
SERVICES = {"services": [{"name": "shop", "kind": "TraefikService", "port": 80}]}
DELEGATE = {"delegateAction": {"ref": {"name": "shop", "namespace": "jx-production"}}}
# Provider → the kind, apiVersion and `spec` of the object to write, and Flagger's kind.
SHOWN = {
    "contour": (
        "HTTPProxy",
        "projectcontour.io/v1",
        {"virtualhost": {"fqdn": "www.example.com"}, **INCLUDE},
        "HTTPProxy",
    ),
    "traefik": (
        "IngressRoute",
        "traefik.io/v1alpha1",
        {"entryPoints": ["web"], "routes": [{"match": "Host(`www.example.com`)", "kind": "Rule", **SERVICES}]},
        "TraefikService",
    ),
    "gloo": (
        "VirtualService",
        "gateway.solo.io/v1",
        {"virtualHost": {"domains": ["www.example.com"], "routes": [{"matchers": [{"prefix": "/"}], **DELEGATE}]}},
        "RouteTable",
    ),
}
# A root object of the chart that sends requests to the Service itself, past Flagger; ENTRY is where the fix belongs.
ROOTS: dict[str, tuple[str, dict[str, Any]]] = {
    "contour": (
        "spec: {virtualhost: {fqdn: shop.test}, ENTRY}",
        {"routes": [{"services": [{"name": "shop", "port": 80}]}]},
    ),
    "traefik": (
        "spec: {routes: [{match: PathPrefix(`/`), kind: Rule, ENTRY}]}",
        {"services": [{"name": "shop", "port": 80}]},
    ),
    "gloo": (
        "spec: {virtualHost: {domains: ['*'], routes: [{matchers: [{prefix: /}], ENTRY}]}}",
        {"routeAction": {"single": {"kube": {"ref": {"name": "shop", "namespace": "jx-production"}, "port": 80}}}},
    ),
}
# Flagger's tutorials give Traefik's and Gloo's the name of the Service; Contour's is of the kind that Flagger writes.
NAMES = {"contour": "front", "traefik": "shop", "gloo": "shop"}


def said(folder: Path, provider: str, *options: str) -> tuple[str, Any]:
    """The paragraph about the root object, and its YAML; empty if there is none."""
    done = chartgen("add-canary", str(folder), "--provider", provider, *options)
    assert done.returncode == 0, done.stderr
    found = [each for each in done.stderr.split("\n\n") if each.startswith("No request reaches the canary until ")]
    if not found:
        return "", None
    first, _, text = found[0].partition("\n")
    return first, YAML(typ="safe", pure=True).load(io.StringIO(text))


def root_of(provider: str, entry: dict[str, Any]) -> str:
    kind, api_version, _, _ = SHOWN[provider]
    spec = ROOTS[provider][0].replace("ENTRY", json.dumps(entry)[1:-1])
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {NAMES[provider]}}}\n{spec}\n"


@pytest.mark.parametrize("provider", SHOWN)
def test_without_a_root_object_one_is_shown(provider: str, tmp_path: Path) -> None:
    kind, api_version, spec, child = SHOWN[provider]
    first, shown = said(small_chart(tmp_path), provider)
    assert first == (
        f"No request reaches the canary until your own {kind} includes the {child} shop that Flagger writes, for example:"
    )
    metadata = {"name": "shop-root", "namespace": "jx-production"}
    assert shown == {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}
    schemas = json.loads(CRDS.read_text())
    if kind in schemas and f"{schemas[kind]['group']}/" in api_version:
        schema = schemas[kind]["versions"][api_version.partition("/")[2]]
        assert list(Draft202012Validator(schema).iter_errors(shown)) == []


@pytest.mark.parametrize("provider", SHOWN)
def test_a_root_object_of_the_chart_is_named_until_it_includes_the_route(provider: str, tmp_path: Path) -> None:
    kind, _, _, child = SHOWN[provider]
    folder = small_chart(tmp_path / "past", {"templates/root.yaml": root_of(provider, ROOTS[provider][1])})
    first, entry = said(folder, provider)
    assert first == (
        f"No request reaches the canary until {kind} {NAMES[provider]} (templates/root.yaml) includes the {child} shop that Flagger"
        " writes:"
    )
    folder = small_chart(tmp_path / "included", {"templates/root.yaml": root_of(provider, entry)})
    assert said(folder, provider) == ("", None)


def test_the_first_host_is_in_the_example(tmp_path: Path) -> None:
    _, shown = said(small_chart(tmp_path), "traefik", "--host", "shop.brand.test")
    assert shown["spec"]["routes"][0]["match"] == "Host(`shop.brand.test`)"


def test_another_provider_in_a_second_run_names_it_again(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    assert said(folder, "linkerd") == ("", None)
    assert said(folder, "contour")[0]
    assert said(folder, "contour", "--interval", "30s")[0]
    assert chartgen("add-canary", str(folder), "--interval", "20s").stderr.count("No request reaches") == 0
