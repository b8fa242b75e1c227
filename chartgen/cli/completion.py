"""What the shell offers for options without a fixed list of values: rules, scenarios, reports, a chart's objects."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, get_args

import typer

from chartgen.cli.choices import LintFormat
from chartgen.errors import ChartgenError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SCENARIOS = ("success", "fail@", "flaky:", "gate-closed", "hook-fails:", "no-traffic", "pods-fail:", "slow-start:")


def rule_ids(incomplete: str) -> list[str]:
    """The ids of rules."""
    from chartgen.rules.registry import REGISTRY

    return _beginning(incomplete, (entry.id for entry in REGISTRY))


def rules_and_tags(incomplete: str) -> list[str]:
    """The ids of rules, and their tags."""
    from chartgen.rules.registry import REGISTRY, all_rules

    tags = sorted({tag for rule in all_rules() for tag in rule.tags})
    return _beginning(incomplete, (*tags, *(entry.id for entry in REGISTRY)))


def scenarios(incomplete: str) -> list[str]:
    """The scenarios of plan; one that needs an argument ends before it."""
    return _beginning(incomplete, _SCENARIOS)


def reports(incomplete: str) -> list[str]:
    """`FORMAT=` for each format."""
    return _beginning(incomplete, (f"{name}=" for name in get_args(LintFormat)))


def providers(incomplete: str) -> list[str]:
    """Flagger's providers."""
    from chartgen.flagger.providers import PROVIDERS

    return _beginning(incomplete, (provider.name for provider in PROVIDERS))


def targets(context: typer.Context, incomplete: str) -> list[str]:
    """The workloads that Flagger can manage, of those that the chart on the command line renders."""
    from chartgen.flagger.canary import KNATIVE_API

    return _beginning(incomplete, _names(context, ("Deployment", "DaemonSet"), of_api=KNATIVE_API))


def canaries(context: typer.Context, incomplete: str) -> list[str]:
    """The Canaries that the chart on the command line renders."""
    return _beginning(incomplete, _names(context, ("Canary",)))


def services(context: typer.Context, incomplete: str) -> list[str]:
    """The Services that the chart on the command line renders."""
    return _beginning(incomplete, _names(context, ("Service",)))


def _names(context: typer.Context, kinds: tuple[str, ...], *, of_api: str = "") -> list[str]:
    """The names of the rendered objects of these kinds, and of those of the API version `of_api`."""
    # While the last option has no value yet, the arguments aren't assigned to parameters.
    chart = context.params.get("chart") or next(filter(os.path.exists, context.args), None)
    if not chart:
        return []
    from dataclasses import replace
    from pathlib import Path

    from chartgen.charts.load import load_chart
    from chartgen.flagger.emission import default_namespace
    from chartgen.helm.request import RenderRequest
    from chartgen.helm.select import select_engine
    from chartgen.manifests.rendering import render

    try:
        engine, loaded, request = select_engine(), load_chart(Path(str(chart))), RenderRequest()
        request = replace(request, namespace=default_namespace(engine, loaded, request))
        manifests = render(engine, loaded, request, "completion").manifests
    except ChartgenError:  # the command itself reports it; a shell has no place for it
        return []
    return [manifest.name for manifest in manifests if manifest.kind in kinds or manifest.api_version == of_api]


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]
