"""All fixes over charts of all kinds: nothing breaks, a second run changes nothing, good charts stay unchanged."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest

from chartgen.cli.app import app
from chartgen.cli.guard import guarded
from chartgen.edits.transaction import apply
from chartgen.helm.request import RenderRequest
from chartgen.helm.select import select_engine
from chartgen.lint.fix_plans import FixRequest, fix_plans
from chartgen.lint.request import LintRequest
from chartgen.rules.fix import Safety
from tests.conftest import LONG_RUN
from tests.lint.fixing.test_command import contents

ROOT = Path(__file__).parents[3]
FIXTURES = sorted((ROOT / "fixtures" / "charts").iterdir())
WILD = ROOT.parent / "shared" / "canaries" / "canaries.tar.gz"
# Each path is fixed and fixed again, in all its releases: all of them take minutes.
CHARTS, MANIFESTS = (17, 1) if LONG_RUN else (34, 9)

engine = select_engine("embedded")


@pytest.mark.slow
@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_a_fresh_canary_needs_no_safe_fix(fixture: Path, tmp_path: Path) -> None:
    chart = tmp_path / fixture.name
    shutil.copytree(fixture, chart)
    guarded(lambda: app(["add-canary", str(chart)]))
    before = contents(chart)
    plans = list(fix_plans(engine, [chart], LintRequest(no_config=True), FixRequest((Safety.SAFE,))))
    assert [plan.made for plan in plans if plan.made] == []
    assert contents(chart) == before


@pytest.mark.slow
@pytest.mark.skipif(not WILD.exists(), reason=f"{WILD} is not there")
def test_canaries_from_the_wild_are_fixed_once(tmp_path: Path) -> None:
    with tarfile.open(WILD) as archive:
        archive.extractall(tmp_path, filter="data")
    charts = sorted(path.parent for path in tmp_path.rglob("Chart.yaml") if "charts" not in path.parts[-3:-2])
    manifests = sorted(path for path in tmp_path.rglob("*.yaml") if "manifests" in path.parts)
    request = LintRequest(RenderRequest(), no_config=True)
    made = 0
    for path in [*charts[::CHARTS], *manifests[::MANIFESTS]]:
        before = contents(path) if path.is_dir() else {}
        made += sum(_apply_fixes(path, request))
        if path.is_dir():
            assert contents(path).keys() == before.keys()
        assert not any(_apply_fixes(path, request))
    assert made > (10 if LONG_RUN else 3)


def _apply_fixes(path: Path, request: LintRequest) -> list[int]:
    counts = []
    for planned in fix_plans(engine, [path], request, FixRequest(tuple(Safety))):
        apply(planned.plan)
        counts.append(len(planned.made))
    return counts
