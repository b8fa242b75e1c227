"""While Flagger waits for a hook, the state has its earlier changes and not the later ones."""

# ruff: noqa: ARG002 - the methods take what the Protocol Answers hands them

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartgen.flagger.schedule import HookAnswer, upgrade
from tests.flagger.schedule.canaries import canary, deployment

if TYPE_CHECKING:
    from chartgen.flagger.canary import Metric, Webhook
    from chartgen.flagger.schedule import MetricAnswer, Tick, TickContext

_LATE = 12.0


class _Late:
    """Every hook answers with success, after a while."""

    def metric(self, metric: Metric, source: str, context: TickContext) -> MetricAnswer:
        return 100

    def hook(self, hook: Webhook, phase: str, context: TickContext) -> HookAnswer:
        return HookAnswer(seconds=_LATE)


def _ticks(hook_type: str, *, retries: int = 0, timeout: str = "20s") -> list[Tick]:
    hook = {"name": "late", "type": hook_type, "url": "http://hooks.test/", "timeout": timeout, "retries": retries}
    canary_document = canary({"stepWeight": 50, "maxWeight": 50, "webhooks": [hook]})
    return list(upgrade(canary_document, [deployment()], _Late()).ticks)


def test_the_weight_is_set_once_the_pre_rollout_hook_has_answered() -> None:
    tick = _ticks("pre-rollout")[1]
    assert tick.lasted == _LATE
    weights = [tick.state_at(tick.second + after).status.canary_weight for after in (0, _LATE - 0.1, _LATE)]
    assert weights == [0, 0, 50]


def test_a_run_has_succeeded_before_its_post_rollout_hook_answers() -> None:
    tick = next(tick for tick in _ticks("post-rollout") if tick.phase == "Succeeded")
    assert tick.lasted == _LATE
    assert tick.state_at(tick.second + 1).status.phase == "Succeeded"


@pytest.mark.parametrize(("retries", "lasted"), [(0, 5), (1, 5 + 1 + 5), (2, 5 + 1 + 5 + 2 + 5)])
def test_retries_wait_between_their_attempts(retries: int, lasted: float) -> None:
    tick = _ticks("rollout", retries=retries, timeout="5s")[2]
    assert tick.lasted == lasted
    assert tick.state_at(tick.second + lasted - 0.1).status.failed_checks == 0
    assert tick.failed_checks == 1


def test_without_late_answers_a_tick_takes_no_time() -> None:
    ticks = upgrade(canary({"stepWeight": 50, "maxWeight": 50}), [deployment()]).ticks
    assert all(tick.lasted == 0 and not tick.waits and tick.state_at(tick.second) is tick.state for tick in ticks)
