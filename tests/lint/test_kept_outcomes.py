"""Outcomes of single charts: after a change, only what it can decide about is checked again, and nothing is stale."""

from __future__ import annotations

import contextlib
import json
import shutil
import zlib
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chartgen.cache import entries
from chartgen.charts.snapshot import Snapshot
from chartgen.helm.select import deferred_engine
from chartgen.lint import engine as linting
from chartgen.lint import kept_outcomes
from chartgen.lint.finding import Finding
from chartgen.lint.kept_outcomes import KeptOutcomes, packed, unpacked
from chartgen.lint.request import LintRequest
from tests.cli.test_remembered import CANARY as PLAIN
from tests.cli.test_remembered import settle
from tests.conftest import LONG_RUN
from tests.lint.charts import DEPLOYMENT, on_disk
from tests.running import cached_lint, chartgen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.lint.outcome import Outcome

CHARTS = ("api", "web")
CANARY = PLAIN.replace("STEP", "{{ .Values.step | default 70 }}")
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec: {chart: {spec: {chart: web}}, values: {step: STEP}}
"""
HELMFILE = """\
missingFileHandler: Warn
releases:
  - {name: web, chart: ./web, values: [prod.values]}
  - {name: api, chart: ./linked, values: [prod.values]}
"""
# Each file that a chart, its surroundings or another object can have, with its contents; None: the file is missing.
OF_A_CHART: dict[str, list[str | None]] = {
    "Chart.yaml": ["apiVersion: v2\nname: NAME\nversion: 0.1.0\n", "apiVersion: v2\nname: x\nversion: 1.0.0\n", "[]\n"],
    "values.yaml": ["{}\n", "step: 20\n", "[\n"],
    "values-prod.yaml": [None, "step: 60\n"],
    "templates/canary.yaml": [CANARY, CANARY.replace("maxWeight: 50", "maxWeight: 80"), "kind: ConfigMap\n"],
    "templates/web.yaml": [None, DEPLOYMENT],
    "templates/tests/a.txt": [None, "Canary"],
    "charts/sub/Chart.yaml": [None, "apiVersion: v2\nname: sub\nversion: 0.1.0\n"],
    "charts/sub/templates/canary.yaml": [None, CANARY.replace("web", "sub")],
    ".helmignore": [None, "canary.yaml\n", "sub\n"],
    "chartgen.yaml": [
        None,
        "fail-on: never\n",
        "no-such: 1\n",
        "releases: [{values: [../shared.values]}]\n",
        "releases: [{values: [../web/values-prod.yaml]}]\n",
    ],
}
AROUND: dict[str, list[str | None]] = {
    "chartgen.yaml": [
        None,
        "ignore: [step-weight-above-max]\n",
        "releases: [{values: [charts/shared.values]}]\n",
        "releases: [{values: [charts/api/values.yaml]}]\n",
        "releases: [{helmfile: charts/helmfile.yaml}]\n",
    ],
    "pyproject.toml": [None, "[tool.chartgen]\nignore = ['step-weight-above-max']\n"],
    "charts/shared.values": [None, "step: 55\n"],
    "charts/prod.values": [None, "step: 54\n"],
    "charts/helmfile.yaml": [None, HELMFILE],
    "charts/release.yaml": [None, RELEASE.replace("STEP", "57"), RELEASE.replace("STEP", "5")],
    "charts/canary.yaml": [None, CANARY.replace("{{ .Values.step | default 70 }}", "53")],
}
FILES: dict[str, list[str | None]] = {
    **{f"charts/{chart}/{path}": texts for chart in CHARTS for path, texts in OF_A_CHART.items()},
    **AROUND,
}
ARGUMENTS = (["charts"], ["charts/web", "charts/api"], ["charts", "-f", "charts/shared.values"])


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "here" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The charts that are checked from now on."""
    names: list[str] = []
    check = linting._Checker.chart

    def noted(checker: linting._Checker, path: Path, argument: Path | None) -> Outcome:
        names.append(path.name)
        return check(checker, path, argument)

    monkeypatch.setattr(linting._Checker, "chart", noted)
    return names


def put(path: str, text: str | None) -> None:
    """Write a file, or remove it."""
    file = Path(path)
    if text is None:
        file.unlink(missing_ok=True)
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("NAME", file.parent.name))


def put_all() -> None:
    """Every file with its first content."""
    for path, texts in FILES.items():
        put(path, texts[0])


def assert_right(*arguments: str) -> None:
    """The answer with the cache is the one without."""
    settle()
    assert cached_lint(*arguments) == chartgen("lint", *arguments)


def test_only_a_changed_chart_is_checked_again(checked: list[str]) -> None:
    for name in ("a", "b", "c"):
        on_disk(Path("charts") / name, {"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 0.1.0\n"})
        on_disk(Path("charts") / name, {"templates/canary.yaml": CANARY})
    settle()
    cached_lint("charts")
    assert checked == ["a", "b", "c"]
    checked.clear()
    put("charts/b/values.yaml", "step: 20\n")
    settle()
    again = cached_lint("charts")
    assert checked == ["b"]
    assert again == chartgen("lint", "charts")
    checked.clear()
    shutil.rmtree("charts/a")
    put("charts/b/values.yaml", None)
    settle()
    cached_lint("charts")
    assert checked == ["b"]


def test_a_changed_configuration_checks_all_of_them_again(checked: list[str]) -> None:
    put_all()
    settle()
    cached_lint("charts")
    checked.clear()
    put("chartgen.yaml", "severity: {step-weight-above-max: info}\n")
    settle()
    cached_lint("charts")
    assert checked == ["api", "web"]


