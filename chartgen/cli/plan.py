"""`chartgen plan`: simulates what Flagger does with a chart's canary, tick by tick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chartgen.cli import options as shared
from chartgen.cli import plan_options as own

if TYPE_CHECKING:
    from chartgen.api.settings import PlanSettings


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
    from chartgen.cli import run_plan, run_suggest

    settings: PlanSettings = {
        "namespace": namespace, "scenario": scenario, "bootstrap": bootstrap, "pod_start": pod_start,
        "flagger_version": flagger_version, "mesh_provider": mesh_provider, "canary": canary, "compare": compare,
        "rps": rps, "traffic": traffic, "error_rate": error_rate, "error_rates": error_rates, "slow_rate": slow_rate,
        "healthy_error_rate": healthy_error_rate, "match_share": match_share, "synthetic_rps": synthetic_rps,
        "pods": pods, "scrape_interval": scrape_interval, "seed": seed, "runs": runs, "max_exposure": max_exposure,
        "max_duration": max_duration, "max_rollback_time": max_rollback_time,
        "max_failed_requests": max_failed_requests, "detect": detect, "false_alarm": false_alarm, "config": config,
        "no_config": no_config, "release_name": release_name, "values": values, "set": set_, "set_string": set_string,
        "set_file": set_file, "set_json": set_json, "kube_version": kube_version, "api_versions": api_versions,
    }  # fmt: skip
    action = run_suggest.action_of(suggest=suggest, write=write, diff=diff)
    session = shared.session(helm, render_timeout, render_memory)
    if action:
        code = run_suggest.run(chart, settings, session, action, format_name=format_, output=output)
    else:
        code = run_plan.run(chart, settings, session, format_name=format_, output=output)
    raise typer.Exit(code)
