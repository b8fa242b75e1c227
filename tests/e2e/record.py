"""Record again: `python -m tests.e2e.record OUT FILE…`; something new: `python -m tests.e2e.record OUT --invent 60 --seed 7`.

Each FILE is a recording; its canary, objects, metrics, hooks and actions are played on a plane of its own, side by side
with the others, and what real Flagger does is written to OUT under the same file name. Where FILE has ticks, both are compared.
`--flagger 1.41.0` records another release: its binary is looked for in KUBEBUILDER_ASSETS, its CRDs are those of the tools.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.e2e.plane import Plane
from tests.e2e.process import PlaneError
from tests.e2e.recording.compare import differences
from tests.e2e.recording.invent import invent
from tests.e2e.recording.rollout import Rollout
from tests.e2e.recording.session import Session
from tests.e2e.recording.state import compact
from tests.e2e.tools.parts import BUILD_COMMAND, FLAGGER, KUBERNETES, missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.e2e.client import JsonObject

# Recorded side by side: more of them make ticks late on two cores.
_AT_ONCE = 60
_TICKS = 20


def record(plane: Plane, recordings: Sequence[JsonObject], flagger: str = FLAGGER) -> list[JsonObject]:
    """Each rollout as it went this time."""
    done = []
    for start in range(0, len(recordings), _AT_ONCE):
        batch = recordings[start : start + _AT_ONCE]
        rollouts = [Rollout(recording, wanted=len(recording.get("ticks") or ()) or _TICKS) for recording in batch]
        session = Session(plane, rollouts)
        session.run()
        session.clean_up()
        done += [rollout.recorded(flagger, KUBERNETES.removeprefix("v")) for rollout in rollouts]
    return done


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.record", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", metavar="OUT", type=Path)
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path)
    parser.add_argument("--invent", metavar="N", type=int, default=0, help="record N random rollouts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--providers", metavar="A,B,…", default="", help="of the random rollouts, each equally often")
    parser.add_argument("--flagger", metavar="RELEASE", default=FLAGGER, help=f"Flagger's release [default: {FLAGGER}]")
    options = parser.parse_args(arguments)
    if absent := missing():
        print(f"missing: {', '.join(absent)}. Run `{BUILD_COMMAND}`.", file=sys.stderr)  # noqa: T201
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    recordings = [json.loads(path.read_text()) for path in options.files]
    random = Random(options.seed)
    names = [f"invented-{options.seed}-{number:02}" for number in range(options.invent)]
    providers = options.providers.split(",") if options.providers else []
    for number, name in enumerate(names):
        recordings.append(invent(name, random, providers[number % len(providers)] if providers else None))
    try:
        with tempfile.TemporaryDirectory() as folder, Plane(Path(folder), options.flagger) as plane:
            recorded = record(plane, recordings, options.flagger)
    except PlaneError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    paths = [*options.files, *(Path(f"{name}.json") for name in names)]
    return _report(options.out, paths, recordings, recorded)


def _report(out: Path, files: list[Path], recordings: list[JsonObject], recorded: list[JsonObject]) -> int:
    differ = 0
    for path, before, after in zip(files, recordings, recorded, strict=True):
        (out / path.name).write_text(compact(after))
        found = list(differences(before, after)) if "ticks" in before else []
        differ += bool(found)
        if found:
            print(f"{path.name}: {found[0]}")  # noqa: T201
    print(f"{len(files)} recorded, {differ} differ")  # noqa: T201
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
