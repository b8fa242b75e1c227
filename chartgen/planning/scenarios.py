"""What may happen to a release: the scenarios of `chartgen plan`, as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from chartgen.errors import UsageError
from chartgen.planning.amounts import seconds_of, share_of


class Kind(Enum):
    """The kinds of scenarios, each by the word before `@` or `:`."""

    SUCCESS = "success"
    FAIL = "fail"
    FLAKY = "flaky"
    NO_TRAFFIC = "no-traffic"
    SLOW_START = "slow-start"
    GATE_CLOSED = "gate-closed"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario. `text` is how it was written.

    `weight`: checks fail from this canary weight on (FAIL). `probability`: each check fails with it (FLAKY).
    `seconds`: the pods' start-up time (SLOW_START).
    """

    text: str
    kind: Kind
    weight: float = 0.0
    probability: float = 0.0
    seconds: float = 0.0

    @property
    def told(self) -> str:
        """The scenario in plain words."""
        match self.kind:
            case Kind.SUCCESS:
                return "every check passes"
            case Kind.FAIL:
                return f"checks fail from weight {self.weight:g} on" if self.weight else "every check fails"
            case Kind.FLAKY:
                return f"each check fails with probability {self.probability:g}"
            case Kind.NO_TRAFFIC:
                return "no requests reach the new version"
            case Kind.SLOW_START:
                return f"pods need {self.seconds:g} s to become ready"
            case Kind.GATE_CLOSED:
                return "nobody opens the gates"


SUCCESS = Scenario("success", Kind.SUCCESS)
# The release that is bad from its first request: what the plan's failed requests are counted on.
FAILING = Scenario("fail@0", Kind.FAIL)

_HOW = "choose success, fail@WEIGHT, flaky:PROBABILITY, no-traffic, slow-start:DURATION or gate-closed"
_FULL_WEIGHT = 100


def parse_scenario(text: str) -> Scenario:
    """One `--scenario`; UsageError says which there are."""
    name, mark, rest = _split(text)
    bare = {kind.value: kind for kind in (Kind.SUCCESS, Kind.NO_TRAFFIC, Kind.GATE_CLOSED)}
    if name in bare and not mark:
        return Scenario(text, bare[name])
    if name == Kind.FAIL.value and mark == "@":
        return Scenario(text, Kind.FAIL, weight=_weight(rest))
    if name == Kind.FLAKY.value and mark == ":":
        return Scenario(text, Kind.FLAKY, probability=share_of(rest, "--scenario flaky:"))
    if name == Kind.SLOW_START.value and mark == ":":
        return Scenario(text, Kind.SLOW_START, seconds=seconds_of(rest, "--scenario slow-start:"))
    raise UsageError(f"--scenario {text!r} is not known", hint=_HOW)


def parse_scenarios(texts: list[str]) -> tuple[Scenario, ...]:
    """All of them, each once, in their order; `success` where none is given."""
    return tuple(dict.fromkeys(parse_scenario(text) for text in texts)) or (SUCCESS,)


def _split(text: str) -> tuple[str, str, str]:
    mark = "@" if "@" in text else ":"
    name, found, rest = text.partition(mark)
    return name.strip(), found, rest.strip()


def _weight(text: str) -> float:
    if not text.isascii() or not text.isdigit() or int(text) > _FULL_WEIGHT:
        raise UsageError(f"--scenario fail@{text}: {text!r} is no weight", hint="write a number from 0 to 100: fail@10")
    return float(text)
