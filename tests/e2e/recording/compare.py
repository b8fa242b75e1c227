"""Compare two recordings of one rollout: what Flagger said and decided, not what other controllers had not yet done."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.client import JsonObject

# Where an event continues with another text: an HTTP client's, the API server's, Go's parser's.
_OTHERS_WORDS = re.compile(
    r"(giving up after \d+ attempt\(s\)|error response: |admission webhook|is invalid: |time: (invalid|unknown)).*",
    re.DOTALL,
)
# Which of the two Flagger meets at the tick that creates a workload hangs on how quick its controller is.
_NOTHING_YET = re.compile(
    r"(waiting for rollout to finish: )(observed \w+ generation less than desired generation|0 of \d+ .*)", re.DOTALL
)
_COMPARED = (
    "exists",
    "phase",
    "failedChecks",
    "iterations",
    "canaryWeight",
    "promoted",
    "route",
    "rules",
    "allRules",
    "mirror",
    "ingressAnnotations",
    "apexSelector",
)


def differences(expected: JsonObject, found: JsonObject) -> Iterator[str]:
    """The differences, the earliest first; none if both describe the same rollout."""
    if ("refused" in expected) != ("refused" in found):
        yield f"refused: {expected.get('refused')!r} / {found.get('refused')!r}"
    for number, (was, now) in enumerate(zip_longest(expected["ticks"], found["ticks"])):
        if was is None or now is None:
            yield f"tick {number}: {'only in the second' if was is None else 'only in the first'}"
            return
        for key in ("events", "metrics", "hooks"):
            before, after = _reported(was, key), _reported(now, key)
            if before != after:
                yield f"tick {number}: {key}: {before} / {after}"
        yield from _state_differences(number, was.get("after") or {}, now.get("after") or {})


def _reported(tick: JsonObject, key: str) -> list[Any]:
    values: list[Any] = tick.get(key) or []
    return [[type_, own_words(text)] for type_, text in values] if key == "events" else values


def own_words(event: str) -> str:
    """An event without the texts from outside Flagger."""
    return _NOTHING_YET.sub(r"\1none is available", _OTHERS_WORDS.sub(r"\1", event))


def _state_differences(number: int, was: JsonObject, now: JsonObject) -> Iterator[str]:
    for key in _COMPARED:
        if was.get(key) != now.get(key):
            yield f"tick {number}: {key}: {was.get(key)} / {now.get(key)}"
    for key in ("target", "primary"):
        before, after = (state.get(key) or {} for state in (was, now))
        for wanted in ("replicas", "nodeSelector"):
            if before.get(wanted) != after.get(wanted):
                yield f"tick {number}: {key} {wanted}: {before.get(wanted)} / {after.get(wanted)}"
