"""The answers of metrics servers and webhooks, which the simulator's caller supplies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from chartgen.flagger.canary import Metric, Webhook

NO_VALUES, NOT_A_NUMBER, BACKEND_ERROR = "none", "nan", "error"

# A number, NO_VALUES (no series), NOT_A_NUMBER or BACKEND_ERROR (the server answers 500).
MetricAnswer = float | int | str


class HookAnswer(NamedTuple):
    """An HTTP status, sent after some seconds, with a body (None: a usual one for the status)."""

    status: int = 200
    seconds: float = 0.0
    body: str | None = None


class TickContext(NamedTuple):
    """The tick of a query or call: its number and second, and the canary's weight as it begins (percent)."""

    tick: int
    second: float
    canary_weight: int
    mirrored: bool
    iterations: int
    failed_checks: int


class Answers(Protocol):
    """The answers during a rollout. A duration has the unit of its query (`Observer.seconds` in providers)."""

    def metric(self, metric: Metric, source: str, context: TickContext, /) -> MetricAnswer:
        """The answer to one query; `source` is "builtin", "query" or "template"."""

    def hook(self, hook: Webhook, phase: str, context: TickContext, /) -> HookAnswer:
        """The answer to one attempt to call a hook."""
