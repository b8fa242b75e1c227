"""The kinds of objects that the commands read, as the API server's paths name them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind: `plural` as in paths and in RBAC rules; `group` is empty for the core API."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def full_name(self) -> str:
        """As kubectl takes it: `canaries.flagger.app`, `services`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "") -> str:
        """The path of the collection, of all namespaces without one, or of one object."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"
        scope = f"/namespaces/{_segment(namespace)}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + (f"/{_segment(name)}" if name else "")


def _segment(name: str) -> str:
    """A name as one segment of a path: a chart may name `../secrets`."""
    return quote(name, safe="").replace(".", "%2E") if name in {".", ".."} else quote(name, safe="")


CRDS = Resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced=False)
NAMESPACES = Resource("", "v1", "namespaces", "Namespace", namespaced=False)
SERVICES = Resource("", "v1", "services", "Service")
PODS = Resource("", "v1", "pods", "Pod")
SECRETS = Resource("", "v1", "secrets", "Secret")
EVENTS = Resource("", "v1", "events", "Event")
DEPLOYMENTS = Resource("apps", "v1", "deployments", "Deployment")
DAEMONSETS = Resource("apps", "v1", "daemonsets", "DaemonSet")
AUTOSCALERS = Resource("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler")
SCALED_OBJECTS = Resource("keda.sh", "v1alpha1", "scaledobjects", "ScaledObject")
BUDGETS = Resource("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget")
INGRESSES = Resource("networking.k8s.io", "v1", "ingresses", "Ingress")
ISTIO_GATEWAYS = Resource("networking.istio.io", "v1beta1", "gateways", "Gateway")
GATEWAYS = Resource("gateway.networking.k8s.io", "v1", "gateways", "Gateway")
CANARIES = Resource("flagger.app", "v1beta1", "canaries", "Canary")
METRIC_TEMPLATES = Resource("flagger.app", "v1beta1", "metrictemplates", "MetricTemplate")
ALERT_PROVIDERS = Resource("flagger.app", "v1beta1", "alertproviders", "AlertProvider")
HELM_RELEASES = Resource("helm.toolkit.fluxcd.io", "v2", "helmreleases", "HelmRelease")
APPLICATIONS = Resource("argoproj.io", "v1alpha1", "applications", "Application")

WORKLOADS = {each.kind: each for each in (DEPLOYMENTS, DAEMONSETS)}
SCALERS = {each.kind: each for each in (AUTOSCALERS, SCALED_OBJECTS)}
# What `preflight` reads; `--from` takes a dump of each.
PREFLIGHT = (
    CRDS,
    NAMESPACES,
    SERVICES,
    PODS,
    SECRETS,
    DEPLOYMENTS,
    DAEMONSETS,
    AUTOSCALERS,
    SCALED_OBJECTS,
    BUDGETS,
    INGRESSES,
    ISTIO_GATEWAYS,
    GATEWAYS,
    CANARIES,
    METRIC_TEMPLATES,
    ALERT_PROVIDERS,
)
