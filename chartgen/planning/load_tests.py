"""The load tests that a Canary's webhooks start: `hey` in `metadata.cmd` of a rollout or pre-rollout webhook."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chartgen.flagger.canary import ROLLOUT, analysis_key, as_list, as_mapping, as_str
from chartgen.flagger.go_durations import duration_seconds

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary

_TYPES = (ROLLOUT, "pre-rollout")
# hey's own defaults: -c workers and -n requests, without -z (github.com/rakyll/hey, usage).
_WORKERS, _REQUESTS = 50.0, 200.0


@dataclass(frozen=True, slots=True)
class LoadTest:
    """A load test of `seconds` that starts whenever Flagger calls the webhook.

    `rps` is None if the command doesn't limit its rate. `at_gateway`: it reaches both versions, like a user.
    """

    hook: str
    rps: float | None
    seconds: float
    at_gateway: bool


def load_tests(canary: Canary) -> tuple[LoadTest, ...]:
    """All load tests that reach the new version."""
    hooks = as_list(as_mapping(canary.spec.get(analysis_key(canary.spec))).get("webhooks"))
    found = []
    for hook in map(as_mapping, hooks):
        command = as_str(as_mapping(hook.get("metadata")).get("cmd"))
        if (as_str(hook.get("type")) or ROLLOUT) in _TYPES:
            load = _load_test(canary, as_str(hook.get("name")), command)
            found += [load] if load else []
    return tuple(found)


def _load_test(canary: Canary, hook: str, command: str) -> LoadTest | None:
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if "hey" not in words:
        return None
    words = words[words.index("hey") + 1 :]
    host = next((urlsplit(word).hostname or "" for word in words if word.startswith(("http://", "https://"))), "")
    service = host.split(".")[0]
    if service == canary.names.primary_service:
        return None
    options = dict(pairwise(words))
    rate, workers = _number(options.get("-q")), _number(options.get("-c")) or _WORKERS
    rps = rate * workers if rate else None
    seconds = duration_seconds(options.get("-z", ""))
    if seconds is None:
        seconds = (_number(options.get("-n")) or _REQUESTS) / rps if rps else 0.0
    return LoadTest(hook, rps, seconds, at_gateway=service != canary.names.canary_service)


def _number(word: str | None) -> float:
    try:
        return max(0.0, float(word or 0))
    except ValueError:
        return 0.0
