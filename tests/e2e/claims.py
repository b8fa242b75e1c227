"""What the rules' pages say of Flagger, played: each page's Bad and Good examples, as objects on the plane."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.rules.page import page_of
from chartgen.rules.registry import all_rules
from tests.e2e.recording.rollout import Rollout
from tests.e2e.recording.session import Session
from tests.rules.harness import _lay, _pieces, good_bodies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.answers import MetricAnswer
    from tests.e2e.client import JsonObject
    from tests.e2e.plane import Plane

_TICKS = 18
_REFUSED = 400
# Enough to measure their distance.
_FEW_TICKS = 3
# The pages' usual interval, played six times as fast where an example does not say another.
_USUAL, _FAST = ("1m", "60s"), "10s"
_PROMOTED, _ROLLED_BACK = "Promotion completed!", "Canary failed!"


@dataclass(frozen=True, slots=True)
class Play:
    """One example on the plane."""

    example: str
    refused: str | None
    warnings: tuple[str, ...]
    ticks: list[JsonObject]
    has_primary_autoscaler: bool

    @property
    def events(self) -> list[str]:
        return [text for tick in self.ticks for _, text in tick["events"]]

    def has_event(self, beginning: str) -> bool:
        return any(text.startswith(beginning) for text in self.events)

    @property
    def weights(self) -> list[int]:
        return [int(text.rpartition(" ")[2]) for text in self.events if " canary weight " in text]

    @property
    def spacing(self) -> float:
        """Seconds between two ticks; infinity when there was no second one in time."""
        return self.ticks[-1]["second"] - self.ticks[-2]["second"] if len(self.ticks) > 1 else float("inf")


def refused(play: Play) -> bool:
    return play.refused is not None


def pruned(play: Play) -> bool:
    return any(warning.startswith("unknown field") for warning in play.warnings)


def never_initialised(play: Play) -> bool:
    return play.refused is None and len(play.ticks) > 3 and not play.has_event("Initialization done!")


def never_ends(play: Play) -> bool:
    """A run that neither promotes nor rolls back, though no check fails."""
    began = play.has_event("New revision detected!")
    return began and not play.has_event(_PROMOTED) and not play.has_event(_ROLLED_BACK)


def rolled_back(play: Play) -> bool:
    return play.has_event(_ROLLED_BACK)


def sends_more_than_fifty(play: Play) -> bool:
    return max(play.weights, default=0) > 50


def sends_sixty_under_fifty(play: Play) -> bool:
    """The Bad one has maxWeight 50 and sends 60; the Good one says the 60 it sends."""
    return max(play.weights, default=0) == 60 and "maxWeight: 50" in play.example


def ticks_every_ten_seconds_all_the_same(play: Play) -> bool:
    return 8 < play.spacing < 13 and "interval: 10s" not in play.example


def ticks_every_minute(play: Play) -> bool:
    return 56 < play.spacing < 66


def leaves_the_autoscaler(play: Play) -> bool:
    return play.has_event("Initialization done!") and not play.has_primary_autoscaler


@dataclass(frozen=True, slots=True)
class Claim:
    """What holds of a rule's Bad examples on Flagger and not of its Good ones, with these answers of the metrics."""

    holds: Callable[[Play], bool]
    metrics: tuple[tuple[str, MetricAnswer], ...] = ()


_POOR: tuple[tuple[str, MetricAnswer], ...] = (("request-success-rate", 42.5),)
CLAIMS: dict[str, Claim] = {
    **dict.fromkeys(
        (
            "api-version-not-served",
            "canary-analysis-field-renamed",
            "canary-refused",
            "interval-or-threshold-missing",
            "provider-not-recognised",
            "skip-analysis-needs-analysis-block",
            "strategy-ambiguous",
            "target-kind-unsupported",
            "values-type-mismatch",
            "webhook-type-invalid",
        ),
        Claim(refused),
    ),
    **dict.fromkeys(("ab-match-unsupported-key", "traffic-policy-field-pruned", "unknown-field-pruned"), Claim(pruned)),
    **dict.fromkeys(
        (
            "autoscaler-ref-not-found",
            "ingress-backend-not-apex",
            "ingress-ref-missing",
            "selector-label-missing",
            "target-not-found",
        ),
        Claim(never_initialised),
    ),
    **dict.fromkeys(("max-weight-over-100", "step-missing-or-zero", "step-weights-not-ascending"), Claim(never_ends)),
    **dict.fromkeys(("duration-without-max", "webhook-url-invalid"), Claim(rolled_back)),
    # The Good one's query, which names no metric of Flagger's own, is taken for a duration: half an error a second.
    "custom-metric-without-source": Claim(rolled_back, (("request-duration", 0.5),)),
    "query-not-renderable": Claim(rolled_back, (("request-duration", 0.5),)),
    "success-rate-without-min": Claim(lambda play: play.has_event(_PROMOTED), _POOR),
    "step-weight-above-max": Claim(sends_more_than_fifty),
    "step-overshoots-max": Claim(sends_sixty_under_fifty),
    "interval-below-ten-seconds": Claim(ticks_every_ten_seconds_all_the_same),
    "interval-not-parsable": Claim(ticks_every_minute),
    "hpa-without-autoscaler-ref": Claim(leaves_the_autoscaler),
}


