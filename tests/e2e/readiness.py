"""A cluster on which a canary is ready to run, and what can be wrong with it, one fault at a time."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from tests.e2e.charts import make
from tests.e2e.release import PRODUCTION, helm_binary
from tests.e2e.tools.parts import FLAGGER, crd_file, find
from tests.e2e.traffic import Load
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.e2e.plane import Plane

HELM = "helm-4.1"
RELEASE = "ready"
# An address for documentation (RFC 5737), in a name that contains it: nobody is asked.
ADDRESS = "192.0.2.10"
HOST = f"ready.{ADDRESS}.nip.io"
MONITORING, SYSTEM = "monitoring", "istio-system"
_WAIT = ("--timeout=60s", "--for=condition=Available")


def flagger_charts() -> Path:
    """Flagger's own charts, which its Go module contains."""
    cache = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=True).stdout.strip()
    return Path(cache) / "github.com" / "fluxcd" / f"flagger@v{FLAGGER}" / "charts"


def labelled(name: str, labels: dict[str, str], namespace: str, port: int, kind: str = "ClusterIP") -> list[Any]:
    """A Deployment and the Service in front of it."""
    metadata = {"name": name, "namespace": namespace}
    container = {"name": "app", "image": f"registry.test/{name}:1", "ports": [{"containerPort": port}]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {"selector": {"matchLabels": labels}, "template": template},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"type": kind, "selector": labels, "ports": [{"port": port}]},
        },
    ]


def namespace(name: str, **labels: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def flagger_object(kind: str, place: str, spec: dict[str, Any]) -> dict[str, Any]:
    home, _, name = place.partition("/")
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": kind,
        "metadata": {"name": name, "namespace": home},
        "spec": spec,
    }


