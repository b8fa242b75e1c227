"""Compare the simulator with recordings of real Flagger: python -m tests.replay FILE…

The simulator reads only a recording's canary, objects, metrics, hooks, actions and the seconds of its ticks; Flagger's
behavior is only compared. Prints `N agree, M differ` and the first difference of each that differs; exit code 1 if
M > 0.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chartgen.flagger.canary import as_mapping
from chartgen.flagger.crd import NEWEST
from chartgen.flagger.schedule import (
    Action,
    Delete,
    HookAnswer,
    NewVersion,
    Patch,
    State,
    advance,
    after_deletion,
    apply_action,
    finalize,
    first_state,
)
from tests.recorded_state import observed_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chartgen.flagger.canary import Metric, Webhook
    from chartgen.flagger.schedule import MetricAnswer, Tick, TickContext

Recording = dict[str, Any]
_USUAL: dict[str, MetricAnswer] = {"request-success-rate": 99.9, "request-duration": 120}
# Seconds after the start of a tick: when its effect is observed (the README says 1 to 4.6), and when users act.
_LOOK_AFTER, _ACT_AFTER = 4.0, 5.0
_COUNTED = ("exists", "phase", "failedChecks", "iterations", "canaryWeight", "promoted")
_ROUTED = (
    "route",
    "rules",
    "allRules",
    "mirror",
    "ingressAnnotations",
    "apexSelector",
    "traffic",
    "matchers",
    "knative",
)


class Script:
    """The scripted answers of a recording, in the order of the calls; the last one repeats."""

    def __init__(self, recording: Recording) -> None:
        self._metrics, self._hooks = recording.get("metrics") or {}, recording.get("hooks") or {}
        templates = [body for body in recording["objects"] if body.get("kind") == "MetricTemplate"]
        self._templates = {body["metadata"]["name"]: as_mapping(body.get("spec")).get("query") for body in templates}
        self._asked: dict[tuple[str, str], int] = {}
        self.metric_calls: list[list[Any]] = []
        self.hook_calls: list[list[Any]] = []

    def metric(self, metric: Metric, source: str, _context: TickContext) -> MetricAnswer:
        name = self._name(metric, source)
        answer: MetricAnswer = self._next("metric", name, self._metrics.get(name) or [_USUAL.get(name, 1)])
        self.metric_calls.append([name, answer])
        return answer

    def hook(self, hook: Webhook, phase: str, _context: TickContext) -> HookAnswer:
        name = urlsplit(hook.url).path.rstrip("/").rsplit("/", 1)[-1] or hook.name
        answer = self._next("hook", name, self._hooks.get(name) or [200])
        self.hook_calls.append([name, phase, answer])
        status, seconds = answer if isinstance(answer, list) else (answer, 0)
        return HookAnswer(int(status), float(seconds))

    def _name(self, metric: Metric, source: str) -> str:
        """Builtin checks by their name; a query `custom_some_name{…}` is some-name."""
        if source == "builtin":
            return metric.name
        query = metric.query
        if source == "template" and metric.template is not None:
            query = self._templates.get(metric.template[0]) or ""
        found = re.search(r"custom_(\w+)", query)
        if found:
            return found[1].replace("_", "-")
        return "request-success-rate" if re.search(r'!~"5|!="failure"', query) else "request-duration"

    def _next(self, what: str, name: str, answers: Sequence[Any]) -> Any:
        asked = self._asked.get((what, name), 0)
        self._asked[what, name] = asked + 1
        return answers[min(asked, len(answers) - 1)]


def replayed(recording: Recording, flagger: str) -> Iterator[dict[str, Any]]:
    """The simulated ticks of a recording, in the recording's format."""
    state, script = first_state(recording["canary"], recording["objects"]), Script(recording)
    recorded_canary = state.canary
    deleted = finalized = False
    for number, recorded in enumerate(recording["ticks"]):
        script.metric_calls, script.hook_calls = [], []
        second = float(recorded["second"])
        if deleted and not finalized:
            tick = finalize(state, script, number=number, second=second, flagger=flagger)
            finalized = True
        else:
            tick = advance(state, script, number=number, second=second, flagger=flagger)
        observed = observed_state(tick.state_at(second + _LOOK_AFTER), recorded_canary)
        yield {**_reported(tick, script), "after": observed, "open": [event.open for event in tick.events]}
        state = tick.state
        for action in recording["actions"]:
            if action["after_tick"] != number:
                continue
            if action["do"] == "delete" and action["kind"] == "Canary":
                deleted = True
                state = state if state.canary.revert_on_deletion else after_deletion(state)
            else:
                state = apply_action(state, _action(action, state), second + _ACT_AFTER)


