"""How much of the users' traffic the new version answers before its promotion, and how much of that fails.

    exposure = sum over ticks of  share on the new version * time until the next tick      (percent·minutes)
    requests = requests per second * the same sum in seconds
    failed   = error rate * requests

The sum covers the time from the detection of the release to the end of the run, while the canary's weight is above 0.
It doesn't include the traffic that the new version receives as the new primary.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chartgen.planning.scenario_run import Ending

if TYPE_CHECKING:
    from chartgen.planning.scenario_run import ScenarioRun

_ENDLESS = (Ending.STALLED, Ending.CUT)


def exposure(run: ScenarioRun) -> float:
    """Percent·minutes of traffic on the new version; infinite if traffic stays there and nothing ends the run."""
    return math.inf if stays_exposed(run) else seconds_of_traffic(run) * 100 / 60


def seconds_of_traffic(run: ScenarioRun) -> float:
    """The sum in seconds of full traffic over the simulated ticks; multiply by requests per second to get requests."""
    return math.fsum(tick.user_share * seconds for tick, seconds in run.spans())


def stays_exposed(run: ScenarioRun) -> bool:
    """Whether users reach the new version at the last tick, and no other tick follows."""
    if not run.ticks:
        return False
    exposed = run.ticks[-1].user_share > 0
    return exposed and run.ending in (*_ENDLESS, Ending.ROLLED_BACK)


def requests(run: ScenarioRun, rps: float) -> float:
    """Users' requests that the new version answers before its promotion."""
    return math.inf if stays_exposed(run) else rps * seconds_of_traffic(run)


def requests_of(exposure: float, rps: float) -> float:
    """The users' requests behind an exposure in percent·minutes."""
    return exposure / 100 * 60 * rps
