"""`chartgen add-canary`: adds a Flagger canary to a chart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chartgen.api.settings import ApiVersion, Delivery, Toggle
from chartgen.cli import add_canary_options as extra
from chartgen.cli import completion
from chartgen.cli import options as shared
from chartgen.cli.choices import TextOrJson

if TYPE_CHECKING:
    from chartgen.api.settings import AddCanarySettings


def add_canary(
    context: typer.Context,
    chart: Annotated[Path, typer.Argument(metavar="CHART", help="Folder of the chart.")],
    target: Annotated[
        list[str] | None,
        typer.Option(
            autocompletion=completion.targets,
            help="Deployment, DaemonSet, or Knative Service that the Canary manages (repeatable).",
        ),
    ] = None,
    all_targets: Annotated[
        bool, typer.Option("--all-targets", help="Add a Canary for each one that a Service reaches by TCP.")
    ] = False,
    service: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            autocompletion=completion.services,
            help="Service to serve, where several select the target.",
        ),
    ] = None,
    namespace: Annotated[
        list[str] | None, typer.Option(help="Namespace where the canary is on (repeatable) [default: jx-production].")
    ] = None,
    any_namespace: Annotated[
        bool, typer.Option("--any-namespace", help="Allow the canary in every namespace.")
    ] = False,
    provider: extra.Provider = "istio",
    host: extra.Host = None,
    gateway: extra.Gateway = None,
    with_gateway: extra.WithGateway = False,
    gateway_class: extra.GatewayClass = None,
    route: extra.Route = None,
    mesh_name: extra.MeshName = None,
    strategy: extra.StrategyName = None,
    preset: extra.Preset = None,
    interval: Annotated[str, typer.Option(rich_help_panel=extra.ANALYSIS, help="Time between two checks.")] = "60s",
    threshold: Annotated[
        int, typer.Option(rich_help_panel=extra.ANALYSIS, help="Number of failed checks before rollback.")
    ] = 5,
    max_weight: Annotated[
        int | None, typer.Option(rich_help_panel=extra.ANALYSIS, help="Maximum weight in percent [default: 50].")
    ] = None,
    step_weight: Annotated[
        int | None, typer.Option(rich_help_panel=extra.ANALYSIS, help="Increase per step in percent [default: 10].")
    ] = None,
    step_weights: Annotated[
        str | None,
        typer.Option(metavar="W,W,…", rich_help_panel=extra.ANALYSIS, help="Weight of each step in percent."),
    ] = None,
    progress_deadline: Annotated[
        int | None,
        typer.Option(rich_help_panel=extra.ANALYSIS, help="Seconds for pods to become ready [default: 600]."),
    ] = None,
    iterations: extra.Iterations = None,
    match_header: extra.MatchHeader = None,
    match_cookie: extra.MatchCookie = None,
    session_affinity: extra.SessionAffinity = None,
    load_test: extra.LoadTest = False,
    load_test_url: extra.LoadTestUrl = None,
    load_tester: extra.LoadTester = None,
    acceptance_test: extra.AcceptanceTest = None,
    confirm_promotion: extra.ConfirmPromotion = False,
    webhook: extra.Webhook = None,
    alert: extra.AlertTo = None,
    metric_template: extra.MetricTemplate = None,
    metric_range: extra.MetricRange = None,
    prometheus: extra.Prometheus = None,
    toggle: Annotated[Toggle, typer.Option(help="Key under canary that switches it on.")] = "enable",
    api_version: Annotated[
        ApiVersion | None, typer.Option(help="API version of the Canary [default: the existing one's, or v1beta1].")
    ] = None,
    crd_guard: Annotated[
        bool,
        typer.Option("--crd-guard/--no-crd-guard", help="Render the Canary only in clusters with Flagger's CRD."),
    ] = False,
    keep_service: Annotated[
        bool, typer.Option("--keep-service/--no-keep-service", help="Don't change the chart's Service.")
    ] = False,
    keep_replicas: Annotated[
        bool, typer.Option("--keep-replicas/--no-keep-replicas", help="Don't change the chart's replicas.")
    ] = False,
    values_schema: extra.ValuesSchema = None,
    helm_docs: extra.HelmDocs = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            autocompletion=completion.rule_ids,
            help="Lint rule whose errors don't stop the run (repeatable).",
        ),
    ] = None,
    delivery: Annotated[
        Delivery | None,
        typer.Option(
            help="What deploys the chart: argocd, flux, and rendered need no cluster to render it [default: helm]."
        ),
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Print the change without writing it.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if the chart would change; write nothing.")] = False,
    format_: Annotated[TextOrJson, typer.Option("--format", help="Output format.")] = "text",
    release_name: shared.ReleaseName = "",
    values: shared.Values = [],  # noqa: B006 - Typer copies defaults
    set_: shared.Set = [],  # noqa: B006
    set_string: shared.SetString = [],  # noqa: B006
    set_file: shared.SetFile = [],  # noqa: B006
    set_json: shared.SetJson = [],  # noqa: B006
    helm: shared.Helm = "auto",
    render_timeout: shared.RenderTimeout = 10,
    render_memory: shared.RenderMemory = 1024,
) -> None:
    """Add a Flagger canary to a chart without changing anything else, and verify that with real Helm."""
    from chartgen.cli import run_add_canary

    settings: AddCanarySettings = {
        "target": target, "all_targets": all_targets, "service": service, "namespace": namespace,
        "any_namespace": any_namespace, "provider": provider, "host": host, "gateway": gateway,
        "with_gateway": with_gateway, "gateway_class": gateway_class, "route": route, "mesh_name": mesh_name,
        "strategy": strategy, "preset": preset, "interval": interval, "threshold": threshold,
        "max_weight": max_weight, "step_weight": step_weight, "step_weights": step_weights,
        "progress_deadline": progress_deadline, "iterations": iterations, "match_header": match_header,
        "match_cookie": match_cookie, "session_affinity": session_affinity, "load_test": load_test,
        "load_test_url": load_test_url, "load_tester": load_tester, "acceptance_test": acceptance_test,
        "confirm_promotion": confirm_promotion, "webhook": webhook, "alert": alert, "metric_template": metric_template,
        "metric_range": metric_range, "prometheus": prometheus, "toggle": toggle, "api_version": api_version,
        "crd_guard": crd_guard, "keep_service": keep_service, "keep_replicas": keep_replicas, "accept": accept,
        "values_schema": values_schema, "helm_docs": helm_docs, "delivery": delivery, "release_name": release_name,
        "values": values, "set": set_, "set_string": set_string, "set_file": set_file, "set_json": set_json,
    }  # fmt: skip
    session = shared.session(helm, render_timeout, render_memory)
    given = shared.only_given(context, settings)
    raise typer.Exit(run_add_canary.run(chart, given, session, diff=diff, check=check, form=format_))
