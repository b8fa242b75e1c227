"""Apache APISIX: Flagger copies an entry of the chart's ApisixRoute (pkg/router/apisix.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.canary.providers.setup import PlainSetup, RouteKind
from chartgen.flagger.canary import as_list, as_mapping, as_str

if TYPE_CHECKING:
    from chartgen.manifests.manifest import Manifest


def backends(route: Manifest) -> set[str]:
    """The Services of the entries with one backend; Flagger rejects an entry with several."""
    entries = map(as_mapping, as_list(route.get(("spec", "http"))))
    lists = [as_list(entry.get("backends")) for entry in entries]
    return {as_str(as_mapping(each[0]).get("serviceName")) for each in lists if len(each) == 1}


ROUTE = RouteKind(
    "routeRef",
    "ApisixRoute",
    "apisix.apache.org/v2",
    backends,
    "Flagger copies an entry of an ApisixRoute that has this Service as its only backend",
)

SETUPS = (PlainSetup(("apisix",), ROUTE),)
