"""The names of the objects Flagger creates (pkg/apis/flagger/v1beta1/canary.go:GetServiceNames, pkg/router)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PRIMARY, CANARY = "-primary", "-canary"
# cmd/flagger/main.go: the default of -selector-labels.
SELECTOR_LABELS = ("app", "name", "app.kubernetes.io/name")


class Names(NamedTuple):
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


def chosen_label(match_labels: Mapping[str, Any], names: Sequence[str] = SELECTOR_LABELS) -> tuple[str, str] | None:
    """The one label of a workload's selector Flagger uses, key and value (pkg/canary: getSelectorLabel)."""
    return next(((name, str(match_labels[name])) for name in names if name in match_labels), None)


def canary_ingress(ingress: str) -> str:
    """The name of the canary Ingress that Flagger creates (pkg/router/ingress.go, skipper.go)."""
    return ingress + CANARY


def canary_apisix_route(route: str, apex: str) -> str:
    return f"{route}-{apex}{CANARY}"
