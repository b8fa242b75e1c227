"""The keywords of the API: each is an option of the command with the same name.

A keyword that is left out, or None, has the default of the option. Durations are Go durations (`90s`), shares are texts
(`2%`). What an option means is described by `chartgen COMMAND --help`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict, get_args, get_type_hints

from chartgen.errors import UsageError

FailOn = Literal["error", "warning", "info", "never"]
MinSeverity = Literal["error", "warning", "info"]
ApiVersion = Literal["v1beta1", "v1alpha3", "v1alpha2"]
Strategy = Literal["canary", "ab", "blue-green", "mirror"]
Delivery = Literal["helm", "argocd", "flux", "rendered"]
Toggle = Literal["enable", "enabled"]


class ValuesSettings(TypedDict, total=False):
    """The values and the name of the release, as for `helm install`."""

    release_name: str
    values: Sequence[str | Path]
    set: Sequence[str]
    set_string: Sequence[str]
    set_file: Sequence[str]
    set_json: Sequence[str]


class RenderSettings(ValuesSettings, total=False):
    """The release, and the cluster that Helm renders it for."""

    kube_version: str
    api_versions: Sequence[str]


class AddCanarySettings(ValuesSettings, total=False):
    """The keywords of add_canary."""

    target: Sequence[str] | None
    all_targets: bool
    service: str | None
    namespace: Sequence[str] | None
    any_namespace: bool
    provider: str
    host: Sequence[str] | None
    gateway: Sequence[str] | None
    with_gateway: bool
    gateway_class: str | None
    route: str | None
    mesh_name: str | None
    strategy: Strategy | None
    preset: str | None
    interval: str
    threshold: int
    max_weight: int | None
    step_weight: int | None
    step_weights: str | None
    progress_deadline: int | None
    iterations: int | None
    match_header: Sequence[str] | None
    match_cookie: Sequence[str] | None
    session_affinity: str | None
    load_test: bool
    load_test_url: str | None
    load_tester: str | None
    acceptance_test: str | None
    confirm_promotion: bool
    webhook: Sequence[str] | None
    alert: Sequence[str] | None
    metric_template: Sequence[str] | None
    metric_range: Sequence[str] | None
    prometheus: str | None
    toggle: Toggle
    api_version: ApiVersion | None
    crd_guard: bool
    keep_service: bool
    keep_replicas: bool
    values_schema: str | None
    helm_docs: bool
    accept: Sequence[str] | None
    delivery: Delivery | None


class LintSettings(RenderSettings, total=False):
    """The keywords of lint."""

    namespace: Sequence[str] | None
    select: Sequence[str] | None
    ignore: Sequence[str] | None
    fail_on: FailOn | None
    min_severity: MinSeverity | None
    config: str | Path | None
    no_config: bool
    allow_empty: bool
    chart: Sequence[str] | None
    thorough: bool
    flagger_version: str


class EmitSettings(RenderSettings, total=False):
    """The keywords of emit."""

    namespace: str | None


class PlanSettings(RenderSettings, total=False):
    """The keywords of plan."""

    namespace: str | None
    scenario: Sequence[str]
    bootstrap: bool
    pod_start: str
    flagger_version: str
    mesh_provider: str
    canary: str
    compare: str
    rps: float | None
    traffic: str | Path | None
    error_rate: str
    error_rates: str
    slow_rate: str
    healthy_error_rate: str
    match_share: str
    synthetic_rps: float | None
    pods: int | None
    scrape_interval: str
    seed: int
    runs: int
    max_exposure: float | None
    max_duration: str
    max_rollback_time: str
    max_failed_requests: float | None
    detect: Sequence[str]
    false_alarm: str
    config: str | Path | None
    no_config: bool


def checked(settings: Any, kind: type) -> dict[str, Any]:
    """The settings that aren't None. TypeError for an unknown keyword, UsageError for a value that isn't a choice."""
    hints = get_type_hints(kind)
    for name, value in settings.items():
        if name not in hints:
            raise TypeError(f"unexpected keyword argument {name!r}")
        choices = _choices(hints[name])
        if choices and value is not None and value not in choices:
            raise UsageError(f"{option(name)} {value!r} is not valid", hint=f"choose one of {', '.join(choices)}")
        if isinstance(value, str) and str not in {hints[name], *get_args(hints[name])} and not choices:
            raise UsageError(f"{option(name)} {value!r} is a text, not a list", hint=f"write [{value!r}]")
    return {name: value for name, value in settings.items() if value is not None}


def option(name: str) -> str:
    """The option of a keyword: `--step-weight` for `step_weight`."""
    return f"--{name.replace('_', '-')}"


def _choices(hint: Any) -> tuple[str, ...]:
    literals = hint if hint.__class__ is Literal["a"].__class__ else next(iter(get_args(hint)), None)
    return get_args(literals) if literals.__class__ is Literal["a"].__class__ else ()
