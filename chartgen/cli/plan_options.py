"""The options of `chartgen plan` beside the chart's: scenarios, traffic, budgets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chartgen.cli.choices import PlanFormat

_SCENARIOS, _TRAFFIC, _BUDGETS = "Scenarios", "Traffic", "Budgets (exit 1 when exceeded)"

Scenarios = Annotated[
    list[str],
    typer.Option(
        "--scenario",
        metavar="NAME",
        help="success, fail@WEIGHT, flaky:P, no-traffic, slow-start:DURATION or gate-closed (repeatable)"
        " [default: success].",
        rich_help_panel=_SCENARIOS,
    ),
]
Bootstrap = Annotated[
    bool, typer.Option("--bootstrap", help="The first installation instead of an upgrade.", rich_help_panel=_SCENARIOS)
]
PodStart = Annotated[
    str,
    typer.Option(
        metavar="DURATION", help="Until a pod is ready [default: from its probes].", rich_help_panel=_SCENARIOS
    ),
]
FlaggerVersion = Annotated[
    str,
    typer.Option(metavar="VERSION", help="Release of the cluster's Flagger [default: the newest known]."),
]
CanaryName = Annotated[str, typer.Option("--canary", metavar="NAME", help="Which Canary, where there are several.")]
Compare = Annotated[
    str, typer.Option(metavar="values:FILE|chart:DIR|git:REF", help="Show a second plan beside this one.")
]
Format = Annotated[PlanFormat, typer.Option("--format", help="Output format.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="File to write instead of stdout.")]

Rps = Annotated[
    float | None,
    typer.Option(metavar="N", help="Requests a second on the whole service.", rich_help_panel=_TRAFFIC),
]
ErrorRate = Annotated[
    str, typer.Option(metavar="SHARE", help="Share of a bad release's requests that fail.", rich_help_panel=_TRAFFIC)
]
ErrorRates = Annotated[
    str,
    typer.Option(metavar="LIST", help="Rates of the detection table [default: 0.1% … 100%].", rich_help_panel=_TRAFFIC),
]
SlowRate = Annotated[
    str,
    typer.Option(metavar="LIST", help="Shares of requests above the latency bound.", rich_help_panel=_TRAFFIC),
]
HealthyErrorRate = Annotated[
    str,
    typer.Option(
        metavar="SHARE", help="Share that fails on a healthy release too [default: 0].", rich_help_panel=_TRAFFIC
    ),
]
MatchShare = Annotated[
    str, typer.Option(metavar="SHARE", help="Share of requests an A/B test matches.", rich_help_panel=_TRAFFIC)
]
SyntheticRps = Annotated[
    float, typer.Option(metavar="N", help="Requests a second of a load test.", rich_help_panel=_TRAFFIC)
]
ScrapeInterval = Annotated[
    str,
    typer.Option(metavar="DURATION", help="Prometheus' scrape interval [default: sees all].", rich_help_panel=_TRAFFIC),
]
Seed = Annotated[int, typer.Option(help="Seed of everything that is drawn.", rich_help_panel=_TRAFFIC)]
Runs = Annotated[
    int, typer.Option(min=1, max=1_000_000, help="Rollouts to draw for flaky:P.", rich_help_panel=_TRAFFIC)
]

MaxExposure = Annotated[
    float | None, typer.Option(metavar="N", help="Percent·minutes on the new version.", rich_help_panel=_BUDGETS)
]
MaxDuration = Annotated[
    str, typer.Option(metavar="DURATION", help="Time to promote a success.", rich_help_panel=_BUDGETS)
]
MaxRollbackTime = Annotated[
    str, typer.Option(metavar="DURATION", help="Worst time to roll back.", rich_help_panel=_BUDGETS)
]
MaxFailedRequests = Annotated[
    float | None, typer.Option(metavar="N", help="Requests that fail before the rollback.", rich_help_panel=_BUDGETS)
]
Detect = Annotated[
    list[str],
    typer.Option(metavar="RATE:P", help="2%:95% - failing 2 % must be caught with 95 %.", rich_help_panel=_BUDGETS),
]
Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="CHARTGEN_CONFIG",
        help="Configuration with the policy's budgets, instead of the nearest chartgen.yaml.",
        rich_help_panel=_BUDGETS,
    ),
]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Read no configuration.", rich_help_panel=_BUDGETS)]
