"""One release for each provider of add-canary: initialized, then one new version, with the routes that Flagger writes."""

from __future__ import annotations

import json
import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.canary.knative_steps import steps_off
from chartgen.flagger.providers import provider_of
from tests.e2e.answers import Script
from tests.e2e.charts import INTERVAL, add_canary, create
from tests.e2e.knative import Knative
from tests.e2e.release import PRODUCTION, Release

if TYPE_CHECKING:
    from collections.abc import Iterator

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

# With the name and resources that Knative's webhook defaults: Flagger's Go types write them in any case, and where they
# change a container, Helm 4 sees a conflict with Flagger.
_KNATIVE_SERVICE = """apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: {{ include "web.fullname" . }}
spec:
  template:
    metadata:
      annotations:
        version: {{ .Values.image.tag | quote }}
    spec:
      containers:
        - image: "registry.test/app:{{ .Values.image.tag }}"
          name: user-container
          resources: {}
"""
_KNATIVE = ("serving.knative.dev/v1", "Service")
# The templates of `helm create` that a Knative Service replaces.
_OF_PODS = ("deployment.yaml", "service.yaml", "hpa.yaml", "ingress.yaml", "httproute.yaml", "tests")


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


def knative(plane: Plane, helm: str) -> tuple[Rollout, list[list[int]]]:
    """`play` for a Knative Service, then the printed steps that take the canary away.

    Also the percentages of `status.traffic` by revision: with the canary on, of one more version once it is off, and
    after the last step.
    """
    name = namespace = f"revised-{helm[5]}"
    plane.client.ensure_namespace(namespace)
    chart = create(plane.folder / "charts" / name, "helm-create", helm)
    for path in _OF_PODS:
        old = chart / "templates" / path
        shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
    (chart / "templates" / "ksvc.yaml").write_text(_KNATIVE_SERVICE)
    place = ("--namespace", namespace)
    add_canary(chart, "--provider", "knative", "--interval", INTERVAL, "--threshold", "2", *place, *_WEIGHTS)
    plane.answers.register(Script(canary=name, target=name))
    values = {"nameOverride": name}
    release = Release(plane, helm, chart, name, name, service=name, namespace=namespace, values=values)
    controllers = Knative(plane.client, namespace)
    controllers.start()
    try:
        release.upgrade(image__tag="v1", canary__enable="false")
        release.wait("first revision", lambda: _traffic(release) == [100])
        release.upgrade(canary__enable="true")
        release.wait_for_event("Initialization done!")
        phase, route, begun = release.phase(), release.object(*_KNATIVE), len(release.events)
        release.upgrade(image__tag="v2")
        release.wait_for_event("Promotion completed!", "Canary failed!", since=begun, within=300)
        rollout = Rollout(release, phase, route, release.texts(begun))
        return rollout, list(_traffic_given_back(release))
    finally:
        controllers.stop()


def _traffic_given_back(release: Release) -> Iterator[list[int]]:
    yield _traffic(release)
    release.upgrade(canary__enable="false")
    release.upgrade(image__tag="v3")
    release.wait("third revision", lambda: _latest_ready(release).endswith("-00003"))
    yield _traffic(release)
    *_, step = steps_off(release.full, f"--namespace {release.namespace}", [])
    patch = json.loads(next(word for word in shlex.split(step) if word.startswith("--patch="))[len("--patch=") :])
    release.plane.client.patch(*_KNATIVE, release.namespace, release.full, patch)
    release.wait("traffic of the latest revision", lambda: _traffic(release) == [0, 0, 100])
    yield _traffic(release)


def _latest_ready(release: Release) -> str:
    status = (release.object(*_KNATIVE) or {}).get("status") or {}
    return str(status.get("latestReadyRevisionName"))


def _traffic(release: Release) -> list[int]:
    """The percentage of each revision so far, in their order."""
    status = (release.object(*_KNATIVE) or {}).get("status") or {}
    latest = str(status.get("latestReadyRevisionName") or "-0")
    shares = dict.fromkeys(range(1, int(latest.rpartition("-")[2]) + 1), 0)
    for entry in status.get("traffic") or []:
        shares[int(entry["revisionName"].rpartition("-")[2])] += entry["percent"]
    return list(shares.values())


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
