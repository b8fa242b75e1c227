"""What add-canary does for each provider: one module each, registered here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.canary.providers import apisix, app_mesh, gateway_api, ingress, knative
from chartgen.canary.providers.setup import PlainSetup

if TYPE_CHECKING:
    from chartgen.canary.providers.setup import ProviderSetup

_SETUPS: dict[str, ProviderSetup] = {
    name: setup
    for module in (apisix, app_mesh, gateway_api, ingress, knative)
    for setup in module.SETUPS
    for name in setup.names
}


def setup_of(provider: str) -> ProviderSetup:
    """The setup of `spec.provider`; most providers need nothing besides the Service."""
    return _SETUPS.get(provider) or PlainSetup((provider,), None)
