"""Gateway API: Flagger writes an HTTPRoute for the Gateways that the Canary names (pkg/router/gateway_api.go)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.canary.providers.setup import RouteKind


@dataclass(frozen=True, slots=True)
class GatewayApiSetup:
    names: tuple[str, ...] = ("gatewayapi:v1", "gatewayapi:v1beta1")
    route_kind: RouteKind | None = None

    def problems(self, options: AddCanaryOptions) -> Iterator[str]:
        if not options.effective_gateways:
            yield (
                f"--provider {options.provider} needs the Gateway for its HTTPRoute. Add --gateway NAMESPACE/NAME, or"
                " --with-gateway --gateway-class NAME to write one"
            )
        for gateway in options.gateways if "--gateway" in options.given else ():
            if not all(gateway.partition("/")):
                yield f"--gateway {gateway}: the Gateway API needs the namespace, too. Write --gateway NAMESPACE/NAME"

    def service_values(self, options: AddCanaryOptions) -> dict[str, Any]:
        # The API server sets group and kind, and refuses gatewayRefs without a name.
        return {"gatewayRefs": [_reference(gateway) for gateway in options.effective_gateways]}


def _reference(gateway: str) -> dict[str, str]:
    namespace, _, name = gateway.rpartition("/")
    return {"name": name, **({"namespace": namespace} if namespace else {})}


SETUPS = (GatewayApiSetup(),)