GATEWAY = {
    "apiVersion": "networking.istio.io/v1beta1",
    "kind": "Gateway",
    "metadata": {"name": "jx-gateway", "namespace": SYSTEM},
    "spec": {
        "selector": {"istio": "ingressgateway"},
        "servers": [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}],
    },
}
TEMPLATE = flagger_object(
    "MetricTemplate",
    f"{MONITORING}/requests",
    {
        "provider": {
            "type": "prometheus",
            "address": f"http://prometheus.{SYSTEM}:9090",
            "secretRef": {"name": "prometheus-login"},
        },
        "query": 'sum(rate(istio_requests_total{destination_workload="{{ target }}"}[{{ interval }}]))',
    },
)
ALERTS = flagger_object(
    "AlertProvider", "flagger-system/on-call", {"type": "slack", "secretRef": {"name": "slack-address"}}
)
ANALYSIS = {
    "metrics": [
        {"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}},
        {"name": "request-duration", "interval": "1m", "thresholdRange": {"max": 500}},
        {
            "name": "requests",
            "interval": "1m",
            "thresholdRange": {"min": 1},
            "templateRef": {"name": "requests", "namespace": MONITORING},
        },
    ],
    "webhooks": [
        {"name": "load-test", "type": "rollout", "url": f"http://flagger-loadtester.{PRODUCTION}/", "timeout": "5s"}
    ],
    "alerts": [
        {"name": "on-call", "severity": "error", "providerRef": {"name": "on-call", "namespace": "flagger-system"}}
    ],
}


@dataclass(slots=True)
class Cluster:
    """The sound cluster; `chart` is the chart whose canary it is ready for."""

    plane: Plane
    folder: Path
    chart: Path = field(init=False)
    values: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.chart = make(self.folder, "helm-create", HELM, "--namespace", PRODUCTION, "--namespace", "jx-next")
        self.values = self.folder / "values.json"
        self.values.write_text(
            json.dumps({"nameOverride": RELEASE, "canary": {"service": {"hosts": [HOST]}, "canaryAnalysis": ANALYSIS}})
        )

    def build(self) -> None:
        self.plane.start_traffic()
        self.plane.traffic.register(Load(PRODUCTION, RELEASE, RELEASE))
        self._install()

    def repair(self) -> None:
        """Everything anew after a test that failed half-way."""
        self.kubectl(
            "delete", "deployment,poddisruptionbudget,service", RELEASE, "-n", PRODUCTION, "--ignore-not-found"
        )
        self.kubectl("delete", "secrets", "prometheus-login", "-n", MONITORING, "--ignore-not-found")
        self.kubectl("delete", "secrets", "slack-address", "-n", "flagger-system", "--ignore-not-found")
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(crd_file(f"flagger-{FLAGGER}.yaml")))
        self.kubectl("delete", "deployment", "--all", "-n", "flagger-system")
        self._install()

    def _install(self) -> None:
        self.apply(
            namespace(PRODUCTION, **{"istio-injection": "enabled"}),
            *map(namespace, (MONITORING, SYSTEM, "flagger-system")),
        )
        self.apply(
            *labelled("istio-ingressgateway", {"istio": "ingressgateway"}, SYSTEM, 80, "LoadBalancer"),
            *labelled("prometheus", {"app": "prometheus"}, SYSTEM, 9090),
            GATEWAY,
            TEMPLATE,
            ALERTS,
        )
        status = {"status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}}
        self.kubectl(
            "patch", "service", "istio-ingressgateway", "-n", SYSTEM, "--subresource=status", "--type=merge", "-p",
            json.dumps(status),
        )  # fmt: skip
        self.kubectl("create", "secret", "generic", "prometheus-login", "-n", MONITORING)
        self.kubectl("create", "secret", "generic", "slack-address", "-n", "flagger-system")
        self.install_flagger()
        self.install_load_tester()
        for home in (SYSTEM, "flagger-system", PRODUCTION):
            self.kubectl("wait", "deployment", "--all", "-n", home, *_WAIT)

    def install_flagger(self) -> None:
        settings = ("meshProvider=istio", f"metricsServer=http://prometheus.{SYSTEM}:9090")
        words = [word for setting in settings for word in ("--set", setting)]
        self.helm("upgrade", "--install", "flagger", str(flagger_charts() / "flagger"), "-n", "flagger-system",
                  "--skip-crds", *words)  # fmt: skip

    def install_load_tester(self) -> None:
        chart = str(flagger_charts() / "loadtester")
        self.helm("upgrade", "--install", "flagger-loadtester", chart, "-n", PRODUCTION)

    def apply(self, *documents: dict[str, Any]) -> None:
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(documents)})
        self._run([str(find("kubectl")), "apply", "-f", "-"], text)

    def kubectl(self, *words: str) -> str:
        return self._run([str(find("kubectl")), *words])

    def helm(self, *words: str) -> str:
        return self._run([str(helm_binary(HELM)), *words])

    def shell(self, command: str) -> str:
        """A printed command, as it was printed but for what is on the internet: this machine has it already."""
        local = command.replace("oci://ghcr.io/fluxcd/charts", str(flagger_charts()))
        local = re.sub(r"https://raw\.githubusercontent\.com/fluxcd/flagger/v([\d.]+)/\S+", _crd, local)
        return self._run(["sh", "-euc", local])

    def _run(self, argv: Sequence[str], given: str = "") -> str:
        programs = self.folder / "bin"
        if not programs.exists():
            programs.mkdir()
            (programs / "helm").symlink_to(helm_binary(HELM))
            (programs / "kubectl").symlink_to(str(find("kubectl")))
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "KUBECONFIG": str(self.plane.kubeconfig), "PATH": path}
        done = subprocess.run(
            argv, input=given, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
        return done.stdout

    def preflight(self, *options: str, kubeconfig: Path | None = None) -> Preflight:
        """`chartgen preflight --format json`."""
        argv = [
            "preflight", str(self.chart), "--release-name", RELEASE, "-f", str(self.values), "--format", "json",
            "--prometheus", self.plane.traffic.url, *options,
        ]  # fmt: skip
        with mock.patch.dict(os.environ, {"KUBECONFIG": str(kubeconfig or self.plane.kubeconfig)}):
            done = chartgen(*argv)
        assert done.returncode in {0, 1}, done.stderr
        (canary,) = json.loads(done.stdout)["canaries"]
        return Preflight(done.returncode, canary)


@dataclass(frozen=True, slots=True)
class Preflight:
    """What one run printed."""

    code: int
    canary: dict[str, Any]

    def of(self, *statuses: str) -> list[dict[str, Any]]:
        return [check for check in self.canary["checks"] if check["status"] in statuses]

    @property
    def problems(self) -> list[dict[str, Any]]:
        return self.of("warning", "blocker", "skipped")

    @property
    def ids(self) -> list[str]:
        return [check["id"] for check in self.problems]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is broken and how it is reported: the check's id; `options` are those of `preflight` that show it."""

    name: str
    check: str
    make: Callable[[Cluster], Any]
    options: tuple[str, ...] = ()
    status: str = "blocker"
    # What the printed command can't bring back.
    restore: Callable[[Cluster], Any] = lambda _: None
    # Other checks that fail for the same reason.
    follow: tuple[str, ...] = ()


def _crd(match: re.Match[str]) -> str:
    return str(crd_file(f"flagger-{match[1]}.yaml"))


def _flagger_flag(cluster: Cluster, flag: str) -> None:
    patch = [{"op": "add", "path": "/spec/template/spec/containers/0/command/-", "value": flag}]
    cluster.kubectl("patch", "deployment", "flagger", "-n", "flagger-system", "--type=json", "-p", json.dumps(patch))
    cluster.kubectl("rollout", "status", "deployment/flagger", "-n", "flagger-system", "--timeout=60s")


def _scale(cluster: Cluster, home: str, name: str) -> None:
    cluster.kubectl("scale", f"deployment/{name}", "-n", home, "--replicas=0")
    cluster.kubectl("wait", "pods", "-n", home, "-l", f"app={name}", "--for=delete", "--timeout=60s")


def _service_of_another(cluster: Cluster) -> None:
    service = labelled(RELEASE, {"app": "other"}, PRODUCTION, 80)[1]
    notes = {"meta.helm.sh/release-name": "other", "meta.helm.sh/release-namespace": PRODUCTION}
    service["metadata"]["annotations"] = notes
    cluster.apply(service)


def _budget(cluster: Cluster) -> None:
    selector = {"matchLabels": {"app.kubernetes.io/name": RELEASE}}
    cluster.apply(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": RELEASE, "namespace": PRODUCTION},
            "spec": {"minAvailable": 1, "selector": selector},
        }
    )


