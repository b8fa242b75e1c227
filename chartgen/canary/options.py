"""The options of `add-canary`. Invalid ones are rejected before anything is read or written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.canary.slots import FIRST, Slot
from chartgen.errors import UsageError
from chartgen.flagger.canary import DEFAULT_DEADLINE
from chartgen.helm.request import ValueSources
from chartgen.rules.reading.protocols import DURATION, SUCCESS_RATE

if TYPE_CHECKING:
    from collections.abc import Mapping


DEFAULT_NAMESPACE = "jx-production"
DEFAULT_GATEWAY = "jx-gateway.istio-system.svc.cluster.local"
# The Gateway of the Gateway API in the release's own namespace, which `--with-gateway` writes.
DEFAULT_API_GATEWAY = "gateway"
MESH_GATEWAY = "mesh"
SEED_DEADLINE = 60
# What deploys the chart. All but the first one render it without a cluster.
DELIVERIES = ("helm", "argocd", "flux", "rendered")


@dataclass(frozen=True, slots=True)
class AddCanaryOptions:
    """The options of one `add-canary` call.

    `target` is the one of `targets` for this Canary, and `slot` its place in the chart; `apex` is the Service that an
    existing Canary serves. Empty `namespaces` means any
    namespace; `enabled` is the switch to write. Weights are percent; `step_weights` replaces `max_weight` and
    `step_weight`. `metrics` are the builtin ones that measure the served port.
    `interval` is a Go duration as Flagger reads it. `deadline` is in seconds; None means 600, or 60 for v1alpha2.
    `with_gateway`: the chart gets the Gateways that the Canary names, those of the Gateway API with this
    `gateway_class`; `own_gateways` are those that it has from an earlier run, as `--gateway` names them.
    `values_schema` is an address or path for the first line of values.yaml, as
    the YAML language server reads it, and `helm_docs` adds descriptions (`# --`) to the block.
    `smoke_test`: a request to the new version is the check of each step.
    `route` is the Ingress or ApisixRoute that the Canary names, None for the only one. `fills_in`: the analysis in the
    values has placeholders for the Canary's own name or address. `companions` are the keys of the block for objects
    beside the Canary → their kind. `accept` names rules of the linter whose errors don't stop the run. `delivery` is
    one of DELIVERIES. `given` names the options that aren't left at their defaults, such as `--max-weight`.
    """

    target: str | None = None
    targets: tuple[str, ...] = ()
    all_targets: bool = False
    slot: Slot = FIRST
    service: str | None = None
    apex: str | None = None
    namespaces: tuple[str, ...] = (DEFAULT_NAMESPACE,)
    hosts: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    provider: str = "istio"
    interval: str = "60s"
    threshold: int = 5
    max_weight: int | None = None
    step_weight: int | None = None
    step_weights: tuple[int, ...] = ()
    deadline: int | None = None
    metrics: tuple[str, ...] = (SUCCESS_RATE, DURATION)
    toggle: str = "enable"
    enabled: bool = True
    api_version: str = "v1beta1"
    crd_guard: bool = False
    route: str | None = None
    mesh_name: str | None = None
    with_gateway: bool = False
    gateway_class: str | None = None
    own_gateways: tuple[str, ...] = ()
    strategy: str | None = None
    preset: str | None = None
    iterations: int | None = None
    match_headers: tuple[str, ...] = ()
    match_cookies: tuple[str, ...] = ()
    session_affinity: str | None = None
    load_test: bool = False
    load_test_url: str | None = None
    load_tester: str | None = None
    acceptance_test: str | None = None
    smoke_test: bool = False
    confirm_promotion: bool = False
    webhooks: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    metric_templates: tuple[str, ...] = ()
    metric_ranges: tuple[str, ...] = ()
    prometheus: str | None = None
    fills_in: bool = False
    companions: Mapping[str, str] = field(default_factory=dict)
    keep_service: bool = False
    keep_replicas: bool = False
    values_schema: str | None = None
    helm_docs: bool = False
    accept: tuple[str, ...] = ()
    delivery: str = DELIVERIES[0]
    release_name: str | None = None
    given: frozenset[str] = frozenset()
    sources: ValueSources = field(default_factory=ValueSources)

    @property
    def command(self) -> str:
        """The command that creates these templates, for their headers. Everything else is in values.yaml."""
        flags = {
            "--crd-guard": self.crd_guard,
            "--keep-service": self.keep_service,
            "--keep-replicas": self.keep_replicas,
        }
        names = {"--service": self.service, "--route": self.route}
        named = [f"{option} {name}" for option, name in names.items() if name]
        delivery = [] if self.asks_cluster else [f"--delivery {self.delivery}"]
        return " ".join(["chartgen add-canary", *(flag for flag, on in flags.items() if on), *named, *delivery])

    @property
    def asks_cluster(self) -> bool:
        """Whether the templates `lookup` live objects: only Helm renders them with a cluster."""
        return self.delivery == DELIVERIES[0]

    @property
    def progress_deadline(self) -> int:
        """Seconds until Flagger rolls back a canary whose pods don't become ready."""
        if self.deadline is not None:
            return self.deadline
        return SEED_DEADLINE if self.api_version == "v1alpha2" else DEFAULT_DEADLINE

    @property
    def effective_gateways(self) -> tuple[str, ...]:
        """The gateways to write. With Istio, hosts, and no gateway: the default gateway and `mesh`."""
        if not self.gateways and self.with_gateway and self.provider.startswith("gatewayapi"):
            return (DEFAULT_API_GATEWAY,)
        if self.gateways or not self.hosts or self.provider != "istio":
            return self.gateways
        # Istio rejects the host `*` on the mesh gateway, and the v1alpha2 manifest has no mesh gateway.
        without_mesh = "*" in self.hosts or self.api_version == "v1alpha2"
        return (DEFAULT_GATEWAY,) if without_mesh else (DEFAULT_GATEWAY, MESH_GATEWAY)


def namespaces_of(given: list[str] | None, *, any_namespace: bool) -> tuple[str, ...]:
    """The namespaces of `--namespace` and `--any-namespace`; raises UsageError for both together."""
    if any_namespace and given:
        raise UsageError("--namespace and --any-namespace can't be combined", hint="use one of them")
    if any_namespace:
        return ()
    return tuple(dict.fromkeys(given)) if given else (DEFAULT_NAMESPACE,)


def weights_of(text: str | None) -> tuple[int, ...]:
    """The weights of `--step-weights 1,5,10,50`."""
    if text is None:
        return ()
    return tuple(_whole_number(part) for part in text.split(","))


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(
            f"--step-weights: {text!r} is not a whole number", hint="write percentages as 1,5,10,50"
        ) from None
