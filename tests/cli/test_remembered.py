"""`lint` again: an answer from the cache is the one that a run without it gives, and nothing heavy is loaded."""

from __future__ import annotations

import ast
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chartgen.cli.remembered import VARIABLES, RememberedRun
from chartgen.lint.finding import LintResult
from tests.conftest import CHARTS, LONG_RUN
from tests.running import chartgen, run_alone
from tools.imports import MODULES, tree

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = """\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: web}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  service: {port: 80}
  analysis: {interval: 1m, threshold: 5, maxWeight: 50, stepWeight: STEP}
"""
HEAVY = (
    "chartgen.helm.embedded",
    "chartgen.helm.worker_process",
    "jsonschema",
    "ruamel",
    "re2",
    "chartgen.lint.matrix",
)
# What the answer to an unchanged run takes, apart from Python's own start.
WARM = {
    "chartgen",
    "chartgen.__main__",
    "chartgen.cache",
    "chartgen.cache.entries",
    "chartgen.cache.identity",
    "chartgen.inputs",
    "chartgen.inputs.unchanged",
    "chartgen.cli",
    "chartgen.cli.exit_codes",
    "chartgen.cli.guard",
    "chartgen.cli.output",
    "chartgen.cli.remembered",
    "chartgen.errors",
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(chart: Path, step: int = 10, *, canary: bool = True) -> None:
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text(f"apiVersion: v2\nname: {chart.name}\nversion: 0.1.0\n")
    (chart / "values.yaml").write_text("{}\n")
    text = CANARY.replace("STEP", str(step)) if canary else "kind: ConfigMap\n"
    (chart / "templates" / "canary.yaml").write_text(text)


def settle() -> None:
    """Let the last change become old enough to be told from another one."""
    time.sleep(0.06)


def lint(*arguments: str) -> tuple[int, str, str, list[str]]:
    """Exit code, stdout, stderr and the imported modules of a run in a process of its own."""
    done, modules = run_alone("lint", *arguments)
    return done.returncode, done.stdout, done.stderr, modules


def rules_in(modules: list[str]) -> list[str]:
    """The modules of single rules."""
    return [name for name in modules if name.startswith("chartgen.rules.") and name.count(".") > 2
            and not name.startswith("chartgen.rules.reading")]  # fmt: skip


def test_a_warm_lint_loads_no_engine_no_rule_and_no_schema(place: Path) -> None:
    write(place / "web", 70)
    settle()
    cold = lint("web")
    assert "step-weight-above-max" in cold[1]
    assert rules_in(cold[3])
    warm = lint("web")
    assert warm[:3] == cold[:3]
    loaded = warm[3]
    assert {name for name in loaded if name.startswith("chartgen")} == WARM
    assert not {"typer", "typing", "dataclasses", "pathlib", "re", "shutil", "json", "ruamel"}.intersection(loaded)


def test_the_same_content_with_another_status_is_answered_and_noted(place: Path) -> None:
    write(place / "web", 70)
    settle()
    cold = lint("web")
    write(place / "web", 70)
    settle()
    again = lint("web")
    assert again[:3] == cold[:3]
    assert rules_in(again[3]) == []
    assert "chartgen.charts.snapshot" in again[3]
    assert "chartgen.charts.snapshot" not in lint("web")[3]


def test_a_cold_lint_imports_neither_ruamel_nor_jsonschema(place: Path) -> None:
    """Values of plain YAML and objects without violations need neither."""
    shutil.copytree(CHARTS / "helm-create", place / "web")
    chartgen("add-canary", "--host", "web.test", "web")
    code, out, _, loaded = lint("web", "--no-cache")
    assert (code, "web/values.yaml:" in out) == (0, True)
    assert rules_in(loaded)
    assert not {"ruamel", "jsonschema", "rich", "jinja2", "importlib.metadata"}.intersection(loaded)


def test_a_lint_of_charts_without_canaries_loads_no_engine_no_rule_and_no_schema(place: Path) -> None:
    write(place / "web", canary=False)
    code, out, err, loaded = lint("web")
    checked = "checked 1 chart, 0 with canaries: 0 errors, 0 warnings, 0 infos\n"
    assert [code, out, err] == [0, "", f"{checked}help: to add a canary, run chartgen add-canary web\n"]
    assert rules_in(loaded) == []
    assert not [name for name in loaded if name.startswith(HEAVY)]


def test_no_cache_neither_reads_nor_writes(place: Path) -> None:
    write(place / "web", 70)
    settle()
    assert lint("web", "--no-cache")[0] == 1
    assert not (place / "cache").exists()


def test_clear(place: Path) -> None:
    write(place / "web")
    settle()
    lint("web")
    assert "3 entries removed" in chartgen("cache", "clear").stderr
    assert "0 entries removed" in chartgen("cache", "clear").stderr


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--report", "json=out"], ["--write-baseline", "out"], ["--fix"], ["--diff"]])
def test_runs_that_write_or_answer_something_else_are_not_kept(place: Path, arguments: list[str]) -> None:
    write(place / "web", 70)
    settle()
    lint("web", *arguments)
    assert not (place / "cache").exists()


def test_a_cache_in_the_repository_of_a_chart_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "repository" / ".git").mkdir(parents=True)
    write(place / "repository" / "web")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "repository" / "web" / "cache"))
    settle()
    lint("repository/web")
    assert not (place / "repository" / "web" / "cache").exists()


