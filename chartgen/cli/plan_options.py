"""The options of `chartgen plan` that aren't about the chart: scenarios, traffic, budgets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chartgen.cli import completion
from chartgen.cli.choices import PlanFormat

_SCENARIOS, _TRAFFIC, _BUDGETS = "Scenarios", "Traffic", "Budgets (exit 1 when exceeded)"
_SUGGEST = "Settings"

Scenarios = Annotated[
    list[str],
    typer.Option(
        "--scenario",
        autocompletion=completion.scenarios,
        metavar="NAME",
        help="success, fail@WEIGHT, flaky:P, no-traffic, slow-start:DURATION, gate-closed, hook-fails:NAME or"
        " pods-fail:N"
        " (repeatable) [default: success].",
        rich_help_panel=_SCENARIOS,
    ),
]
Bootstrap = Annotated[
    bool,
    typer.Option(
        "--bootstrap", help="Simulate the first installation instead of an upgrade.", rich_help_panel=_SCENARIOS
    ),
]
PodStart = Annotated[
    str,
    typer.Option(
        metavar="DURATION", help="Time until a pod is ready [default: from its probes].", rich_help_panel=_SCENARIOS
    ),
]
FlaggerVersion = Annotated[
    str,
    typer.Option(metavar="VERSION", help="Flagger version of the cluster [default: newest supported]."),
]
MeshProvider = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        autocompletion=completion.providers,
        help="Provider that Flagger was started with, for Canaries without spec.provider [default: istio].",
    ),
]
CanaryName = Annotated[
    str,
    typer.Option(
        "--canary", metavar="NAME", autocompletion=completion.canaries, help="Name of the Canary, if there are several."
    ),
]
Compare = Annotated[
    str, typer.Option(metavar="values:FILE|chart:DIR|git:REF", help="Show a second plan next to this one.")
]
Format = Annotated[PlanFormat, typer.Option("--format", help="Output format.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file instead of stdout.")]

Rps = Annotated[
    float | None,
    typer.Option(metavar="N", help="Requests per second on the whole service.", rich_help_panel=_TRAFFIC),
]
TrafficFile = Annotated[
    Path | None,
    typer.Option(
        "--traffic",
        metavar="FILE",
        help="CSV with the requests per second of each hour of the week, instead of --rps.",
        rich_help_panel=_TRAFFIC,
    ),
]
ErrorRate = Annotated[
    str,
    typer.Option(
        metavar="SHARE", help="Share of a bad release's requests that fail [default: 100%].", rich_help_panel=_TRAFFIC
    ),
]
ErrorRates = Annotated[
    str,
    typer.Option(
        metavar="LIST", help="Error rates of the detection table [default: 0.1% to 100%].", rich_help_panel=_TRAFFIC
    ),
]
SlowRate = Annotated[
    str,
    typer.Option(
        metavar="LIST", help="Shares of slow requests for a latency detection table.", rich_help_panel=_TRAFFIC
    ),
]
HealthyErrorRate = Annotated[
    str,
    typer.Option(
        metavar="SHARE", help="Share of a healthy release's requests that fail [default: 0].", rich_help_panel=_TRAFFIC
    ),
]
MatchShare = Annotated[
    str, typer.Option(metavar="SHARE", help="Share of all requests that an A/B test matches.", rich_help_panel=_TRAFFIC)
]
SyntheticRps = Annotated[
    float | None,
    typer.Option(
        metavar="N",
        help="Requests per second of a load test [default: from hey's -q and -c in webhooks].",
        rich_help_panel=_TRAFFIC,
    ),
]
Pods = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        max=1000,
        help="Pods of the new version [default: from the autoscaler or the replicas].",
        rich_help_panel=_TRAFFIC,
    ),
]
ScrapeInterval = Annotated[
    str,
    typer.Option(
        metavar="DURATION",
        help="Prometheus' scrape interval; 0s: metrics include every request [default: 15s].",
        rich_help_panel=_TRAFFIC,
    ),
]
Seed = Annotated[int, typer.Option(help="Seed for random numbers.", rich_help_panel=_TRAFFIC)]
Runs = Annotated[
    int, typer.Option(min=1, max=1_000_000, help="Number of random rollouts for flaky:P.", rich_help_panel=_TRAFFIC)
]

MaxExposure = Annotated[
    float | None,
    typer.Option(metavar="N", help="Percent·minutes of traffic on the new version.", rich_help_panel=_BUDGETS),
]
MaxDuration = Annotated[
    str, typer.Option(metavar="DURATION", help="Time to promote in scenario success.", rich_help_panel=_BUDGETS)
]
MaxRollbackTime = Annotated[
    str, typer.Option(metavar="DURATION", help="Worst time to roll back.", rich_help_panel=_BUDGETS)
]
MaxFailedRequests = Annotated[
    float | None,
    typer.Option(metavar="N", help="Failed requests of a bad release before its rollback.", rich_help_panel=_BUDGETS),
]
Detect = Annotated[
    list[str],
    typer.Option(
        metavar="RATE:P",
        help="2%:95% - a release failing 2% must be rolled back with probability 95%.",
        rich_help_panel=_BUDGETS,
    ),
]
FalseAlarm = Annotated[
    str,
    typer.Option(
        metavar="SHARE",
        help="Probability that a healthy release is rolled back [default with --suggest: 1%].",
        rich_help_panel=_BUDGETS,
    ),
]
Suggest = Annotated[
    bool,
    typer.Option("--suggest", help="Search settings of the analysis that meet the budgets.", rich_help_panel=_SUGGEST),
]
Write = Annotated[
    bool,
    typer.Option("--write", help="Write the suggested settings into the chart.", rich_help_panel=_SUGGEST),
]
Diff = Annotated[
    bool,
    typer.Option("--diff", help="Print what --write would change, as a unified diff.", rich_help_panel=_SUGGEST),
]
Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="CHARTGEN_CONFIG",
        help="Configuration with budgets and traffic, instead of the nearest chartgen.yaml.",
        rich_help_panel=_BUDGETS,
    ),
]
NoConfig = Annotated[
    bool, typer.Option("--no-config", help="Ignore all configuration files.", rich_help_panel=_BUDGETS)
]
