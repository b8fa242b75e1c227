"""The options of `add-canary` for its provider, strategy, tests, alerts and metrics, as annotated types."""

from __future__ import annotations

from typing import Annotated

import typer

from chartgen.api.settings import Strategy
from chartgen.cli.choices import ADD_CANARY_PROVIDERS

TRAFFIC, ANALYSIS, TESTS = "Traffic", "Analysis", "Tests, alerts, and metrics"

Provider = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        rich_help_panel=TRAFFIC,
        autocompletion=lambda: list(ADD_CANARY_PROVIDERS),
        help=f"Mesh or ingress controller: {', '.join(ADD_CANARY_PROVIDERS)}.",
    ),
]
Host = Annotated[
    list[str] | None, typer.Option(rich_help_panel=TRAFFIC, help="Host name that users call (repeatable).")
]
Gateway = Annotated[
    list[str] | None,
    typer.Option(rich_help_panel=TRAFFIC, help="Istio gateway, or NAMESPACE/NAME of a Gateway (repeatable)."),
]
Route = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        rich_help_panel=TRAFFIC,
        help="Ingress or ApisixRoute that Flagger copies [default: the only one].",
    ),
]
WithGateway = Annotated[
    bool,
    typer.Option("--with-gateway", rich_help_panel=TRAFFIC, help="Add the Gateway that the Canary names to the chart."),
]
GatewayClass = Annotated[
    str | None,
    typer.Option(metavar="NAME", rich_help_panel=TRAFFIC, help="GatewayClass of the Gateway, for the Gateway API."),
]
MeshName = Annotated[str | None, typer.Option(metavar="NAME", rich_help_panel=TRAFFIC, help="Name of the App Mesh.")]
StrategyName = Annotated[
    Strategy | None,
    typer.Option(rich_help_panel=ANALYSIS, help="How users get the new version [default: canary, or what fits]."),
]
Preset = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        rich_help_panel=ANALYSIS,
        help="Settings of the analysis: cautious, standard, fast, or one of chartgen.yaml.",
    ),
]
Iterations = Annotated[
    int | None, typer.Option(rich_help_panel=ANALYSIS, help="Checks before promotion without weights [default: 10].")
]
MatchHeader = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", rich_help_panel=ANALYSIS, help="Header of the users of an A/B test."),
]
MatchCookie = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", rich_help_panel=ANALYSIS, help="Cookie of the users of an A/B test."),
]
SessionAffinity = Annotated[
    str | None,
    typer.Option(
        metavar="COOKIE[=SECONDS]", rich_help_panel=ANALYSIS, help="Keep users on the new version by this cookie."
    ),
]
LoadTest = Annotated[
    bool, typer.Option("--load-test", rich_help_panel=TESTS, help="Generate load on the new version during checks.")
]
LoadTestUrl = Annotated[
    str | None, typer.Option(metavar="URL", rich_help_panel=TESTS, help="Address to load [default: the new version's].")
]
LoadTester = Annotated[
    str | None,
    typer.Option(
        metavar="URL", rich_help_panel=TESTS, help="Flagger's load tester [default: http://flagger-loadtester.test/]."
    ),
]
AcceptanceTest = Annotated[
    str | None,
    typer.Option(metavar="COMMAND", rich_help_panel=TESTS, help="Bash command that must succeed before any traffic."),
]
ConfirmPromotion = Annotated[
    bool,
    typer.Option("--confirm-promotion", rich_help_panel=TESTS, help="Wait for the load tester's gate to promote."),
]
Webhook = Annotated[
    list[str] | None,
    typer.Option(metavar="TYPE=URL", rich_help_panel=TESTS, help="Webhook that Flagger calls (repeatable)."),
]
AlertTo = Annotated[
    list[str] | None,
    typer.Option("--alert", metavar="TYPE:CHANNEL", rich_help_panel=TESTS, help="Chat for events: slack:releases."),
]
MetricTemplate = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=QUERY", rich_help_panel=TESTS, help="Prometheus query to check (repeatable)."),
]
MetricRange = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=MIN..MAX", rich_help_panel=TESTS, help="Good values of a query; one may be left out."),
]
ValuesSchema = Annotated[
    str | None,
    typer.Option(
        metavar="SCHEMA",
        help="Path or URL of a JSON Schema, as the first line of values.yaml names it to editors.",
    ),
]
HelmDocs = Annotated[
    bool, typer.Option("--helm-docs", help="Describe the settings in values.yaml with comments of helm-docs.")
]
Prometheus = Annotated[
    str | None,
    typer.Option(metavar="URL", rich_help_panel=TESTS, help="Prometheus for --metric-template."),
]
