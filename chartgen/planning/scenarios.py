"""The scenarios of `chartgen plan`: what can happen to a release."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from chartgen.errors import UsageError
from chartgen.planning.amounts import seconds_of, share_of


class ScenarioKind(Enum):
    """The kinds of scenarios, named by the word before `@` or `:`."""

    SUCCESS = "success"
    FAIL = "fail"
    FLAKY = "flaky"
    NO_TRAFFIC = "no-traffic"
    SLOW_START = "slow-start"
    GATE_CLOSED = "gate-closed"
    HOOK_FAILS = "hook-fails"
    PODS_FAIL = "pods-fail"


class Scenario(NamedTuple):
    """One scenario; `text` is what the user wrote.

    `weight`: checks fail at this canary weight and above (FAIL). `probability`: that a check fails (FLAKY).
    `seconds`: the time until a pod is ready (SLOW_START). `hook`: the name of the webhook that fails (HOOK_FAILS).
    `pods`: how many pods of the new version never become ready (PODS_FAIL).
    """

    text: str
    kind: ScenarioKind
    weight: float = 0.0
    probability: float = 0.0
    seconds: float = 0.0
    hook: str = ""
    pods: int = 0

    @property
    def description(self) -> str:
        """What happens in the scenario."""
        at_weight = f"checks fail at weight {self.weight:g} and above" if self.weight else "every check fails"
        return {
            ScenarioKind.SUCCESS: "every check passes",
            ScenarioKind.FAIL: at_weight,
            ScenarioKind.FLAKY: f"each check fails with probability {self.probability:g}",
            ScenarioKind.NO_TRAFFIC: "no requests reach the new version",
            ScenarioKind.SLOW_START: f"pods need {self.seconds:g} s to become ready",
            ScenarioKind.GATE_CLOSED: "no gate is opened",
            ScenarioKind.HOOK_FAILS: f"webhook {self.hook} fails",
            ScenarioKind.PODS_FAIL: f"{self.pods} {'pod' if self.pods == 1 else 'pods'} of the new version"
            f" never {'becomes' if self.pods == 1 else 'become'} ready",
        }[self.kind]


SUCCESS = Scenario("success", ScenarioKind.SUCCESS)
# A release that is bad from its first request; the plan counts failed requests on it.
FAILING = Scenario("fail@0", ScenarioKind.FAIL)

_SCENARIOS_HINT = (
    "choose success, fail@WEIGHT, flaky:PROBABILITY, no-traffic, slow-start:DURATION, gate-closed, hook-fails:NAME or"
    " pods-fail:N"
)
_FULL_WEIGHT = 100
_MOST_PODS = 1000


def parse_scenario(text: str) -> Scenario:
    """One `--scenario`; the UsageError for an unknown one lists them all."""
    name, mark, argument = _split(text)
    plain = {kind.value: kind for kind in (ScenarioKind.SUCCESS, ScenarioKind.NO_TRAFFIC, ScenarioKind.GATE_CLOSED)}
    if name in plain and not mark:
        return Scenario(text, plain[name])
    if name == ScenarioKind.FAIL.value and mark == "@":
        return Scenario(text, ScenarioKind.FAIL, weight=_weight(argument))
    if name == ScenarioKind.FLAKY.value and mark == ":":
        return Scenario(text, ScenarioKind.FLAKY, probability=share_of(argument, "--scenario flaky"))
    if name == ScenarioKind.SLOW_START.value and mark == ":":
        return Scenario(text, ScenarioKind.SLOW_START, seconds=seconds_of(argument, "--scenario slow-start"))
    if name == ScenarioKind.HOOK_FAILS.value and mark == ":" and argument:
        return Scenario(text, ScenarioKind.HOOK_FAILS, hook=argument)
    if name == ScenarioKind.PODS_FAIL.value and mark == ":":
        return Scenario(text, ScenarioKind.PODS_FAIL, pods=_pods(argument))
    raise UsageError(f"--scenario: {text!r} is not a scenario", hint=_SCENARIOS_HINT)


def parse_scenarios(texts: list[str]) -> tuple[Scenario, ...]:
    """All scenarios in their order, without duplicates; defaults to `success`."""
    return tuple(dict.fromkeys(parse_scenario(text) for text in texts)) or (SUCCESS,)


def _split(text: str) -> tuple[str, str, str]:
    """Name, `@` or `:` (empty without one), argument."""
    mark = "@" if "@" in text.partition(":")[0] else ":"
    name, found, argument = text.partition(mark)
    return name.strip(), found, argument.strip()


def _weight(text: str) -> float:
    if not text.isascii() or not text.isdigit() or int(text) > _FULL_WEIGHT:
        raise UsageError(
            f"--scenario fail: {text!r} is not a weight", hint="write a whole number from 0 to 100, as in fail@10"
        )
    return float(text)


def _pods(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _MOST_PODS:
        raise UsageError(
            f"--scenario pods-fail: {text!r} is not a number of pods",
            hint=f"write a whole number from 1 to {_MOST_PODS}, as in pods-fail:1",
        )
    return int(text)
