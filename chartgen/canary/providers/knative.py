"""Knative: Flagger shifts traffic between revisions of the target itself (pkg/router/knative.go)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.canary.providers.setup import RouteKind

# Options for objects of the chart that this provider leaves alone, or settings that it never reads.
_WITHOUT_EFFECT = {
    "--service": "Knative itself creates the Services",
    "--keep-service": "Knative itself creates the Services",
    "--keep-replicas": "Knative itself scales the pods",
    "--progress-deadline": "Flagger waits for a revision without a deadline",
}


@dataclass(frozen=True, slots=True)
class KnativeSetup:
    names: tuple[str, ...] = ("knative",)
    route_kind: RouteKind | None = None

    def problems(self, options: AddCanaryOptions) -> Iterator[str]:
        for option, reason in _WITHOUT_EFFECT.items():
            if option in options.given:
                yield f"{option} has no effect with provider knative: {reason}. Remove it"
        if options.api_version == "v1alpha3":
            yield "--provider knative needs --api-version v1beta1: no Flagger that serves v1alpha3 has it"

    def service_values(self, options: AddCanaryOptions) -> dict[str, Any]:  # noqa: ARG002
        return {}


SETUPS = (KnativeSetup(),)
