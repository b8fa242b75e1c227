"""The kinds of objects that the commands read, as the API server's paths name them."""

from __future__ import annotations

from dataclasses import dataclass


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
        scope = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + (f"/{name}" if name else "")


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
