"""Checks of the options of `add-canary`: invalid ones are rejected before anything is read or written."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from chartgen.canary import gateways, hooks, measures, provider_settings, strategies
from chartgen.canary.options import MESH_GATEWAY
from chartgen.errors import UsageError, listed
from chartgen.flagger.canary import SHORTEST_INTERVAL
from chartgen.flagger.go_durations import duration_seconds
from chartgen.flagger.providers import PROVIDERS
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.canary.options import AddCanaryOptions

_HINT = "nothing was written; `chartgen add-canary --help` lists the options"
_NEEDS_BETA = frozenset(
    {
        "--strategy",
        "--iterations",
        "--match-header",
        "--match-cookie",
        "--session-affinity",
        "--load-test",
        "--acceptance-test",
        "--confirm-promotion",
        "--webhook",
        "--alert",
        "--metric-template",
        "--with-gateway",
    }
)
_CRD_INTERVAL = lazy_pattern(r"^[0-9]+(m|s)")
_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_NAMESPACE = lazy_pattern(_LABEL)
_HOST = lazy_pattern(rf"\*|(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")
_GATEWAY = lazy_pattern(rf"(?:{_LABEL}/)?{_LABEL}(?:\.{_LABEL})*")
_NAME = lazy_pattern(rf"{_LABEL}(?:\.{_LABEL})*")
_MAX_HOST = 253
_NAMES = tuple(sorted(provider.name for provider in PROVIDERS))


def check(options: AddCanaryOptions, *, exists: bool = False) -> None:
    """Raise UsageError with every problem of the options. `exists`: those that aren't given are an earlier run's."""
    problems = [
        *_weight_problems(options),
        *_time_problems(options),
        *_name_problems(options, exists=exists),
        *_choice_problems(options),
        *_schema_problems(options),
    ]
    if problems:
        raise UsageError(listed(problems, "invalid options"), hint=_HINT)


def _schema_problems(options: AddCanaryOptions) -> list[str]:
    schema = options.values_schema
    if schema is None or (schema and schema.isprintable() and " " not in schema):
        return []
    return [f"--values-schema {schema!r} must be one word: editors read the address up to the first space"]


def _weight_problems(options: AddCanaryOptions) -> list[str]:
    given = {"--max-weight": options.max_weight, "--step-weight": options.step_weight}
    problems = [
        f"{name} must be between 1 and 100 percent, not {weight}"
        for name, weight in given.items()
        if weight is not None and not 1 <= weight <= 100  # noqa: PLR2004 - percent
    ]
    step = options.step_weight or strategies.DEFAULT_STEP_WEIGHT
    most = options.max_weight or strategies.DEFAULT_MAX_WEIGHT
    if not problems and not options.step_weights and step > most:
        problems.append(f"--step-weight {step} is above --max-weight {most}: the first step would exceed the maximum")
    steps = options.step_weights
    if any(not 1 <= weight <= 100 for weight in steps):  # noqa: PLR2004 - percent
        problems.append("--step-weights must be between 1 and 100 percent each")
    if any(high <= low for low, high in pairwise(steps)):
        problems.append("--step-weights must be ascending: Flagger stalls at a step that isn't above the previous one")
    if steps and any(weight is not None for weight in given.values()):
        problems.append(
            "--step-weights can't be combined with --step-weight or --max-weight: the API server rejects both together"
        )
    return problems


def _time_problems(options: AddCanaryOptions) -> list[str]:
    problems = []
    seconds = duration_seconds(options.interval)
    if seconds is None or not _CRD_INTERVAL.match(options.interval):
        problems.append(
            f"--interval {options.interval!r} is not a duration Flagger accepts. Use seconds or minutes: 60s or 5m"
        )
    elif seconds < SHORTEST_INTERVAL:
        problems.append(
            f"--interval {options.interval} is below 10s: Flagger silently raises it to 10s. Write --interval 10s"
        )
    if options.threshold < 1:
        problems.append(f"--threshold must be at least 1, not {options.threshold}")
    if options.progress_deadline < 1:
        problems.append(f"--progress-deadline must be at least 1 second, not {options.progress_deadline}")
    return problems


def _name_problems(options: AddCanaryOptions, *, exists: bool) -> list[str]:
    hosts = () if exists and "--host" not in options.given else options.hosts
    gateway_names = () if exists and "--gateway" not in options.given else options.gateways
    return [
        *(
            f"--namespace {name!r} is not a valid Kubernetes namespace. Use lowercase letters, digits, and '-',"
            " at most 63 characters"
            for name in options.namespaces
            if not _NAMESPACE.fullmatch(name)
        ),
        *(
            f"--host {name!r} is not a valid host name. Use lowercase letters, digits, '-', and '.';"
            " it can begin with '*.'"
            for name in hosts
            if not _HOST.fullmatch(name) or len(name) > _MAX_HOST
        ),
        *(f"--gateway {name!r} is not a valid gateway name" for name in gateway_names if not _GATEWAY.fullmatch(name)),
        *(
            f"--gateway-class {name!r} is not a valid name. Use lowercase letters, digits, '-', and '.'"
            for name in (options.gateway_class,)
            if name is not None and not _NAME.fullmatch(name)
        ),
    ]


def _choice_problems(options: AddCanaryOptions) -> list[str]:
    problems = _provider_problems(options.provider)
    if not problems:
        problems += [
            problem
            for part in (provider_settings, gateways, strategies, hooks, measures)
            for problem in part.problems(options)
        ]
    if options.api_version != "v1beta1" and options.step_weights:
        problems.append(f"--step-weights needs --api-version v1beta1: {options.api_version} has no stepWeights")
    beta = options.given & _NEEDS_BETA
    if options.api_version == "v1alpha2" and beta:
        problems.append(f"{min(beta)} needs --api-version v1beta1: the v1alpha2 manifest has no place for it")
    if options.api_version == "v1alpha2" and options.provider != "istio":
        problems.append(
            f"--provider {options.provider} needs --api-version v1beta1: a v1alpha2 Canary can't name a provider"
        )
    routed = options.given & {"--host", "--gateway"}
    if options.provider == "istio" and routed and "*" in options.hosts and MESH_GATEWAY in options.gateways:
        problems.append(
            "--host '*' can't be combined with --gateway mesh: Istio rejects a wildcard host on the mesh gateway"
        )
    return problems


def _provider_problems(name: str) -> list[str]:
    return [] if name in _NAMES else [f"--provider {name!r} is unknown. Choose one of {', '.join(_NAMES)}"]