def _action(action: Mapping[str, Any], state: State) -> Action:
    if action["do"] == "new-version":
        version = action.get("version")
        return NewVersion(None if version is None else str(version), action.get("annotations") or {})
    if action["do"] == "delete":
        return Delete(action["kind"])
    return Patch(action["kind"], action["patch"])


def _reported(tick: Tick, script: Script) -> dict[str, Any]:
    return {
        "events": [[event.type.value, event.text] for event in tick.events],
        "metrics": list(script.metric_calls),
        "hooks": list(script.hook_calls),
    }


def first_difference(recording: Recording, flagger: str) -> str | None:
    """The first difference between simulator and recording, None if they agree."""
    if "refused" in recording:
        return _refusal_difference(recording, flagger)
    for number, (recorded, simulated) in enumerate(zip(recording["ticks"], replayed(recording, flagger), strict=True)):
        for field, was, now in _tick_differences(recorded, simulated):
            return f"tick {number}: {field}: recorded {json.dumps(was)}, simulated {json.dumps(now)}"
    return None


def _refusal_difference(recording: Recording, flagger: str) -> str | None:
    from chartgen.flagger.crd import admit

    if admit(recording["canary"], flagger=flagger).accepted:
        return f"refused by the API server ({recording['refused']}), but chartgen accepts it"
    return None


def _tick_differences(recorded: Mapping[str, Any], simulated: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    if not _same_events(recorded["events"], simulated["events"], simulated["open"]):
        yield "events", recorded["events"], simulated["events"]
    for key_ in ("metrics", "hooks"):
        if (recorded.get(key_) or []) != simulated[key_]:
            yield key_, recorded.get(key_) or [], simulated[key_]
    was, now = recorded["after"], simulated["after"]
    for key in (*_COUNTED, *_ROUTED):
        if was.get(key) != now.get(key):
            yield key, was.get(key), now.get(key)
    for key in ("target", "primary"):
        before, wanted = was.get(key) or {}, now.get(key) or {}
        for part in ("replicas", "nodeSelector"):
            if before.get(part) != wanted.get(part):
                yield f"{key} {part}", before.get(part), wanted.get(part)


def _same_events(
    recorded: Sequence[Sequence[str]], simulated: Sequence[Sequence[str]], is_open: Sequence[bool]
) -> bool:
    """Whether events are equal; an open-ended text is compared up to its end."""
    if len(recorded) != len(simulated):
        return False
    return all(
        kind == simulated_kind and (text.startswith(simulated_text) if open_ended else text == simulated_text)
        for (kind, text), (simulated_kind, simulated_text), open_ended in zip(recorded, simulated, is_open, strict=True)
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--flagger-version", help=f"default: what the recording says, else {NEWEST}")
    options = parser.parse_args(arguments)
    differing = 0
    for path in options.files:
        recording = json.loads(path.read_text(encoding="utf-8"))
        flagger = options.flagger_version or recording.get("flagger") or NEWEST
        if difference := first_difference(recording, flagger):
            differing += 1
            print(f"{path}: {difference}")  # noqa: T201
    print(f"{len(options.files) - differing} agree, {differing} differ")  # noqa: T201
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
