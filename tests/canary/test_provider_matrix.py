"""Every provider with every strategy: refused in one sentence, or promoted by the simulator and without a finding.

add-canary lints what it is about to write and reports the findings that the chart alone doesn't have.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chartgen.cli.choices import ADD_CANARY_PROVIDERS
from tests.canary.small_charts import KNATIVE, small_chart
from tests.canary.test_provider_references import ROUTES
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

NEEDED = {
    "appmesh": ["--mesh-name", "global"],
    "gatewayapi:v1": ["--gateway", "web/public"],
    "gatewayapi:v1beta1": ["--gateway", "web/public"],
}
STRATEGIES = {
    "canary": ["--strategy", "canary"],
    "steps": ["--step-weights", "1,5,20,50"],
    "ab by header": ["--strategy", "ab", "--match-header", "x-user=me"],
    "ab by cookie": ["--strategy", "ab", "--match-cookie", "canary=always"],
    "blue-green": ["--strategy", "blue-green", "--iterations", "3"],
    "mirror": ["--strategy", "mirror"],
    "affinity": ["--session-affinity", "version"],
}
_WEIGHTS = {"canary", "steps"}
_AB = {"ab by header", "ab by cookie"}
# What works for each provider, as Flagger's routers and observers have it.
WORKS = {
    "apisix": _WEIGHTS,
    "appmesh": _WEIGHTS | _AB | {"blue-green"},
    "appmesh:v1beta2": _WEIGHTS | _AB | {"blue-green"},
    "contour": _WEIGHTS | _AB,
    "gatewayapi:v1": _WEIGHTS | _AB | {"blue-green", "mirror", "affinity"},
    "gatewayapi:v1beta1": _WEIGHTS | _AB | {"blue-green", "mirror", "affinity"},
    "gloo": _WEIGHTS | _AB,
    "istio": _WEIGHTS | _AB | {"blue-green", "mirror", "affinity"},
    "knative": _WEIGHTS,
    "kubernetes": {"blue-green"},
    "kuma": _WEIGHTS | {"blue-green"},
    "linkerd": _WEIGHTS | {"blue-green"},
    "nginx": _WEIGHTS | _AB,
    "osm": _WEIGHTS | {"blue-green"},
    "skipper": _WEIGHTS,
    "smi:v1alpha1": _WEIGHTS | {"blue-green"},
    "smi:v1alpha2": _WEIGHTS | {"blue-green"},
    "smi:v1alpha3": _WEIGHTS | {"blue-green"},
    "traefik": _WEIGHTS,
}


def test_the_matrix_has_every_provider() -> None:
    assert set(WORKS) == set(ADD_CANARY_PROVIDERS)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("provider", sorted(WORKS))
def test_a_strategy_of_a_provider(provider: str, strategy: str, tmp_path: Path) -> None:
    route = {"templates/route.yaml": ROUTES[provider][1]} if provider in ROUTES else {}
    folder = small_chart(tmp_path, KNATIVE if provider == "knative" else route)
    options = ["--provider", provider, *NEEDED.get(provider, []), *STRATEGIES[strategy]]
    done = chartgen("add-canary", str(folder), *options, "--format", "json")
    if strategy not in WORKS[provider]:
        assert done.returncode == 2
        assert done.stderr.startswith(("error: --strategy ", "error: --session-affinity ", "error: --provider "))
        assert f"provider {provider} " in done.stderr
        return
    assert done.returncode == 0, done.stderr
    written = json.loads(done.stdout)
    assert written["written"]
    assert not [line for line in written["lint"] if " info[" not in line]
    planned = json.loads(chartgen("plan", str(folder), "--format", "json").stdout)
    (plan,) = planned["plans"]
    assert (plan["scenarios"][0]["ending"], plan["scenarios"][0]["stall"]) == ("promoted", None)