def test_a_chart_that_cannot_be_compared_is_checked_each_time_and_the_others_are_not(checked: list[str]) -> None:
    put_all()
    Path("charts/web/templates/link.yaml").symlink_to("canary.yaml")
    settle()
    first = cached_lint("charts")
    checked.clear()
    assert cached_lint("charts") == first
    assert checked == ["web"]


def test_a_chart_with_values_of_another_one_is_checked_each_time(checked: list[str]) -> None:
    put_all()
    put("charts/api/chartgen.yaml", "releases: [{values: [../web/values.yaml]}]\n")
    settle()
    cached_lint("charts")
    checked.clear()
    put("charts/web/values.yaml", "step: 20\n")
    assert_right("charts")
    assert "api" in checked


def test_a_file_of_any_chart_in_the_options_is_no_longer_kept_apart(checked: list[str]) -> None:
    put_all()
    settle()
    cached_lint("charts", "-f", "charts/web/values.yaml")
    checked.clear()
    put("charts/web/values.yaml", "step: 20\n")
    assert_right("charts", "-f", "charts/web/values.yaml")
    assert "api" in checked


def test_what_a_helmfile_only_looks_for_decides_too() -> None:
    put_all()
    put("chartgen.yaml", "releases: [{helmfile: charts/helmfile.yaml}]\n")
    put("charts/helmfile.yaml", HELMFILE)
    assert_right("charts")
    put("charts/prod.values", "step: 54\n")
    assert_right("charts")
    # A release of another name, and a link that makes it one of this chart.
    put("charts/helmfile.yaml", HELMFILE.replace("./web", "./other").replace("name: web", "name: other"))
    assert_right("charts")
    Path("charts/linked").symlink_to("web")
    assert_right("charts")


@pytest.mark.slow
def test_each_single_change_gets_the_answer_of_a_run_without_cache() -> None:
    put_all()
    put("charts/shared.values", "step: 55\n")
    put("chartgen.yaml", "releases: [{}]\n")
    one_chart = {path: texts for path, texts in FILES.items() if not path.startswith("charts/api/")}
    for path, texts in one_chart.items():
        before = Path(path).read_text() if Path(path).exists() else None
        for text in [*texts, None]:
            put(path, text)
            assert_right("charts")
        put(path, before)


@pytest.mark.slow
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([(path, text) for path, texts in FILES.items() for text in [*texts, None]]),
            st.sampled_from(ARGUMENTS),
        ),
        min_size=2,
        max_size=6,
    )
)
@settings(
    max_examples=200 if LONG_RUN else 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_several_changes_get_the_answer_of_a_run_without_cache(
    steps: list[tuple[tuple[str, str | None], list[str]]],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = tmp_path_factory.mktemp("kept")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    (place / "here" / ".git").mkdir(parents=True)
    monkeypatch.chdir(place / "here")
    put_all()
    put("charts/shared.values", "step: 55\n")
    for (path, text), arguments in steps:
        put(path, text)
        assert_right(*arguments)
        assert_right(*arguments)


def test_an_outcome_survives_as_json(tmp_path: Path) -> None:
    put_all()
    put("charts/web/chartgen.yaml", "fail-on: never\nmin-severity: warning\n")
    put("charts/web/templates/canary.yaml", CANARY.replace("interval: 1m", "interval: 1 m"))
    checker = linting._Checker(deferred_engine("embedded"), LintRequest())
    outcomes = [checker.chart(Path("charts") / name, None) for name in CHARTS]
    assert any(finding.fix for outcome in outcomes for finding in outcome.findings)
    for outcome in outcomes:
        again = unpacked(json.loads(json.dumps(packed(outcome))))
        assert (again.checked, again.notes, again.suppressed) == (outcome.checked, outcome.notes, outcome.suppressed)
        for finding, other in zip(again.findings, outcome.findings, strict=True):
            for field in fields(Finding):
                assert getattr(finding, field.name) == getattr(other, field.name), field.name


ODD: tuple[Any, ...] = (None, [], {}, "x", -1, True, [1], [[]], {"a": 1})


def places(value: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The routes of all values in JSON."""
    yield route
    if isinstance(value, dict | list):
        for step, held in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(held, (*route, step))


def with_odd(value: Any, route: tuple[Any, ...], odd: Any) -> Any:
    if not route:
        return odd
    copy = value.copy()
    copy[route[0]] = with_odd(copy[route[0]], route[1:], odd)
    return copy


def test_an_outcome_of_another_shape_is_a_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    put_all()
    put("charts/web/templates/canary.yaml", CANARY.replace("interval: 1m", "interval: 1 m"))
    packed_outcome = packed(
        linting._Checker(deferred_engine("embedded"), LintRequest()).chart(Path("charts/web"), None)
    )
    for route in places(packed_outcome):
        for odd in ODD:
            with contextlib.suppress(*kept_outcomes._OTHER_SHAPE):
                unpacked(with_odd(packed_outcome, route, odd))


@pytest.mark.parametrize(
    "text", ["null", "[]", '"x"', "[" * 100_000, "{", '{"KEY": null}', '{"KEY": {"findings": {}}}']
)
def test_an_entry_of_another_shape_is_a_miss(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put_all()
    snapshot, path = Snapshot([Path("charts/web")]), Path("charts/web")
    digest = snapshot.chart_digest(path)
    assert digest
    content = zlib.compress(text.replace("KEY", digest.hex()).encode())
    monkeypatch.setattr(entries, "load", lambda _: [content])
    assert not KeptOutcomes("any", snapshot).has(path)
