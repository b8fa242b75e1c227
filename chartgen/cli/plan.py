"""`chartgen plan`: simulates what Flagger does with a chart's canary, tick by tick."""

from __future__ import annotations

from typing import Annotated

import typer

from chartgen.cli import options as shared
from chartgen.cli import plan_options as own


def plan(
    chart: Annotated[
        str, typer.Argument(metavar="CHART", help="Chart folder or .tgz, a manifest file, or - for stdin.")
    ],
    namespace: Annotated[
        str | None,
        typer.Option(
            "-n", "--namespace", help="Namespace of the release [default: the first namespace of the chart's gate]."
        ),
    ] = None,
    format_: own.Format = "text",
    output: own.Output = None,
    scenario: own.Scenarios = [],  # noqa: B006 - Typer copies defaults
    bootstrap: own.Bootstrap = False,
    pod_start: own.PodStart = "",
    flagger_version: own.FlaggerVersion = "",
    mesh_provider: own.MeshProvider = "",
    canary: own.CanaryName = "",
    compare: own.Compare = "",
    suggest: own.Suggest = False,
    write: own.Write = False,
    diff: own.Diff = False,
    rps: own.Rps = None,
    traffic: own.TrafficFile = None,
    error_rate: own.ErrorRate = "",
    error_rates: own.ErrorRates = "",
    slow_rate: own.SlowRate = "",
    healthy_error_rate: own.HealthyErrorRate = "",
    match_share: own.MatchShare = "",
    synthetic_rps: own.SyntheticRps = None,
    pods: own.Pods = None,
    scrape_interval: own.ScrapeInterval = "",
    seed: own.Seed = 0,
    runs: own.Runs = 1000,
    max_exposure: own.MaxExposure = None,
    max_duration: own.MaxDuration = "",
    max_rollback_time: own.MaxRollbackTime = "",
    max_failed_requests: own.MaxFailedRequests = None,
    detect: own.Detect = [],  # noqa: B006
    false_alarm: own.FalseAlarm = "",
    config: own.Config = None,
    no_config: own.NoConfig = False,
    release_name: shared.ReleaseName = "release-name",
    values: shared.Values = [],  # noqa: B006
    set_: shared.Set = [],  # noqa: B006
    set_string: shared.SetString = [],  # noqa: B006
    set_file: shared.SetFile = [],  # noqa: B006
    set_json: shared.SetJson = [],  # noqa: B006
    kube_version: shared.KubeVersion = "",
    api_versions: shared.ApiVersions = [],  # noqa: B006
    helm: shared.Helm = "auto",
    render_timeout: shared.RenderTimeout = 10,
    render_memory: shared.RenderMemory = 1024,
) -> None:
    """Simulate a release with Flagger: weights, events, exposure, and the chance to detect a bad release."""
    from chartgen.cli import plan_policy, plan_request, run_plan, run_suggest
    from chartgen.planning.budgets import parse_budgets

    budgets = parse_budgets(max_exposure, max_duration, max_rollback_time, max_failed_requests, detect, false_alarm)
    options = plan_request.PlanOptions(
        scenario, bootstrap, pod_start, flagger_version, rps, error_rate, error_rates, slow_rate,
        healthy_error_rate, match_share, synthetic_rps, pods, scrape_interval, seed, runs, mesh_provider, traffic,
    )  # fmt: skip
    action = run_suggest.action_of(suggest=suggest, write=write, diff=diff)
    options, budgets, policy = plan_policy.with_configuration(options, budgets, chart, config, no_config=no_config)
    if action:
        options, budgets = run_suggest.with_defaults(options, budgets, format_, compare)
    value_sources = shared.value_sources(values, set_, set_string, set_file, set_json)
    source = plan_request.CanarySource(
        chart, namespace, release_name, value_sources, kube_version, tuple(api_versions), canary
    )
    request = options.request(budgets)
    choice = shared.helm_choice(helm, render_timeout, render_memory)
    if action:
        goals = run_suggest.Goals(budgets, policy)
        code = run_suggest.run(source, request, goals, action, format_name=format_, output=output, helm=choice)
        raise typer.Exit(code)
    code = run_plan.run(source, request, budgets, compare=compare, format_name=format_, output=output, helm=choice)
    raise typer.Exit(code)
