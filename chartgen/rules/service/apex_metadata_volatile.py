"""Labels or annotations of the apex Service that change with every release and reset the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import labels_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_VOLATILE = ("helm.sh/chart", "chart", "app.kubernetes.io/version", "version", "appVersion")


class ApexMetadataVolatile(CanaryRule):
    id = "apex-metadata-volatile"
    severity = Severity.WARNING
    summary = "apex labels or annotations that change with every release and reset the weights"
    tags = ("services", "routing")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for part in ("labels", "annotations"):
            for key in labels_of(canary.field("service", "apex", part)):
                if key in _VOLATILE:
                    yield Problem(
                        f"{part[:-1]} {key} in service.apex may change with every release: most routers then reset the "
                        "weights, even in the middle of a run",
                        at=("spec", "service", "apex", part, key),
                    )
