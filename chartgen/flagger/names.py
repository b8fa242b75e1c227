"""How Flagger names what it makes (pkg/apis/flagger/v1beta1/canary.go:GetServiceNames, pkg/canary, pkg/router)."""

from __future__ import annotations

from dataclasses import dataclass

PRIMARY, CANARY = "-primary", "-canary"


@dataclass(frozen=True, slots=True)
class Names:
    """The names around one Canary: services and routes follow the apex, workloads the target."""

    canary: str
    namespace: str
    target: str
    apex: str

    @property
    def primary(self) -> str:
        """The primary workload."""
        return self.target + PRIMARY

    @property
    def primary_service(self) -> str:
        return self.apex + PRIMARY

    @property
    def canary_service(self) -> str:
        return self.apex + CANARY

    @property
    def of_canary(self) -> str:
        """The Canary as events write it: name.namespace."""
        return f"{self.canary}.{self.namespace}"

    @property
    def of_target(self) -> str:
        return f"{self.target}.{self.namespace}"

    @property
    def of_primary(self) -> str:
        return f"{self.primary}.{self.namespace}"


def canary_ingress(ingress: str) -> str:
    """The Ingress beside the user's one (pkg/router/ingress.go, skipper.go)."""
    return ingress + CANARY


def canary_apisix_route(route: str, apex: str) -> str:
    return f"{route}-{apex}{CANARY}"
