"""What the Canaries of some providers need around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.knative import API as KNATIVE

if TYPE_CHECKING:
    from tests.e2e.client import JsonObject


def reference(manifest: JsonObject) -> JsonObject:
    return {key: manifest[key] for key in ("apiVersion", "kind")} | {"name": manifest["metadata"]["name"]}


def knative_service(namespace: str, name: str) -> JsonObject:
    template = {
        "metadata": {"annotations": {"version": "1"}},
        "spec": {"containers": [{"image": "registry.test/app:1"}]},
    }
    return _object(KNATIVE, "Service", namespace, name, {"template": template})


def apisix_route(namespace: str, name: str, apex: str) -> JsonObject:
    """The users' route to the app."""
    entry = {"name": "app", "match": {"paths": ["/*"]}, "backends": [{"serviceName": apex, "servicePort": 80}]}
    return _object("apisix.apache.org/v2", "ApisixRoute", namespace, name, {"http": [entry]})


def upstream(namespace: str, name: str) -> JsonObject:
    return _object("gloo.solo.io/v1", "Upstream", namespace, name, {"circuitBreakers": {"maxConnections": 100}})


def _object(api_version: str, kind: str, namespace: str, name: str, spec: JsonObject) -> JsonObject:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}
