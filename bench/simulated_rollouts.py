"""Times 10,000 simulated rollouts against one real rollout: `python bench/simulated_rollouts.py [--runs N]`.

The Canary takes 18 ticks from detection to the end of its promotion, one minute each on a cluster. In each simulated
rollout, checks fail with probability 10 %. The script times two things: `chartgen plan --scenario flaky:10% --runs N`
as a user runs it (it simulates each state once and then samples rollouts through these states), and the simulator
alone, tick by tick, with every event and object. README shows the table.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from chartgen.flagger.canary import read_canary
from chartgen.flagger.schedule import AlwaysPassing, End, rollout
from chartgen.planning.answers import FlakyAnswers
from chartgen.planning.default_objects import cluster_objects
from chartgen.planning.request import CanaryContext
from chartgen.planning.simulated_release import prepare_release

if TYPE_CHECKING:
    from chartgen.planning.simulated_release import SimulatedRelease

CANARY = {
    "apiVersion": "flagger.app/v1beta1",
    "kind": "Canary",
    "metadata": {"name": "app", "namespace": "prod"},
    "spec": {
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "app"},
        "service": {"port": 80},
        "analysis": {
            "interval": "60s",
            "threshold": 5,
            "maxWeight": 75,
            "stepWeight": 5,
            "metrics": [{"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}}],
        },
    },
}
FAILURE_PROBABILITY = 0.1


def time_command(runs: int) -> tuple[float, float]:
    """Seconds for the whole command, and the share of rollouts that it reports as promoted."""
    command = [sys.executable, "-m", "chartgen", "plan", "-", "--format", "json", "--runs", str(runs)]
    started = time.perf_counter()
    completed = subprocess.run(
        [*command, "--scenario", f"flaky:{FAILURE_PROBABILITY}"],
        input=json.dumps(CANARY),
        text=True,
        capture_output=True,
        check=True,
    )
    seconds = time.perf_counter() - started
    return seconds, json.loads(completed.stdout)["plans"][0]["scenarios"][0]["chance"]["promoted"]


def simulated_release() -> SimulatedRelease:
    context = CanaryContext(CANARY, (CANARY,), only_flagger_objects=True)
    canary = read_canary(CANARY)
    return prepare_release(canary, cluster_objects(context, canary)[0], flagger="1.44.0", pod_start=0.0)


def time_simulator(runs: int) -> tuple[float, float, int]:
    """Seconds for rollouts simulated tick by tick, the share promoted, and the number of ticks."""
    release = simulated_release()
    started, promoted, ticks = time.perf_counter(), 0, 0
    for seed in range(runs):
        answers = FlakyAnswers(release.canary, FAILURE_PROBABILITY, random.Random(seed))
        timeline = rollout(release.state, answers, flagger="1.44.0")
        promoted += timeline.outcome.end is End.SUCCEEDED
        ticks += len(timeline.ticks)
    return time.perf_counter() - started, promoted / runs, ticks


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=10_000)
    runs = arguments.parse_args().runs
    release, interval = simulated_release(), read_canary(CANARY).interval
    real = rollout(release.state, AlwaysPassing(release.canary), flagger="1.44.0").ticks[-1].second
    command_seconds, reported_share = time_command(runs)
    simulator_seconds, simulated_share, ticks = time_simulator(runs)
    print("| what | rollouts | seconds | promoted |")
    print("| --- | ---: | ---: | ---: |")
    print(f"| one real rollout, {real / interval:.0f} ticks of {interval:.0f} s | 1 | {real:,.0f} | |")
    command = f"`chartgen plan --scenario flaky:10% --runs {runs}`, whole command"
    print(f"| {command} | {runs:,} | {command_seconds:.1f} | {reported_share:.2%} |")
    simulator = f"the simulator tick by tick, {ticks:,} ticks"
    print(f"| {simulator} | {runs:,} | {simulator_seconds:.1f} | {simulated_share:.2%} |")


if __name__ == "__main__":
    main()
