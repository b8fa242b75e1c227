"""A Canary's fields by their meaning. Whatever is written, reading never raises: odd shapes read as absent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.rules.cluster import Cluster

BUILTIN_METRICS = ("request-success-rate", "request-duration")
# scheduler_hooks.go: a webhook without a type is a rollout hook.
ROLLOUT = "rollout"


@dataclass(frozen=True, slots=True)
class Metric:
    """One entry of `analysis.metrics`."""

    at: Route
    body: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.body.get("name") or "")

    @property
    def is_builtin(self) -> bool:
        return self.name in BUILTIN_METRICS

    @property
    def template(self) -> Mapping[str, Any] | None:
        """`templateRef`, where one is given."""
        ref = self.body.get("templateRef")
        return ref if isinstance(ref, dict) and ref.get("name") else None

    @property
    def has_source(self) -> bool:
        """Whether Flagger knows where to ask: builtin, inline query or template."""
        return self.is_builtin or bool(self.body.get("query")) or self.template is not None

    @property
    def range(self) -> Mapping[str, Any] | None:
        """`thresholdRange`, None where there is none (an empty one counts as given)."""
        found = self.body.get("thresholdRange")
        return found if isinstance(found, dict) else None


@dataclass(frozen=True, slots=True)
class Hook:
    """One entry of `analysis.webhooks`."""

    at: Route
    body: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.body.get("name") or "")

    @property
    def type(self) -> str:
        return str(self.body.get("type") or ROLLOUT)

    @property
    def url(self) -> str:
        return str(self.body.get("url") or "")

    @property
    def metadata(self) -> Mapping[str, Any]:
        found = self.body.get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def command(self) -> str:
        return str(self.metadata.get("cmd") or "")

    @property
    def task(self) -> str:
        """The load tester's task type; `cmd` runs in the background and never fails (pkg/loadtester)."""
        return str(self.metadata.get("type") or "cmd")

    @property
    def is_load_test(self) -> bool:
        """Whether it makes traffic: a rollout hook with a command for the load tester."""
        return self.type == ROLLOUT and (bool(self.command) or bool(_LOAD.search(f"{self.name} {self.url}")))

    @property
    def blocks(self) -> bool:
        """Whether its answer can fail the analysis: not a load test that is only started."""
        return self.type == ROLLOUT and not (self.command and self.task == "cmd")


_LOAD = re.compile(r"load|traffic|k6|locust|hey|wrk|gatling", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Canary:
    """A Canary of any API version: `analysis_key` is `canaryAnalysis` in the shape of Flagger 0.x."""

    manifest: Manifest

    @property
    def name(self) -> str:
        return self.manifest.name

    def field(self, *route: str | int) -> Any:
        """The value below `spec`."""
        return self.manifest.get(("spec", *route))

    def table(self, *route: str | int) -> Mapping[str, Any]:
        """The map below `spec`, empty where there is none."""
        found = self.field(*route)
        return found if isinstance(found, dict) else {}

    @property
    def analysis_key(self) -> str:
        return "canaryAnalysis" if "analysis" not in self.table() and "canaryAnalysis" in self.table() else "analysis"

    @property
    def analysis(self) -> Mapping[str, Any]:
        return self.table(self.analysis_key)

    @property
    def service(self) -> Mapping[str, Any]:
        return self.table("service")

    @property
    def target(self) -> str:
        return str(self.field("targetRef", "name") or "")

    @property
    def target_kind(self) -> str:
        return str(self.field("targetRef", "kind") or "")

    @property
    def apex(self) -> str:
        """The name of the Service users call (canary.go:GetServiceNames)."""
        return str(self.service.get("name") or self.target)

    def provider(self, cluster: Cluster) -> str:
        return str(self.field("provider") or cluster.provider)

    def at(self, *route: str | int) -> Route:
        """A route below `spec`'s analysis."""
        return ("spec", self.analysis_key, *route)

    @property
    def metrics(self) -> Iterator[Metric]:
        for index, body in _maps(self.analysis.get("metrics")):
            yield Metric(self.at("metrics", index), body)

    @property
    def hooks(self) -> Iterator[Hook]:
        for index, body in _maps(self.analysis.get("webhooks")):
            yield Hook(self.at("webhooks", index), body)

    @property
    def alerts(self) -> Iterator[tuple[Route, Mapping[str, Any]]]:
        for index, body in _maps(self.analysis.get("alerts")):
            yield self.at("alerts", index), body

    @property
    def step_weights(self) -> list[Any]:
        return items(self.analysis.get("stepWeights"))

    @property
    def iterations(self) -> float:
        return number(self.analysis.get("iterations")) or 0

    @property
    def matches(self) -> list[Any]:
        return items(self.analysis.get("match"))

    @property
    def strategy(self) -> str:
        """`ab`, `bluegreen` or `weights` (canary.go:DeploymentStrategy)."""
        if self.iterations > 0:
            return "ab" if self.matches else "bluegreen"
        return "weights"

    @property
    def analyses(self) -> bool:
        """Whether there is an analysis at all: skipped ones check nothing."""
        return bool(self.analysis) and self.field("skipAnalysis") is not True

    @property
    def mirrors(self) -> bool:
        return self.analysis.get("mirror") is True

    @property
    def hosts(self) -> list[Any]:
        return items(self.service.get("hosts"))

    @property
    def gateways(self) -> list[Any]:
        return items(self.service.get("gateways"))


def number(value: Any) -> float | None:
    """The number, None for anything else; booleans are none."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def items(value: Any) -> list[Any]:
    """The list, an empty one for anything else."""
    return value if isinstance(value, list) else []


def _maps(value: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return ((index, one) for index, one in enumerate(items(value)) if isinstance(one, dict))
