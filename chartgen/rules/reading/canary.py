"""A Canary's fields with their routes, based on Flagger's typed view. Odd shapes read as absent; nothing raises."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.canary import ROLLOUT, analysis_key, as_list, as_mapping, as_str, read_canary
from chartgen.flagger.strategy import iterations_of, strategy_of
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.flagger.canary import Canary as FlaggerCanary
    from chartgen.flagger.canary import Metric, Webhook
    from chartgen.flagger.strategy import Strategy
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.rules.cluster import Cluster


class LocatedMetric(NamedTuple):
    """One entry of `analysis.metrics`: where it is, as written (`body`) and as Flagger reads it (`fields`)."""

    at: Route
    body: Mapping[str, Any]
    fields: Metric

    @property
    def name(self) -> str:
        return self.fields.name

    @property
    def is_builtin(self) -> bool:
        return self.fields.is_builtin

    @property
    def has_source(self) -> bool:
        return self.fields.has_source

    @property
    def template(self) -> Mapping[str, Any] | None:
        """`templateRef` as written, None without one."""
        ref = self.body.get("templateRef")
        return ref if isinstance(ref, dict) and ref.get("name") else None

    @property
    def range(self) -> Mapping[str, Any] | None:
        """`thresholdRange`, None without one (an empty one counts as given)."""
        return as_mapping(self.body.get("thresholdRange")) if self.fields.ranged else None


class LocatedHook(NamedTuple):
    """One entry of `analysis.webhooks`: where it is, as written (`body`) and as Flagger reads it (`fields`)."""

    at: Route
    body: Mapping[str, Any]
    fields: Webhook

    @property
    def name(self) -> str:
        return self.fields.name

    @property
    def type(self) -> str:
        return self.fields.type

    @property
    def url(self) -> str:
        return self.fields.url

    @property
    def metadata(self) -> Mapping[str, Any]:
        return as_mapping(self.body.get("metadata"))

    @property
    def command(self) -> str:
        return str(self.metadata.get("cmd") or "")

    @property
    def task(self) -> str:
        """The load tester's task type; `cmd` runs in the background and never fails (pkg/loadtester)."""
        return str(self.metadata.get("type") or "cmd")

    @property
    def is_load_test(self) -> bool:
        """Whether it generates traffic: a rollout hook with a command for the load tester."""
        return self.type == ROLLOUT and (bool(self.command) or bool(_LOAD.search(f"{self.name} {self.url}")))

    @property
    def blocks(self) -> bool:
        """Whether its answer can fail the analysis; a load test that runs in the background can't."""
        return self.type == ROLLOUT and not (self.command and self.task == "cmd")


_LOAD = lazy_pattern(r"load|traffic|k6|locust|hey|wrk|gatling", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Canary:
    """A Canary with the routes of its fields: `fields` is Flagger's view, everything else is as written."""

    manifest: Manifest
    fields: FlaggerCanary = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", _fields_of(self.manifest))

    @property
    def name(self) -> str:
        return self.manifest.name

    def field(self, *route: str | int) -> Any:
        """The value below `spec`."""
        return self.manifest.get(("spec", *route))

    def table(self, *route: str | int) -> Mapping[str, Any]:
        """The map below `spec`, empty if there is none."""
        return as_mapping(self.field(*route))

    @property
    def analysis_key(self) -> str:
        return analysis_key(self.fields.spec)

    @property
    def analysis(self) -> Mapping[str, Any]:
        return self.table(self.analysis_key)

    @property
    def service(self) -> Mapping[str, Any]:
        return self.table("service")

    @property
    def target(self) -> str:
        return self.fields.names.target

    @property
    def target_kind(self) -> str:
        return self.fields.target_kind

    @property
    def apex(self) -> str:
        """The name of the Service users call (canary.go:GetServiceNames)."""
        return self.fields.names.apex

    def provider(self, cluster: Cluster) -> str:
        """The Canary's own provider, or the one Flagger runs with."""
        return as_str(self.field("provider")) or cluster.provider

    def at(self, *route: str | int) -> Route:
        """A route below `spec`'s analysis."""
        return ("spec", self.analysis_key, *route)

    @property
    def metrics(self) -> Iterator[LocatedMetric]:
        for index, body in _maps(self.analysis.get("metrics")):
            yield LocatedMetric(self.at("metrics", index), body, self.fields.analysis.metrics[index])

    @property
    def hooks(self) -> Iterator[LocatedHook]:
        for index, body in _maps(self.analysis.get("webhooks")):
            yield LocatedHook(self.at("webhooks", index), body, self.fields.analysis.webhooks[index])

    @property
    def alerts(self) -> Iterator[tuple[Route, Mapping[str, Any]]]:
        for index, body in _maps(self.analysis.get("alerts")):
            yield self.at("alerts", index), body

    @property
    def step_weights(self) -> list[Any]:
        return as_list(self.analysis.get("stepWeights"))

    @property
    def iterations(self) -> int:
        """The iterations as written; see `strategy` for those of a run."""
        return self.fields.analysis.iterations

    @property
    def matches(self) -> tuple[Mapping[str, Any], ...]:
        return self.fields.analysis.match

    def strategy(self, cluster: Cluster) -> Strategy:
        """The strategy of a run, with or without an analysis."""
        return strategy_of(self.fields, self.provider(cluster))

    def runs_iterations(self, cluster: Cluster) -> int:
        """The iterations of a run, 0 if it shifts weights."""
        return max(0, iterations_of(self.fields, self.provider(cluster)))

    @property
    def analyses(self) -> bool:
        """Whether there is an analysis; `skipAnalysis` disables it."""
        return not self.fields.skip_analysis

    @property
    def mirrors(self) -> bool:
        return self.fields.analysis.mirror

    @property
    def hosts(self) -> list[Any]:
        return as_list(self.service.get("hosts"))

    @property
    def gateways(self) -> list[Any]:
        return as_list(self.service.get("gateways"))


def number(value: Any) -> float | None:
    """The number, None for anything else, booleans included."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _maps(value: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return ((index, entry) for index, entry in enumerate(as_list(value)) if isinstance(entry, dict))


# Most rules read the same few Canaries: the latest ones, with the manifests that keep the identities taken.
_read: dict[int, tuple[Manifest, FlaggerCanary]] = {}
_MOST_READ = 32


def _fields_of(manifest: Manifest) -> FlaggerCanary:
    known = _read.get(id(manifest))
    if known is None:
        if len(_read) >= _MOST_READ:
            _read.pop(next(iter(_read)))
        known = _read[id(manifest)] = manifest, read_canary(manifest.body)
    return known[1]
