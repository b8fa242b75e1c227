"""10,000 simulated rollouts against the time of one real one: `python bench/simulated_rollouts.py [--runs N]`.

The Canary takes 18 ticks from detection to the end of its promotion, one minute each on a cluster. Each rollout has
checks that fail with 10 %. Two ways are timed: `chartgen plan --scenario flaky:10% --runs N` as a user runs it (it
walks each state of the simulator once and draws the rollouts through them), and the simulator alone, tick by tick, with
every event and object. The table is what README shows.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time

from chartgen.flagger.canary import read_canary
from chartgen.flagger.schedule import AlwaysPassing, End, rollout
from chartgen.planning.answers import Flaky
from chartgen.planning.default_objects import surroundings
from chartgen.planning.request import Stage
from chartgen.planning.simulated_release import rehearsal

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
FLAKY = 0.1


def planned(runs: int) -> tuple[float, float]:
    """Seconds for the whole command, and the share of rollouts it says are promoted."""
    command = [sys.executable, "-m", "chartgen", "plan", "-", "--format", "json", "--runs", str(runs)]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--scenario", f"flaky:{FLAKY}"], input=json.dumps(CANARY), text=True, capture_output=True, check=True
    )
    seconds = time.perf_counter() - started
    return seconds, json.loads(done.stdout)["plans"][0]["scenarios"][0]["chance"]["promoted"]


def simulated(runs: int) -> tuple[float, float, int]:
    """Seconds for rollouts played tick by tick, the share promoted, and how many ticks that were."""
    stage = Stage(CANARY, (CANARY,), alone=True)
    canary = read_canary(CANARY)
    stand = rehearsal(canary, surroundings(stage, canary)[0], flagger="1.44.0", pod_start=0.0)
    started, promoted, ticks = time.perf_counter(), 0, 0
    for seed in range(runs):
        timeline = rollout(stand.state, Flaky(stand.canary, FLAKY, random.Random(seed)), flagger="1.44.0")
        promoted += timeline.outcome.end is End.SUCCEEDED
        ticks += len(timeline.ticks)
    return time.perf_counter() - started, promoted / runs, ticks


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=10_000)
    runs = arguments.parse_args().runs
    stage = Stage(CANARY, (CANARY,), alone=True)
    canary = read_canary(CANARY)
    stand = rehearsal(canary, surroundings(stage, canary)[0], flagger="1.44.0", pod_start=0.0)
    real = rollout(stand.state, AlwaysPassing(stand.canary), flagger="1.44.0").ticks[-1].second
    whole, said = planned(runs)
    alone, counted, ticks = simulated(runs)
    print("| what | rollouts | seconds | promoted |")
    print("| --- | ---: | ---: | ---: |")
    print(f"| one real rollout, {real / canary.interval:.0f} ticks of {canary.interval:.0f} s | 1 | {real:,.0f} | |")
    print(
        f"| `chartgen plan --scenario flaky:10% --runs {runs}`, whole command | {runs:,} | {whole:.1f} | {said:.2%} |"
    )
    print(f"| the simulator tick by tick, {ticks:,} ticks | {runs:,} | {alone:.1f} | {counted:.2%} |")


if __name__ == "__main__":
    main()
