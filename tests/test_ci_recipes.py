"""The recipes for CI systems: linted as their users lint them, and their steps run in a repository with two charts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from chartgen.resources import ci_script

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
TOOLS = Path(sys.executable).parent
SCRIPT = ROOT / "ci" / "lint-changed.sh"


def run(*command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command with nothing of the machine's own CI in its environment."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT", "CHARTGEN_", "CI_"))}
    names = {f"GIT_{who}_{what}": "test@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**kept, **names, **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def yaml(path: Path) -> Any:
    return list(YAML(typ="safe", pure=True).load_all(path.read_text(encoding="utf-8")))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two charts with canaries; the last commit breaks the second one, and touches a file outside of charts."""
    folder = tmp_path / "repository"
    for name in ("good", "bad"):
        chart = folder / "charts" / name
        shutil.copytree(ROOT / "fixtures" / "charts" / "jenkins-x", chart)
        added = run(sys.executable, "-m", "chartgen", "add-canary", str(chart), "-q", folder=ROOT)
        assert added.returncode == 0, added.stderr
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "charts"]):
        assert run("git", *command, folder=folder).returncode == 0
    values = folder / "charts" / "bad" / "values.yaml"
    values.write_text(values.read_text().replace("stepWeight: 10", "stepWeight: 70"))
    (folder / "README.md").write_text("words\n")
    for command in (["add", "."], ["commit", "-qm", "change"]):
        assert run("git", *command, folder=folder).returncode == 0
    return folder