def _gateway_of_others(cluster: Cluster) -> None:
    gateway = json.loads(json.dumps(GATEWAY))
    gateway["spec"]["servers"][0]["hosts"] = ["*.example.test"]
    cluster.apply(gateway)


def _stop_gateway(cluster: Cluster) -> None:
    cluster.kubectl("scale", "deployment/istio-ingressgateway", "-n", SYSTEM, "--replicas=0")
    cluster.kubectl("wait", "pods", "-n", SYSTEM, "-l", "istio=ingressgateway", "--for=delete", "--timeout=60s")


FAULTS = (
    Fault(
        "old-crd",
        "flagger-crd",
        lambda cluster: cluster.kubectl("replace", "-f", str(crd_file("flagger-1.30.0.yaml"))),
        status="warning",
    ),
    Fault(
        "no-crd",
        "flagger-crd",
        lambda cluster: cluster.kubectl("delete", "crd", "alertproviders.flagger.app"),
        restore=lambda cluster: cluster.apply(ALERTS),
        follow=("alert-provider",),
    ),
    Fault(
        "no-flagger",
        "flagger-controller",
        lambda cluster: cluster.helm("uninstall", "flagger", "-n", "flagger-system"),
        restore=lambda cluster: cluster.install_flagger(),
    ),
    Fault("flagger-stopped", "flagger-controller", lambda cluster: _scale(cluster, "flagger-system", "flagger")),
    Fault("other-namespace", "flagger-namespace", lambda cluster: _flagger_flag(cluster, "-namespace=team-b")),
    Fault("other-labels", "flagger-selector-labels", lambda cluster: _flagger_flag(cluster, "-selector-labels=team")),
    Fault("no-namespace", "namespace", lambda _: None, ("--namespace", "jx-next")),
    Fault(
        "no-injection",
        "injection",
        lambda cluster: cluster.kubectl("label", "namespace", PRODUCTION, "istio-injection-"),
    ),
    Fault(
        "no-gateway",
        "gateway",
        lambda cluster: cluster.kubectl("delete", "gateways.networking.istio.io", "jx-gateway", "-n", SYSTEM),
    ),
    Fault("gateway-of-others", "gateway-host", _gateway_of_others),
    Fault("gateway-stopped", "gateway-pods", _stop_gateway),
    Fault(
        "no-secret",
        "secret",
        lambda cluster: cluster.kubectl("delete", "secret", "prometheus-login", "-n", MONITORING),
    ),
    Fault("load-tester-stopped", "webhook", lambda cluster: _scale(cluster, PRODUCTION, "flagger-loadtester")),
    Fault(
        "no-load-tester",
        "webhook",
        lambda cluster: cluster.helm("uninstall", "flagger-loadtester", "-n", PRODUCTION),
    ),
    Fault("service-of-another", "service-owner", _service_of_another),
    Fault("budget-of-the-target", "disruption-budget", _budget, status="warning"),
)
