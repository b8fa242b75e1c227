"""How much of the users' traffic meets the new version before it is trusted, and what of it fails.

    exposure = sum over ticks of  share on the new version * time until the next tick      (percent·minutes)
    requests = requests a second * the same sum in seconds
    failed   = share that fails * requests

Counted from the detection to the end of the run: while the canary's weight is above 0, the new version is on trial.
The traffic it gets as the new primary is not part of the sum.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chartgen.planning.scenario_run import Ending

if TYPE_CHECKING:
    from chartgen.planning.scenario_run import ScenarioRun

_ENDLESS = (Ending.STALLED, Ending.CUT)


def exposure(course: ScenarioRun) -> float:
    """Percent·minutes of traffic on the new version; infinite where it stays there and nothing ends the run."""
    return math.inf if stays_exposed(course) else seconds_of_traffic(course) * 100 / 60


def seconds_of_traffic(course: ScenarioRun) -> float:
    """The sum in seconds of full traffic, over what was played: multiplied by requests a second it counts requests."""
    return math.fsum(moment.users * seconds for moment, seconds in course.spans())


def stays_exposed(course: ScenarioRun) -> bool:
    """Whether the last moment has users on the new version and no other will follow."""
    if not course.ticks:
        return False
    last = course.ticks[-1].users > 0
    return last and course.ending in (*_ENDLESS, Ending.ROLLED_BACK)


def requests(course: ScenarioRun, rps: float) -> float:
    """Users' requests answered by the new version on trial."""
    return math.inf if stays_exposed(course) else rps * seconds_of_traffic(course)