@pytest.fixture
def program(tmp_path: Path) -> str:
    """chartgen of this checkout, as a program."""
    file = tmp_path / "chartgen"
    file.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m chartgen "$@"\n')
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize(
    "command",
    [
        ["zizmor", "--offline", "--no-progress", "--quiet", "."],
        ["check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", ".github/workflows/release.yml"],
        ["shellcheck", "ci/lint-changed.sh", "helm-plugin/run.sh"],
    ],
    ids=lambda command: command[0],
)
def test_the_linters_of_the_field_find_nothing(command: list[str]) -> None:
    done = run(str(TOOLS / command[0]), *command[1:], folder=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_gitlab_component_fits_the_schema_once_its_inputs_are_set(tmp_path: Path) -> None:
    header, template = (ROOT / "ci" / "gitlab" / "template.yml").read_text(encoding="utf-8").split("\n---\n")
    inputs = YAML(typ="safe", pure=True).load(header)["spec"]["inputs"]
    for name, value in inputs.items():
        template = template.replace(f"$[[ inputs.{name} ]]", value["default"])
    assert "$[[" not in template
    (tmp_path / ".gitlab-ci.yml").write_text(template)
    command = ["--builtin-schema", "vendor.gitlab-ci", ".gitlab-ci.yml"]
    done = run(str(TOOLS / "check-jsonschema"), *command, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_script_lints_and_plans_what_changed(repository: Path, program: str) -> None:
    done = run("sh", str(SCRIPT), folder=repository, CHARTGEN=program, CHARTGEN_BASE="HEAD~1")
    assert done.returncode == 1, done.stderr
    assert "step-weight-above-max" in done.stdout
    assert "charts/good" not in done.stdout
    reports = repository / "chartgen-reports"
    names = {path.name for path in reports.iterdir()}
    assert names == {
        "charts.txt",
        "lint.sarif",
        "lint.xml",
        "lint.txt",
        "gitlab.json",
        "plan.md",
        "plan-1.svg",
        "comment.md",
    }
    assert (reports / "charts.txt").read_text() == "charts/bad\n"
    sarif = json.loads((reports / "lint.sarif").read_text())
    assert "step-weight-above-max" in {result["ruleId"] for result in sarif["runs"][0]["results"]}
    comment = (reports / "comment.md").read_text()
    assert "error[step-weight-above-max]" in comment
    assert "| scenario | ending |" in comment
    assert (reports / "plan-1.svg").read_text().startswith("<svg")


def test_the_script_takes_every_chart_without_a_base_and_none_without_a_change(repository: Path, program: str) -> None:
    every = run("sh", str(SCRIPT), "--fail-on", "never", "-q", folder=repository, CHARTGEN=program)
    assert every.returncode == 0, every.stderr
    assert (repository / "chartgen-reports" / "charts.txt").read_text() == "charts/bad\ncharts/good\n"
    none = run("sh", str(SCRIPT), folder=repository, CHARTGEN=program, CHARTGEN_BASE="HEAD")
    assert (none.returncode, none.stdout) == (0, "no chart changed\n")


def test_the_steps_of_the_action_in_their_order(repository: Path, program: str, tmp_path: Path) -> None:
    (action,) = yaml(ROOT / "action.yml")
    steps = {step["name"]: step for step in action["runs"]["steps"] if "run" in step}
    assert list(steps) == ["Install chartgen", "Lint changed charts", "Fail on findings"]
    temporary = tmp_path / "temporary"
    (temporary / "chartgen" / "bin").mkdir(parents=True)
    (temporary / "chartgen" / "bin" / "chartgen").symlink_to(program)
    files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    github = {
        **{name: str(path) for name, path in files.items()},
        "GITHUB_ACTION_PATH": str(ROOT),
        "RUNNER_TEMP": str(temporary),
    }

    def step(name: str, **variables: str) -> subprocess.CompletedProcess[str]:
        assert set(variables) == set(steps[name]["env"])
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", steps[name]["run"]]
        return run(*shell, folder=repository, **github, **variables)

    linted = step("Lint changed charts", ARGS="--min-severity warning", BASE="HEAD~1", CHARTGEN_PATH="charts")
    assert linted.returncode == 0, linted.stderr
    assert re.search(r"^::error file=charts/bad/values\.yaml,line=\d+", linted.stdout, re.MULTILINE)
    assert "::notice" not in linted.stdout
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    assert outputs == {"exit-code": "1", "reports": str(temporary / "chartgen-reports")}
    assert "error[step-weight-above-max]" in files["GITHUB_STEP_SUMMARY"].read_text()
    assert step("Fail on findings", CODE=outputs["exit-code"]).returncode == 1


def test_the_recipes_of_other_systems_run_the_script_of_the_installed_package(repository: Path, program: str) -> None:
    (task,) = yaml(ROOT / "ci" / "tekton" / "task.yaml")
    (run_of_lighthouse,) = yaml(ROOT / "ci" / "lighthouse" / "pullrequest.yaml")
    lighthouse = run_of_lighthouse["spec"]["pipelineSpec"]["tasks"][0]["taskSpec"]["steps"][-1]
    gitlab = yaml(ROOT / "ci" / "gitlab" / "template.yml")[1]["chartgen"]
    scripts = [task["spec"]["steps"][0]["script"], lighthouse["script"], "\n".join(gitlab["script"])]
    assert ci_script() == SCRIPT
    for script in scripts:
        # Installing is left out, and this checkout takes the place of the installed package.
        kept = [line for line in script.splitlines() if "venv /tmp" not in line and "pip install" not in line]
        text = re.sub(r"(?:/tmp/chartgen|\.chartgen)/bin/python", sys.executable, "\n".join(kept))
        text = re.sub(r'CHARTGEN="?(?:\$PWD/\.chartgen|/tmp/chartgen)/bin/chartgen"?', f"CHARTGEN={program}", text)
        text = text.replace("$[[ inputs.args ]]", "")
        base = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD~1", "PULL_BASE_SHA": "HEAD~1", "CHARTGEN_BASE": "HEAD~1"}
        done = run("sh", "-c", text, folder=repository, PYTHONPATH=str(ROOT), CHARTGEN_PATH="charts", **base)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "charts/bad/values.yaml" in done.stdout
        shutil.rmtree(repository / "chartgen-reports")
