"""The options of `add-canary`. Invalid ones are rejected before anything is read or written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from chartgen.canary import hooks, measures, provider_settings, strategies
from chartgen.canary.slots import FIRST, Slot
from chartgen.errors import UsageError, listed
from chartgen.flagger.canary import DEFAULT_DEADLINE, SHORTEST_INTERVAL
from chartgen.flagger.go_durations import duration_seconds
from chartgen.flagger.providers import PROVIDERS
from chartgen.helm.request import ValueSources
from chartgen.rules.reading.protocols import DURATION, SUCCESS_RATE

if TYPE_CHECKING:
    from collections.abc import Mapping

_HINT = "nothing was written; `chartgen add-canary --help` lists the options"

DEFAULT_NAMESPACE = "jx-production"
DEFAULT_GATEWAY = "jx-gateway.istio-system.svc.cluster.local"
MESH_GATEWAY = "mesh"
SEED_DEADLINE = 60
# The providers whose Canary chartgen can generate: a Knative Service is no Deployment with a Service.
SUPPORTED = tuple(sorted(provider.name for provider in PROVIDERS if provider.name != "knative"))

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
    }
)
_CRD_INTERVAL = re.compile(r"^[0-9]+(m|s)")
_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_NAMESPACE = re.compile(_LABEL)
_HOST = re.compile(rf"\*|(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")
_GATEWAY = re.compile(rf"(?:{_LABEL}/)?{_LABEL}(?:\.{_LABEL})*")
_MAX_HOST = 253


@dataclass(frozen=True, slots=True)
class AddCanaryOptions:
    """The options of one `add-canary` call.

    `target` is the one of `targets` for this Canary, and `slot` its place in the chart. Empty `namespaces` means any
    namespace; `enabled` is the switch to write. Weights are percent; `step_weights` replaces `max_weight` and
    `step_weight`. `metrics` are the builtin ones that measure the served port.
    `interval` is a Go duration as Flagger reads it. `deadline` is in seconds; None means 600, or 60 for v1alpha2.
    `route` is the Ingress or ApisixRoute that the Canary names, None for the only one. `fills_in`: the analysis in the
    values has placeholders for the Canary's own name or address. `companions` are the keys of the block for objects
    beside the Canary → their kind. `accept` names rules of the linter whose errors don't stop the run. `given` names
    the options that aren't left at their defaults, such as `--max-weight`.
    """

    target: str | None = None
    targets: tuple[str, ...] = ()
    all_targets: bool = False
    slot: Slot = FIRST
    service: str | None = None
    namespaces: tuple[str, ...] = (DEFAULT_NAMESPACE,)
    hosts: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    provider: str = "istio"
    interval: str = "60s"
    threshold: int = 5
    max_weight: int | None = None
    step_weight: int | None = None
    step_weights: tuple[int, ...] = ()
    deadline: int | None = None
    metrics: tuple[str, ...] = (SUCCESS_RATE, DURATION)
    toggle: str = "enable"
    enabled: bool = True
    api_version: str = "v1beta1"
    crd_guard: bool = False
    route: str | None = None
    mesh_name: str | None = None
    strategy: str | None = None
    preset: str | None = None
    iterations: int | None = None
    match_headers: tuple[str, ...] = ()
    match_cookies: tuple[str, ...] = ()
    session_affinity: str | None = None
    load_test: bool = False
    load_test_url: str | None = None
    load_tester: str | None = None
    acceptance_test: str | None = None
    confirm_promotion: bool = False
    webhooks: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    metric_templates: tuple[str, ...] = ()
    metric_ranges: tuple[str, ...] = ()
    prometheus: str | None = None
    fills_in: bool = False
    companions: Mapping[str, str] = field(default_factory=dict)
    keep_service: bool = False
    keep_replicas: bool = False
    accept: tuple[str, ...] = ()
    release_name: str | None = None
    given: frozenset[str] = frozenset()
    sources: ValueSources = field(default_factory=ValueSources)

    @property
    def command(self) -> str:
        """The command that creates these templates, for their headers. Everything else is in values.yaml."""
        flags = {
            "--crd-guard": self.crd_guard,
            "--keep-service": self.keep_service,
            "--keep-replicas": self.keep_replicas,
        }
        names = {"--service": self.service, "--route": self.route}
        named = [f"{option} {name}" for option, name in names.items() if name]
        return " ".join(["chartgen add-canary", *(flag for flag, on in flags.items() if on), *named])

    @property
    def progress_deadline(self) -> int:
        """Seconds until Flagger rolls back a canary whose pods don't become ready."""
        if self.deadline is not None:
            return self.deadline
        return SEED_DEADLINE if self.api_version == "v1alpha2" else DEFAULT_DEADLINE

    @property
    def effective_gateways(self) -> tuple[str, ...]:
        """The gateways to write. With Istio, hosts, and no gateway: the default gateway and `mesh`."""
        if self.gateways or not self.hosts or self.provider != "istio":
            return self.gateways
        # Istio rejects the host `*` on the mesh gateway, and the v1alpha2 manifest has no mesh gateway.
        without_mesh = "*" in self.hosts or self.api_version == "v1alpha2"
        return (DEFAULT_GATEWAY,) if without_mesh else (DEFAULT_GATEWAY, MESH_GATEWAY)


def check(options: AddCanaryOptions) -> None:
    """Raise UsageError with every problem of the options."""
    problems = [
        *_weight_problems(options),
        *_time_problems(options),
        *_name_problems(options),
        *_choice_problems(options),
    ]
    if problems:
        raise UsageError(listed(problems, "invalid options"), hint=_HINT)


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


def _name_problems(options: AddCanaryOptions) -> list[str]:
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
            for name in options.hosts
            if not _HOST.fullmatch(name) or len(name) > _MAX_HOST
        ),
        *(
            f"--gateway {name!r} is not a valid gateway name"
            for name in options.gateways
            if not _GATEWAY.fullmatch(name)
        ),
    ]


def _choice_problems(options: AddCanaryOptions) -> list[str]:
    problems = _provider_problems(options.provider)
    if not problems:
        problems += [
            problem for part in (provider_settings, strategies, hooks, measures) for problem in part.problems(options)
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
    if options.provider == "istio" and "*" in options.hosts and MESH_GATEWAY in options.gateways:
        problems.append(
            "--host '*' can't be combined with --gateway mesh: Istio rejects a wildcard host on the mesh gateway"
        )
    return problems


def _provider_problems(name: str) -> list[str]:
    provider = next((each for each in PROVIDERS if each.name == name), None)
    if provider is None:
        return [f"--provider {name!r} is unknown. Choose one of {', '.join(SUPPORTED)}"]
    if name == "knative":
        by_hand = "Write the Canary by hand, then run `chartgen lint`"
        return [f"--provider knative needs a Knative Service as target, which chartgen can't handle yet. {by_hand}"]
    return []


def namespaces_of(given: list[str] | None, *, any_namespace: bool) -> tuple[str, ...]:
    """The namespaces of `--namespace` and `--any-namespace`; raises UsageError for both together."""
    if any_namespace and given:
        raise UsageError("--namespace and --any-namespace can't be combined", hint="use one of them")
    if any_namespace:
        return ()
    return tuple(dict.fromkeys(given)) if given else (DEFAULT_NAMESPACE,)


def weights_of(text: str | None) -> tuple[int, ...]:
    """The weights of `--step-weights 1,5,10,50`."""
    if text is None:
        return ()
    return tuple(_whole_number(part) for part in text.split(","))


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(
            f"--step-weights: {text!r} is not a whole number", hint="write percentages as 1,5,10,50"
        ) from None
