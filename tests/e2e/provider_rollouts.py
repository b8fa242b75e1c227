"""One release for each provider of add-canary: initialized, then one new version, with the routes that Flagger writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
from tests.e2e.answers import Script
from tests.e2e.charts import INTERVAL, add_canary, create
from tests.e2e.release import PRODUCTION, Release

if TYPE_CHECKING:
    from tests.e2e.client import JsonObject
    from tests.e2e.plane import Plane

_WEIGHTS = ("--max-weight", "50", "--step-weight", "50")
OPTIONS = {
    "appmesh": (*_WEIGHTS, "--mesh-name", "global"),
    "gatewayapi:v1": (*_WEIGHTS, "--gateway", "web/public"),
    "gatewayapi:v1beta1": (*_WEIGHTS, "--gateway", "web/public"),
    "kubernetes": ("--iterations", "2"),
}
_INGRESS = ("nginx", "skipper")
_APISIX_ROUTE = """apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata:
  name: {{ include "web.fullname" . }}
spec:
  http:
    - name: all
      match: {paths: ["/*"]}
      backends:
        - serviceName: {{ include "web.fullname" . }}
          servicePort: {{ .Values.service.port }}
"""


@dataclass(slots=True)
class Rollout:
    """What one release did: its phase once initialized, the object with the weights then, and Flagger's events."""

    release: Release
    phase: str | None
    route: JsonObject | None
    events: list[str]


def play(plane: Plane, helm: str, provider: str) -> Rollout:
    """The chart of `helm create` with a canary for `provider`, installed, then upgraded to a new version."""
    plane.client.ensure_namespace(PRODUCTION)
    name = f"by-{provider.replace(':', '-')}"
    chart = create(plane.folder / "charts" / name, "helm-create", helm)
    values = {"nameOverride": name}
    if provider in _INGRESS:
        values |= {"ingress.enabled": "true", r"ingress.annotations.example\.test/by": provider}
    if provider == "apisix":
        (chart / "templates" / "route.yaml").write_text(_APISIX_ROUTE)
    given = [word for key, value in values.items() for word in ("--set", f"{key}={value}")]
    own = OPTIONS.get(provider, _WEIGHTS)
    add_canary(chart, "--provider", provider, "--interval", INTERVAL, "--threshold", "2", *own, *given)
    plane.answers.register(Script(canary=name, target=name))
    release = Release(plane, helm, chart, name, name, service=name, values=values)
    release.upgrade(image__tag="v1")
    release.wait_for_event("Initialization done!")
    phase, route, begun = release.phase(), _route(release, provider), len(release.events)
    release.upgrade(image__tag="v2")
    release.wait_for_event("Promotion completed!", "Canary failed!", since=begun, within=300)
    return Rollout(release, phase, route, release.texts(begun))


def shared_gateway(plane: Plane, helm: str) -> list[tuple[str, str | None]]:
    """Two releases whose charts write one Gateway: after each step, the step and the release that owns the Gateway."""
    owners: list[tuple[str, str | None]] = []
    namespace = f"edge-{helm[5:6]}"
    for each in (PRODUCTION, namespace):
        plane.client.ensure_namespace(each)
    options = ("--host", "web.example.test", "--gateway", f"{namespace}/public", "--with-gateway")
    for name in (f"door-a-{helm[5:6]}", f"door-b-{helm[5:6]}"):
        chart = create(plane.folder / "charts" / name, "helm-create", helm)
        add_canary(chart, "--interval", INTERVAL, *options)
        release = Release(plane, helm, chart, name, name, service=name, values={"nameOverride": name})
        for step in ("install", "upgrade"):
            release.upgrade(image__tag=step)
            owners.append((step, _owner(plane, namespace)))
    release.uninstall()
    return [*owners, ("uninstall of the second", _owner(plane, namespace))]


def _owner(plane: Plane, namespace: str) -> str | None:
    gateway = plane.client.get("networking.istio.io/v1beta1", "Gateway", namespace, "public")
    annotations = ((gateway or {}).get("metadata") or {}).get("annotations") or {}
    return annotations.get("meta.helm.sh/release-name")


def _route(release: Release, provider: str) -> JsonObject | None:
    """The object in which Flagger writes the weights, None without one."""
    info = provider_of(provider)
    if info.route is None:
        return None
    api_version = info.apis[0].rpartition("/")[0]
    kind = "VirtualService" if provider == "appmesh" else info.route
    names = {"Ingress": f"{release.full}-canary", "ApisixRoute": f"{release.full}-{release.full}-canary"}
    if provider == "appmesh":
        # In v1beta1, Flagger names it after the host that is called.
        names[kind] = f"{release.full}.{release.namespace}"
    return release.object(api_version, kind, names.get(kind, release.full))
