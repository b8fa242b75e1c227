"""Webhooks and gates (pkg/controller/webhook.go, scheduler_hooks.go)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chartgen.flagger.canary import ROLLOUT, call_timeout
from chartgen.flagger.go_durations import DurationError, parse_duration
from chartgen.flagger.go_values import quoted
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.state import PROGRESSING, WAITING, WAITING_PROMOTION
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.flagger.canary import Webhook
    from chartgen.flagger.schedule.answers import HookAnswer
    from chartgen.flagger.schedule.reconciliation import Reconciliation

_LAST_GOOD_STATUS = 202
_NOT_IMPLEMENTED, _TOO_MANY, _SERVER_ERRORS = 501, 429, 500
_SCHEME = lazy_pattern(r"([A-Za-z][A-Za-z0-9+.-]*):")
# github.com/hashicorp/go-retryablehttp: RetryWaitMin doubles up to RetryWaitMax, in seconds.
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0


def call(run: Reconciliation, hook: Webhook, phase: str) -> None:
    """CallWebhook: StepError with the error's text if the hook doesn't succeed."""
    try:
        timeout = parse_duration(call_timeout(hook.timeout))
    except DurationError as error:
        raise StepError(str(error)) from error
    _require_url(hook.url)
    for attempt in range(max(0, hook.retries) + 1):
        if attempt:
            run.wait(min(_FIRST_WAIT * 2 ** (attempt - 1), _LONGEST_WAIT))
        answer = run.ask_hook(hook, phase)
        limit = timeout if timeout > 0 else math.inf
        run.wait(min(answer.seconds, limit))
        failure = _failure(answer, limit)
        if failure is None:
            return
        if failure:
            raise StepError(answer.body if answer.body is not None else _body(answer.status))
    message = f"POST {hook.url} giving up after {max(0, hook.retries) + 1} attempt(s)"
    raise StepError(f"{message}: " if answer.seconds > limit else message, open_ended=answer.seconds > limit)


def _failure(answer: HookAnswer, limit: float) -> bool | None:
    """None: passed; True: failed, no retry; False: failed, retried if retries are left."""
    if answer.seconds > limit:
        return False
    if answer.status == _TOO_MANY or (answer.status >= _SERVER_ERRORS and answer.status != _NOT_IMPLEMENTED):
        return False
    return None if answer.status <= _LAST_GOOD_STATUS else True


def _body(status: int) -> str:
    """The usual body of a gate's answer, if the caller supplies none."""
    if status == 204:  # noqa: PLR2004 (No Content)
        return ""
    return "gate closed" if status >= 400 else "OK"  # noqa: PLR2004 (client errors)


def _require_url(url: str) -> None:
    """Go's net/url and net/http: a URL needs the scheme http or https."""
    found = _SCHEME.match(url)
    if url.startswith(":"):
        raise StepError(f"parse {quoted(url)}: missing protocol scheme")
    if not found and ":" in url.split("/", maxsplit=1)[0].split("?", maxsplit=1)[0]:
        raise StepError(f"parse {quoted(url)}: first path segment in URL cannot contain colon")
    scheme = found[1].lower() if found else ""
    if scheme not in ("http", "https"):
        message = f"POST {url} giving up after 1 attempt(s): Post {quoted(url)}"
        raise StepError(f'{message}: unsupported protocol scheme "{scheme}"')


def confirm_rollout(run: Reconciliation) -> bool:
    """Gates before a run; one event on entering Waiting. Uses the stored status, not the cached one."""
    stored = run.stored
    for hook in run.canary.hooks("confirm-rollout"):
        try:
            call(run, hook, stored.phase)
        except StepError:
            if stored.phase != WAITING:
                run.write(WAITING)
                message = f"Halt {run.canary.names.of_canary} advancement waiting for approval {hook.name}"
                run.warn(message, stored.phase)
            return False
        run.normal(f"Confirm-rollout check {hook.name} passed", stored.phase)
    return True


def confirm_traffic_increase(run: Reconciliation) -> bool:
    for hook in run.canary.hooks("confirm-traffic-increase"):
        try:
            call(run, hook, PROGRESSING)
        except StepError:
            reason = f"advancement waiting for traffic increase approval {hook.name}"
            run.warn(f"Halt {run.canary.names.of_canary} {reason}")
            return False
        run.normal(f"Confirm-traffic-increase check {hook.name} passed")
    return True


def confirm_promotion(run: Reconciliation) -> bool:
    """Gates before promotion; one event on entering WaitingPromotion, later ticks only reset the iterations."""
    iterations = run.iterations - 1
    for hook in run.canary.hooks("confirm-promotion"):
        try:
            call(run, hook, PROGRESSING)
        except StepError:
            if run.cached.phase == WAITING_PROMOTION:
                run.write(iterations=iterations)
                return False
            run.write(WAITING_PROMOTION, canary_weight=0, iterations=iterations)
            reason = f"advancement waiting for promotion approval {hook.name}"
            run.warn(f"Halt {run.canary.names.of_canary} {reason}")
            return False
        run.normal(f"Confirm-promotion check {hook.name} passed")
    return True


def pre_rollout(run: Reconciliation) -> bool:
    for hook in run.canary.hooks("pre-rollout"):
        try:
            call(run, hook, PROGRESSING)
        except StepError as error:
            message = f"Halt {run.canary.names.of_canary} advancement pre-rollout check {hook.name} failed {error.text}"
            run.warn(message, open_ended=error.open_ended)
            return False
        run.normal(f"Pre-rollout check {hook.name} passed")
    return True


def rollout(run: Reconciliation) -> bool:
    """Checks in every analysis tick; no event if they pass."""
    for hook in run.canary.hooks(ROLLOUT):
        try:
            call(run, hook, PROGRESSING)
        except StepError as error:
            message = f"Halt {run.canary.names.of_canary} advancement external check {hook.name} failed {error.text}"
            run.warn(message, open_ended=error.open_ended)
            return False
    return True


def post_rollout(run: Reconciliation, phase: str, event_phase: str | None = None) -> None:
    """Hooks after a run; event hooks receive `event_phase`. The first failure skips the rest."""
    for hook in run.canary.hooks("post-rollout"):
        try:
            call(run, hook, phase)
        except StepError as error:
            run.warn(f"Post-rollout hook {hook.name} failed {error.text}", event_phase, open_ended=error.open_ended)
            return
        run.normal(f"Post-rollout check {hook.name} passed", event_phase)


def wants_rollback(run: Reconciliation) -> bool:
    """Whether a rollback hook succeeds, which requests a rollback."""
    for hook in run.canary.hooks("rollback"):
        try:
            call(run, hook, run.cached.phase)
        except StepError:
            run.normal(f"Rollback hook {hook.name} not signaling a rollback")
        else:
            run.warn(f"Rollback check {hook.name} passed")
            return True
    return False
