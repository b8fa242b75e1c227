"""The load tests that a Canary's webhooks start: `hey` in `metadata.cmd` of a rollout or pre-rollout webhook."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from chartgen.flagger.canary import ROLLOUT, analysis_key, as_list, as_mapping, as_str
from chartgen.flagger.go_durations import duration_seconds

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary

_TYPES = (ROLLOUT, "pre-rollout")
# hey's own defaults: -c workers and -n requests, without -z (github.com/rakyll/hey, usage).
_WORKERS, _REQUESTS = 50.0, 200.0
# Without -q, each worker sends its next request when the last one is answered: assumed to take this long.
ASSUMED_SECONDS = 0.1


class LoadTest(NamedTuple):
    """A load test of `seconds` that starts whenever Flagger calls the webhook.

    `limited`: the command sets its rate; otherwise `rps` assumes answers after ASSUMED_SECONDS. `at_gateway`: it
    reaches both versions, like a user.
    """

    hook: str
    rps: float
    seconds: float
    at_gateway: bool
    limited: bool = True


def assumed_rate(canary: Canary) -> str | None:
    """Which load test's rate is an assumption, and which; None if there is none."""
    unlimited = [load for load in load_tests(canary) if not load.limited]
    if not unlimited:
        return None
    names = ", ".join(load.hook for load in unlimited)
    rps = sum(load.rps for load in unlimited)
    return (
        f"load test {names} has no -q: assumes answers after {ASSUMED_SECONDS * 1000:g} ms, {rps:g} requests per"
        " second; set --synthetic-rps"
    )


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
    options = _options(words)
    rate, workers = _number(options.get("q")), _number(options.get("c")) or _WORKERS
    rps = (rate or 1 / ASSUMED_SECONDS) * workers
    seconds = duration_seconds(options.get("z", ""))
    if seconds is None:
        seconds = (_number(options.get("n")) or _REQUESTS) / rps
    at_gateway = service != canary.names.canary_service
    return LoadTest(hook, rps, seconds, at_gateway=at_gateway, limited=rate > 0)


def _options(words: list[str]) -> dict[str, str]:
    """The flags as Go reads them: `-q 5`, `-q=5` and `--q=5` are the same."""
    found = {}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word.startswith("-"):
            name, equals, value = word.lstrip("-").partition("=")
            found[name] = value if equals else following
    return found


def _number(word: str | None) -> float:
    try:
        return max(0.0, float(word or 0))
    except ValueError:
        return 0.0