def test_a_change_during_the_run_is_not_kept(place: Path) -> None:
    write(place / "web", 70)
    settle()
    run = RememberedRun(["lint", "web"])

    def change(remembered: RememberedRun) -> None:
        remembered.lasts(LintResult((), ()))
        (place / "web" / "values.yaml").write_text("{}\n")
        raise SystemExit(0)

    with pytest.raises(SystemExit):
        run.answer(change)
    assert not (place / "cache").exists()


def _edit(path: str, text: str) -> Callable[[Path], object]:
    def edit(place: Path) -> None:
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)

    return edit


def _remove(path: str) -> Callable[[Path], object]:
    return lambda place: (place / path).unlink(missing_ok=True)


def _same_size_and_time(place: Path) -> None:
    """Write another weight of as many digits, and set the old time of the change."""
    path = place / "charts" / "web" / "templates" / "canary.yaml"
    status, text = path.stat(), path.read_text()
    path.write_text(text.replace("stepWeight: 70", "stepWeight: 20") if "70" in text else text.replace("20", "70"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _another_file_behind_a_link(place: Path) -> None:
    """`charts` becomes a link to a copy with another weight, or to the first one again."""
    for name, step in (("one", 70), ("two", 20)):
        write(place / name / "web", step)
    leads_to_one = (place / "charts").is_symlink() and (place / "charts").readlink() == Path("one")
    target = "two" if leads_to_one else "one"
    if (place / "charts").is_symlink():
        (place / "charts").unlink()
    else:
        shutil.rmtree(place / "charts")
    (place / "charts").symlink_to(target)


EDITS = {
    "link": _another_file_behind_a_link,
    "weight": lambda place: write(place / "charts" / "web", 70),
    "other weight": lambda place: write(place / "charts" / "web", 20),
    "same size and time": _same_size_and_time,
    "another chart": lambda place: write(place / "charts" / "api", 70),
    "no other chart": _remove("charts/api/Chart.yaml"),
    "values file": _edit("charts/web/values-prod.yaml", "canary: {enabled: true}\n"),
    "no values file": _remove("charts/web/values-prod.yaml"),
    "settings above": _edit("chartgen.yaml", "ignore: [step-weight-above-max]\n"),
    "other settings": _edit("chartgen.yaml", "severity: {step-weight-above-max: info}\n"),
    "no settings": _remove("chartgen.yaml"),
    "settings in the chart": _edit("charts/web/chartgen.yaml", "fail-on: never\n"),
    "no settings in the chart": _remove("charts/web/chartgen.yaml"),
    "releases": _edit("chartgen.yaml", "releases: [{values: [extra.yaml]}]\n"),
    "given values": _edit("extra.yaml", "name: web\n"),
    "broken values": _edit("extra.yaml", "[\n"),
    "ignored": _edit("charts/web/.helmignore", "canary.yaml\n"),
    "not ignored": _remove("charts/web/.helmignore"),
    "repository": lambda place: (place / ".git").mkdir(exist_ok=True),
    "project": _edit("pyproject.toml", "[tool.chartgen]\nignore = ['step-weight-above-max']\n"),
    "no project": _remove("pyproject.toml"),
    "release": _edit(
        "charts/release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\n"
        "spec: {chart: {spec: {chart: web}}, values: {name: other}}\n",
    ),
    "no release": _remove("charts/release.yaml"),
}
ARGUMENTS = (["charts"], ["charts/web"], ["charts", "-f", "extra.yaml"], ["charts", "--min-severity", "error"])


@pytest.mark.slow
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.sampled_from(ARGUMENTS)), min_size=2, max_size=6))
@settings(
    max_examples=100 if LONG_RUN else 4,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_answer_is_stale(
    steps: list[tuple[str, list[str]]], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path_factory.mktemp("stale")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    monkeypatch.chdir(place)
    write(place / "charts" / "web")
    for name, arguments in steps:
        EDITS[name](place)
        settle()
        for _ in range(2):
            truth = chartgen("lint", *arguments)
            assert lint(*arguments)[:3] == (truth.returncode, truth.stdout, truth.stderr), name


def test_the_key_names_every_variable_that_is_read() -> None:
    """A variable that changes an answer must change the key."""
    read = set()
    for module in MODULES:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.Call) and "environ" in ast.unparse(node.func) and node.args:
                read |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
            if isinstance(node, ast.keyword) and node.arg == "envvar":
                read.add(ast.literal_eval(node.value))
    read |= {"NO_COLOR", "FORCE_COLOR"}  # through a parameter
    # The first two choose another Helm, and end the memory; the third says where it is; the fourth one is about progress,
    # and the last one about clusters, which lint doesn't ask.
    others = {"HELM_C_LIB", "CHARTGEN_HELM", "XDG_CACHE_HOME", "TERM", "KUBECONFIG"}
    assert {str(name) for name in read} - others <= set(VARIABLES)
