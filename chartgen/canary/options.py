"""What a user asks of `add-canary`, refused before anything is read or written where it cannot be meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from chartgen.errors import UsageError
from chartgen.flagger.canary import DEFAULT_DEADLINE, SHORTEST_INTERVAL
from chartgen.flagger.go_durations import duration_seconds
from chartgen.flagger.providers import PROVIDERS, provider_of
from chartgen.helm.request import ValueSources

DEFAULT_NAMESPACE = "jx-production"
DEFAULT_GATEWAY = "jx-gateway.istio-system.svc.cluster.local"
MESH_GATEWAY = "mesh"
SEED_DEADLINE = 60

_CRD_INTERVAL = re.compile(r"^[0-9]+(m|s)")
_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_NAMESPACE = re.compile(_LABEL)
_HOST = re.compile(rf"\*|(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")
_GATEWAY = re.compile(rf"(?:{_LABEL}/)?{_LABEL}(?:\.{_LABEL})*")
_MAX_HOST = 253


@dataclass(frozen=True, slots=True)
class AddCanaryOptions:
    """One `add-canary` call. `namespaces` empty means any; weights are percent; `step_weights` replaces the other two.

    `interval` is a Go duration as Flagger reads it, `deadline` seconds (None: 600, or the seed's 60 for v1alpha2).
    """

    target: str | None = None
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
    toggle: str = "enable"
    api_version: str = "v1beta1"
    keep_service: bool = False
    keep_replicas: bool = False
    release_name: str | None = None
    sources: ValueSources = field(default_factory=ValueSources)

    @property
    def progress_deadline(self) -> int:
        """Seconds until a canary that does not get ready is rolled back."""
        if self.deadline is not None:
            return self.deadline
        return SEED_DEADLINE if self.api_version == "v1alpha2" else DEFAULT_DEADLINE

    @property
    def effective_gateways(self) -> tuple[str, ...]:
        """The gateways to write: the seed's with `mesh` beside it where hosts are given and no gateway is."""
        if self.gateways or not self.hosts or self.provider != "istio":
            return self.gateways
        # Istio refuses the host `*` on the mesh gateway, and the seed page's manifest has no mesh.
        alone = "*" in self.hosts or self.api_version == "v1alpha2"
        return (DEFAULT_GATEWAY,) if alone else (DEFAULT_GATEWAY, MESH_GATEWAY)

    @property
    def shifts_weights(self) -> bool:
        """False for the kubernetes provider, which replaces weights by ten iterations."""
        return provider_of(self.provider).weights


def check(options: AddCanaryOptions) -> None:
    """Raise UsageError with every fault of the options, one a line."""
    faults = [
        *_weight_faults(options),
        *_time_faults(options),
        *_name_faults(options),
        *_shape_faults(options),
    ]
    if faults:
        raise UsageError("\n".join(faults), hint="nothing was written; see `chartgen add-canary --help`")


def _weight_faults(options: AddCanaryOptions) -> list[str]:
    given = {"--max-weight": options.max_weight, "--step-weight": options.step_weight}
    faults = [
        f"{name} {weight} is not between 1 and 100 percent"
        for name, weight in given.items()
        if weight is not None and not 1 <= weight <= 100  # noqa: PLR2004 - percent
    ]
    step, most = options.step_weight or 10, options.max_weight or 50
    if not faults and not options.step_weights and step > most:
        faults.append(f"--step-weight {step} is above --max-weight {most}: the first step would overshoot")
    steps = options.step_weights
    if any(not 1 <= weight <= 100 for weight in steps):  # noqa: PLR2004 - percent
        faults.append("--step-weights: each weight must be between 1 and 100 percent")
    if any(high <= low for low, high in pairwise(steps)):
        faults.append("--step-weights must rise: Flagger stalls at a step that is not above the one before")
    if steps and any(weight is not None for weight in given.values()):
        faults.append("--step-weights cannot be combined with --step-weight or --max-weight: Flagger refuses both")
    if not options.shifts_weights and (steps or any(weight is not None for weight in given.values())):
        faults.append("--provider kubernetes shifts no weights: Flagger replaces them by 10 iterations")
    return faults


def _time_faults(options: AddCanaryOptions) -> list[str]:
    faults = []
    seconds = duration_seconds(options.interval)
    if seconds is None or not _CRD_INTERVAL.match(options.interval):
        faults.append(f"--interval {options.interval!r} is no duration Flagger reads: write 60s or 5m")
    elif seconds < SHORTEST_INTERVAL:
        faults.append(f"--interval {options.interval} is below 10s: Flagger silently makes it 10s")
    if options.threshold < 1:
        faults.append(f"--threshold {options.threshold}: at least 1 failed check must be allowed for")
    if options.progress_deadline < 1:
        faults.append(f"--progress-deadline {options.progress_deadline} is not a positive number of seconds")
    return faults


def _name_faults(options: AddCanaryOptions) -> list[str]:
    return [
        *(
            f"--namespace {name!r} is no name Kubernetes allows (lower-case letters, digits, '-', at most 63)"
            for name in options.namespaces
            if not _NAMESPACE.fullmatch(name)
        ),
        *(
            f"--host {name!r} is no host name (lower-case letters, digits, '-' and '.', '*.' in front at most)"
            for name in options.hosts
            if not _HOST.fullmatch(name) or len(name) > _MAX_HOST
        ),
        *(f"--gateway {name!r} is no gateway name" for name in options.gateways if not _GATEWAY.fullmatch(name)),
    ]


def _shape_faults(options: AddCanaryOptions) -> list[str]:
    faults = []
    faults.extend(_provider_faults(options.provider))
    if options.api_version != "v1beta1" and options.step_weights:
        faults.append(f"--step-weights needs --api-version v1beta1: {options.api_version} has no such field")
    if options.api_version == "v1alpha2" and options.provider != "istio":
        faults.append("--api-version v1alpha2 is the seed page's manifest, which names no provider: use v1beta1")
    if options.provider == "istio" and "*" in options.hosts and MESH_GATEWAY in options.gateways:
        faults.append("--host '*' with --gateway mesh: Istio refuses a wildcard host on the mesh gateway")
    return faults


def _provider_faults(name: str) -> list[str]:
    provider = next((each for each in PROVIDERS if each.name == name), None)
    if provider is None:
        known = ", ".join(each.name for each in PROVIDERS if not each.reference)
        return [f"--provider {name!r} is unknown; known: {known}"]
    if not provider.reference:
        return []
    needs = "a Knative Service as target" if name == "knative" else provider.reference[-1]
    return [f"--provider {name} needs {needs}, which chartgen cannot generate yet"]


def namespaces_of(given: list[str] | None, *, any_namespace: bool) -> tuple[str, ...]:
    """The namespaces of `--namespace` and `--any-namespace`, which exclude each other."""
    if any_namespace and given:
        raise UsageError("--namespace and --any-namespace exclude each other", hint="give one of them")
    if any_namespace:
        return ()
    return tuple(dict.fromkeys(given)) if given else (DEFAULT_NAMESPACE,)


def weights_of(text: str | None) -> tuple[int, ...]:
    """The weights of `--step-weights 1,5,10,50`."""
    if text is None:
        return ()
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"--step-weights {text!r} is no list of whole percentages", hint="write them as 1,5,10,50"
        ) from None
