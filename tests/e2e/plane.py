"""The whole plane: API server, controllers, scheduler, KWOK nodes, Flagger, and the scripted world around it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.answers import Answers
from tests.e2e.apiserver import FLAGGER, ApiServer, tool
from tests.e2e.informer import Informer
from tests.e2e.knative_webhook import KnativeWebhook
from tests.e2e.process import Child, PlaneError, free_ports
from tests.e2e.tools.parts import FLAGGER as FLAGGER_RELEASE
from tests.e2e.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from tests.e2e.client import Client

STAGES = Path(__file__).with_name("stages.yaml")
# Two, so that a DaemonSet can be rolled without a moment without a pod.
NODES = ("node-0", "node-1")
_READY_WITHIN = 30.0
_CONTROLLERS = (
    "deployment-controller,replicaset-controller,daemonset-controller,garbage-collector-controller,namespace-controller"
)
# Flagger only writes these; nothing on the plane reads them, but for Knative's stand-in. The first version is stored.
_OPEN_CRDS = (
    ("split.smi-spec.io", ("v1alpha1", "v1alpha2", "v1alpha3"), "TrafficSplit", "trafficsplits"),
    ("projectcontour.io", ("v1",), "HTTPProxy", "httpproxies"),
    ("traefik.io", ("v1alpha1",), "TraefikService", "traefikservices"),
    ("gateway.solo.io", ("v1",), "RouteTable", "routetables"),
    ("gloo.solo.io", ("v1",), "Upstream", "upstreams"),
    ("apisix.apache.org", ("v2",), "ApisixRoute", "apisixroutes"),
    ("appmesh.k8s.aws", ("v1beta2", "v1beta1"), "VirtualNode", "virtualnodes"),
    ("appmesh.k8s.aws", ("v1beta2", "v1beta1"), "VirtualService", "virtualservices"),
    ("appmesh.k8s.aws", ("v1beta2",), "VirtualRouter", "virtualrouters"),
    ("serving.knative.dev", ("v1",), "Service", "services"),
    ("serving.knative.dev", ("v1",), "Revision", "revisions"),
)


class Plane:
    """A running plane. Start it from the main thread; use as a context manager, or call `stop`."""

    def __init__(self, folder: Path, flagger: str = FLAGGER_RELEASE) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.answers = Answers()
        self.server: ApiServer | None = None
        self._traffic: Traffic | None = None
        self._knative_webhook: KnativeWebhook | None = None
        self._informers: dict[tuple[str, str], Informer] = {}
        self._lock = threading.Lock()
        self._flagger_port = 0
        try:
            self._start(folder, flagger)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End what was started, the last part first."""
        for informer in self._informers.values():
            informer.stop()
        if self._traffic:
            self._traffic.stop()
        if self.server:
            self.server.stop()
        if self._knative_webhook:
            self._knative_webhook.stop()
        self.answers.stop()

    @property
    def client(self) -> Client:
        return self.api.client

    @property
    def kubeconfig(self) -> Path:
        return self.api.kubeconfig

    @property
    def api(self) -> ApiServer:
        assert self.server is not None
        return self.server

    def _start(self, folder: Path, flagger: str) -> None:
        self.server = ApiServer(folder)
        self._install_crds(flagger)
        self._knative_webhook = KnativeWebhook(self.client, folder)
        self._start_controllers()
        self._add_nodes()
        self.flagger = self.start_flagger()

    def _install_crds(self, flagger: str) -> None:
        self.api.install_crds(f"flagger-{flagger}.yaml")
        self.api.install_crds(
            "istio.yaml", only=r"^(virtualservices|destinationrules|gateways)\.networking\.istio\.io$"
        )
        self.api.install_crds(*(f"gateway-api-{kind}.yaml" for kind in ("httproutes", "gateways")))
        for group, versions, kind, plural in _OPEN_CRDS:
            self.api.install_open_crd(group, versions, kind, plural)
        self.api.install_open_crd("kuma.io", ("v1alpha1",), "TrafficRoute", "trafficroutes", namespaced=False)

    def _start_controllers(self) -> None:
        folder, kubeconfig = self.folder, f"--kubeconfig={self.kubeconfig}"
        managers, scheduler, kwok = free_ports(3)
        certificates = f"--cert-dir={folder / 'certificates'}"
        self.api.run(
            [
                tool("kube-controller-manager"),
                kubeconfig,
                "--leader-elect=false",
                f"--service-account-private-key-file={folder / 'sa.key'}",
                f"--controllers={_CONTROLLERS}",
                "--kube-api-qps=300",
                "--kube-api-burst=600",
                certificates,
                f"--secure-port={managers}",
            ]
        )
        self.api.run(
            [
                tool("kube-scheduler"),
                kubeconfig,
                "--leader-elect=false",
                certificates,
                f"--secure-port={scheduler}",
                "--kube-api-qps=300",
            ]
        )
        self.api.run(
            [
                tool("kwok"),
                kubeconfig,
                "--manage-all-nodes=true",
                f"--config={STAGES}",
                f"--server-address=127.0.0.1:{kwok}",
                "--node-lease-duration-seconds=0",
            ]
        )

    def _add_nodes(self) -> None:
        for name in NODES:
            labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
            self.client.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}})
        self._wait("the nodes are ready", lambda: all(map(self._is_ready, NODES)))

    def _is_ready(self, name: str) -> bool:
        node = self.client.get("v1", "Node", "", name) or {}
        conditions = node.get("status", {}).get("conditions") or []
        return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)

    def start_flagger(self) -> Child:
        """Flagger, ready to see Canaries. Its shortest interval is 10 s whatever the flags say."""
        flagger = self.run_flagger()
        self._wait("Flagger works", lambda: self.flagger_works(flagger))
        return flagger

    def informer(self, kind: str, namespace: str) -> Informer:
        """The pods or Services of a namespace; all who ask share one watch."""
        with self._lock:
            if (kind, namespace) not in self._informers:
                informer = Informer(self.client, "v1", kind, namespace)
                informer.start()
                self._informers[kind, namespace] = informer
            return self._informers[kind, namespace]

    def start_traffic(self) -> None:
        """The exporter and a real Prometheus, for stories whose metrics are measured and not scripted."""
        self._traffic = Traffic(self.client, self.folder)
        self._traffic.wait(self.api.run(self._traffic.argv(self._flagger_port)))

    @property
    def traffic(self) -> Traffic:
        assert self._traffic is not None
        return self._traffic

    def run_flagger(self) -> Child:
        """Flagger, which may or may not get to work."""
        (port,) = free_ports(1)
        self._flagger_port = port
        argv: list[str | Path] = [
            tool("flagger"),
            f"-kubeconfig={self.api.write_kubeconfig(FLAGGER)}",
            f"-port={port}",
            "-mesh-provider=istio",
            "-metrics-server=http://prometheus:9090",
            "-control-loop-interval=1s",
            "-kubeconfig-qps=400",
            "-kubeconfig-burst=800",
            "-event-webhook=http://events.test/event",
        ]
        return self.api.run(argv, self.answers.proxy)

    @staticmethod
    def flagger_works(flagger: Child) -> bool:
        flagger.must_live()
        return "Started operator workers" in flagger.tail()

    @staticmethod
    def _wait(what: str, done: Callable[[], bool]) -> None:
        end = time.monotonic() + _READY_WITHIN
        while not done():
            if time.monotonic() > end:
                raise PlaneError(f"not within {_READY_WITHIN:.0f} s: {what}")
            time.sleep(0.1)
