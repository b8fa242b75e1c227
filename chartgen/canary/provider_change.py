"""The metrics of the analysis when another run changes the provider: none stays that the new one can't answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.canary import files
from chartgen.canary.builtin_metrics import (
    METRICS,
    OF_APPLICATION,
    changed_provider,
    is_builtin,
    queries_application,
)
from chartgen.edits import yaml_text, yaml_update
from chartgen.errors import ConflictError
from chartgen.flagger.canary import as_list, as_mapping
from chartgen.flagger.queries import series_of
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.canary.existing import ExistingCanary
    from chartgen.canary.options import AddCanaryOptions
    from chartgen.helm.engine import Engine

# The limits that add-canary writes by itself.
_LIMITS = ({"min": 99}, {"max": 500}, 99, 500)
_HINT = "nothing was written; change these metrics by hand, and run again"


def with_answerable_metrics(
    engine: Engine, data: bytes, existing: ExistingCanary, options: AddCanaryOptions
) -> tuple[bytes, tuple[str, ...]]:
    """values.yaml without the builtin metrics that the new provider can't answer, and a note for each change.

    `options.metrics` are those that it can. They are added to an empty list that the former provider had for want of
    any.
    """
    former, key = changed_provider(existing.block, options), existing.slot.key
    block = value_at(engine.read_yaml(data.decode("utf-8", "surrogateescape")), (key,))
    if former is None or not isinstance(value_at(block, METRICS), list):
        return data, ()
    metrics = [as_mapping(metric) for metric in value_at(block, METRICS)]
    lost = [number for number, each in enumerate(metrics) if is_builtin(each) and each["name"] not in options.metrics]
    notes = [_removed(metrics[number], key, options) for number in lost]
    if lost and options.smoke_test:
        notes.append(
            f"smoke-test, a request to / of the new version, was added to {key}.canaryAnalysis.webhooks: it needs"
            " Flagger's load tester"
        )
    try:
        if lost:
            data = _without(data, (key, *METRICS), lost, len(metrics))
        elif not metrics and options.metrics and queries_application(replace(options, provider=former)):
            data = _with_builtin(data, key, options, former)
            names = " and ".join(options.metrics)
            notes.append(
                f"{names} were added to {key}.canaryAnalysis.metrics: provider {options.provider} answers them"
            )
    except ConflictError as conflict:
        raise ConflictError([f"--provider: {problem}" for problem in conflict.conflicts], hint=_HINT) from conflict
    return data, (*notes, *_foreign_queries(block, former, options))


def _without(data: bytes, route: tuple[str, ...], lost: list[int], count: int) -> bytes:
    if len(lost) == count:
        return yaml_update.set_value(data, route, [])
    for number in reversed(lost):
        data = yaml_update.remove_item(data, (*route, number))
    return data


def _with_builtin(data: bytes, key: str, options: AddCanaryOptions, former: str) -> bytes:
    """The metrics of a first run, in place of the empty list and its comment."""
    route = (key, "canaryAnalysis")
    data = yaml_text.delete_key(data, (*route, "metrics"), comments=(files.no_metric_comment(former),))
    return yaml_text.insert_key(data, route, "metrics", files.builtin_metric_lines(options))


def _removed(metric: Mapping[str, Any], key: str, options: AddCanaryOptions) -> str:
    name, limits = metric["name"], metric.get("thresholdRange") or metric.get("threshold")
    reason = f"provider {options.provider} can't measure the protocol of this port"
    if queries_application(options):
        reason = (
            f"for provider {options.provider}, Flagger would query the application's own http_request_duration_seconds"
            f" (--accept {OF_APPLICATION} keeps it)"
        )
    own = f". Its limit was your own ({_text(limits)}): --metric-template writes a metric with it"
    return f"{name} was removed from {key}.canaryAnalysis.metrics: {reason}{own if limits not in _LIMITS else ''}"


def _text(limits: Any) -> str:
    if isinstance(limits, dict):
        return ", ".join(f"{key} {value}" for key, value in limits.items())
    return f"threshold {limits}"


def _foreign_queries(block: Any, former: str, options: AddCanaryOptions) -> Iterator[str]:
    """A note for each query of the team's that asks for series of the former provider only."""
    gone = {name for name in series_of(former) if not name.startswith(series_of(options.provider))}
    queries = {
        str(name): str(as_mapping(spec).get("query")) for name, spec in as_mapping(block.get("metricTemplates")).items()
    }
    queries |= {
        str(metric.get("name")): str(metric["query"])
        for metric in map(as_mapping, as_list(value_at(block, METRICS)))
        if metric.get("query")
    }
    for name, query in queries.items():
        asked = sorted(series for series in gone if series in query)
        if asked:
            yield (
                f"the query of {name} asks for {asked[0]}, which provider {former} counts: change it if provider"
                f" {options.provider} doesn't"
            )