# These examples end differently than the rule's other ones.
_NOT_PLAYED = {
    ("interval-not-parsable", "bad", 1),  # The CRD refuses a number without a unit.
    ("ingress-backend-not-apex", "bad", 2),  # With Skipper the Canary initializes, and its releases are promoted.
    ("query-not-renderable", "good", 0),  # Its query names `…-canary`, for which these tests have no answer.
    ("max-weight-over-100", "bad", 1),  # A step above 100 is cut to 100, and the run ends.
    ("webhook-url-invalid", "bad", 1),  # The proxy of these tests answers for the host `http`, which no cluster knows.
}


def examples() -> Iterator[tuple[str, str, int, str]]:
    """Rule, bad or good, number, and the example, of every rule with a claim whose examples are objects and not charts."""
    for rule in all_rules():
        if rule.id in CLAIMS:
            page = page_of(rule)
            for which, texts in (("bad", page.bad), ("good", page.good)):
                for number, text in enumerate(texts):
                    if (rule.id, which, number) not in _NOT_PLAYED and not re.search("# (file|profile):", text):
                        yield rule.id, which, number, text


def play_all(plane: Plane) -> dict[tuple[str, str, int], Play]:
    """Every example, each in a namespace of its own, side by side; those whose objects no API server takes are left out."""
    texts = {(rule, which, number): text for rule, which, number, text in examples()}
    rollouts = {key: _rollout(key, text) for key, text in texts.items()}
    for rollout in rollouts.values():
        plane.client.ensure_namespace(rollout.names.namespace)
    rollouts = {key: each for key, each in rollouts.items() if _takes(plane, each.given["objects"])}
    warnings = {
        key: plane.client.dry_run(rollout.given["canary"]).warnings
        for key, rollout in rollouts.items()
        if _served(rollout)
    }
    Session(plane, list(rollouts.values())).run(limit=420)
    return {key: _played(plane, texts[key], rollout, warnings.get(key, ())) for key, rollout in rollouts.items()}


def _takes(plane: Plane, objects: list[JsonObject]) -> bool:
    return all(plane.client.dry_run(each).code < _REFUSED for each in objects)


def _served(rollout: Rollout) -> bool:
    return bool(rollout.given["canary"]["apiVersion"] == "flagger.app/v1beta1")


def _rollout(key: tuple[str, str, int], example: str) -> Rollout:
    rule, which, number = key
    bodies = good_bodies()
    for piece in _pieces(example):
        _lay(bodies, piece)
    for body in bodies:
        _complete(body)
        body["metadata"]["namespace"] = f"{rule}-{which}-{number}"[:63].rstrip("-")
    # An example with another Canary name is about that Canary, which comes after the known-good one.
    canary = [body for body in bodies if body["kind"] == "Canary"][-1]
    about_time = rule.startswith("interval-")
    analysis = canary["spec"].get("analysis")
    if isinstance(analysis, dict) and analysis.get("interval") in _USUAL and not about_time:
        analysis["interval"] = _FAST
    return Rollout(
        {
            "canary": canary,
            "objects": [body for body in bodies if body["kind"] != "Canary"],
            "metrics": {name: [answer] for name, answer in CLAIMS[rule].metrics},
            "hooks": {},
            "actions": [{"after_tick": 2, "do": "new-version"}],
        },
        wanted=_FEW_TICKS if about_time else _TICKS,
    )


def _complete(body: JsonObject) -> None:
    """What the API server asks for of an Ingress and the pages leave out; and no more pods than it takes."""
    if body["kind"] == "HorizontalPodAutoscaler":
        body["spec"]["minReplicas"] = 1
    for rule in body.get("spec", {}).get("rules") or [] if body["kind"] == "Ingress" else []:
        for path in (rule.get("http") or {}).get("paths") or []:
            path.setdefault("pathType", "Prefix")


def _played(plane: Plane, example: str, rollout: Rollout, warnings: tuple[str, ...]) -> Play:
    recorded: dict[str, Any] = rollout.recorded("", "")
    names = rollout.names
    copied = plane.client.get("autoscaling/v2", "HorizontalPodAutoscaler", names.namespace, f"{names.target}-primary")
    return Play(example, rollout.refused, warnings, copy.deepcopy(recorded["ticks"]), copied is not None)
