"""The public API: its names and signatures are pinned, the commands use it, and it fails with one exception."""

from __future__ import annotations

import inspect
import json
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from chartgen import api
from chartgen.api import linting, settings
from chartgen.api.linting import lint_requested
from chartgen.cli import run_lint
from chartgen.cli.app import app
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.lint.finding import LintResult
    from chartgen.lint.request import LintRequest

DOCUMENTED = Path(__file__).parents[2] / "docs" / "api.md"
SIGNATURES = {
    "add_canary": "(chart: 'str | Path', *, write: 'bool' = True, session: 'Session | None' = None,"
    " **settings: 'Unpack[AddCanarySettings]') -> 'AddCanaryResult'",
    "lint": "(paths: 'str | Path | Iterable[str | Path]', *, session: 'Session | None' = None,"
    " **settings: 'Unpack[LintSettings]') -> 'LintResult'",
    "emit": "(chart: 'str | Path', *, session: 'Session | None' = None, **settings: 'Unpack[EmitSettings]')"
    " -> 'EmitResult'",
    "plan": "(chart: 'str | Path', *, session: 'Session | None' = None, **settings: 'Unpack[PlanSettings]')"
    " -> 'PlanReport'",
}
KEYWORDS = {
    "add-canary": settings.AddCanarySettings,
    "lint": settings.LintSettings,
    "emit": settings.EmitSettings,
    "plan": settings.PlanSettings,
}
# What a command prints, where, and which Helm it asks is not a keyword; writing is an argument of add_canary.
OF_THE_COMMAND_LINE = {
    "--help", "--format", "--output", "--report", "--color", "--baseline", "--write-baseline", "--show-config", "--quiet",
    "--no-cache", "--stdin-filename", "--fix", "--unsafe-fixes", "--exit-non-zero-on-fix", "--diff", "--check",
    "--suggest", "--write", "--helm", "--render-timeout", "--render-memory", "--docs-url",
}  # fmt: skip


def test_the_public_names() -> None:
    types = {"AddCanaryResult", "ChartgenError", "EmitResult", "LintResult", "PlanReport", "Session"}
    assert set(api.__all__) == {*SIGNATURES, *types}
    assert all(getattr(api, name) is not None for name in api.__all__)
    with pytest.raises(AttributeError, match="no attribute 'migrate'"):
        _ = api.migrate


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_signatures(name: str) -> None:
    assert str(inspect.signature(getattr(api, name))) == SIGNATURES[name]


def test_the_signature_of_a_session() -> None:
    assert str(inspect.signature(api.Session)) == (
        "(*, helm: 'str' = 'auto', render_timeout: 'int' = 10, render_memory: 'int' = 1024,"
        " on_note: 'Note | None' = None) -> 'None'"
    )


@pytest.mark.parametrize("command", KEYWORDS)
def test_each_keyword_is_an_option_and_each_option_a_keyword(command: str) -> None:
    parameters = get_command(app).commands[command].params  # type: ignore[attr-defined]
    options = {parameter.opts[-1] for parameter in parameters if parameter.opts[-1].startswith("--")}
    keywords = {settings.option(name) for name in KEYWORDS[command].__annotations__}
    assert keywords == options - OF_THE_COMMAND_LINE


def test_a_canary_is_described_then_written_then_linted_emitted_and_planned(
    chart: Callable[[str], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    folder = chart("jenkins-x")
    values = (folder / "values.yaml").read_bytes()
    session = api.Session()
    described = api.add_canary(folder, write=False, session=session, host=["myapp.example.com"], step_weight=20)
    assert (described.written, (folder / "values.yaml").read_bytes()) == (False, values)
    assert "+    stepWeight: 20\n" in described.diff
    written = api.add_canary(str(folder), session=session, host=["myapp.example.com"], step_weight=20)
    assert (written.written, written.diff) == (True, described.diff)
    assert [(change.action, change.path) for change in written.changes][:2] == [
        ("create", "templates/_canary.tpl"),
        ("create", "templates/canary.yaml"),
    ]
    assert [(target.kind, target.name) for target in written.targets] == [("Deployment", "release-name-myapp")]
    # Left out, a keyword leaves the existing canary's setting alone; given, it changes it.
    assert not api.add_canary(folder, session=session).changes
    assert [change.path for change in api.add_canary(folder, session=session, max_weight=80).changes] == ["values.yaml"]

    assert {finding.severity.value for finding in api.lint(folder, session=session).findings} == {"info"}
    (canary,) = api.emit(folder, session=session, namespace="jx-production").objects
    assert canary["spec"]["analysis"]["maxWeight"] == 80
    plan = api.plan(folder, session=session, rps=10, detect=["2%:99%"], max_exposure=1e6)
    assert [excess.budget for excess in plan.exceeded] == ["detect"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("command", ["add-canary", "emit", "plan"])
def test_the_command_calls_the_function(
    command: str, chart: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = chart("jenkins-x")
    assert chartgen("add-canary", str(folder)).returncode == 0
    name = command.replace("-", "_")
    function, calls = getattr(api, name), []

    def recorded(*arguments: Any, **keywords: Any) -> Any:
        calls.append(keywords)
        return function(*arguments, **keywords)

    monkeypatch.setattr(api, name, recorded)
    done = chartgen(command, str(folder), "--set", "replicaCount=2", "--helm", "embedded")
    assert done.returncode == 0, done.stderr
    assert [call["set"] for call in calls] == [["replicaCount=2"]]


def test_lint_and_its_function_have_the_same_request(
    chart: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command makes the request first, for its options that aren't the function's."""
    folder, requests = chart("jenkins-x"), []

    def recorded(paths: list[Path], request: LintRequest, session: api.Session) -> LintResult:
        requests.append((paths, request))
        return lint_requested(paths, request, session)

    for module in (linting, run_lint):
        monkeypatch.setattr(module, "lint_requested", recorded)
    done = chartgen("lint", str(folder), "--set", "replicaCount=2", "--allow-empty", "--helm", "embedded")
    assert done.returncode == 0, done.stderr
    api.lint(folder, set=["replicaCount=2"], allow_empty=True)
    by_command, by_function = requests
    assert by_command == by_function


def test_the_result_is_what_the_command_prints(chart: Callable[[str], Path]) -> None:
    folder = chart("jenkins-x")
    assert chartgen("add-canary", str(folder)).returncode == 0
    assert chartgen("emit", str(folder)).stdout == api.emit(folder).yaml
    assert chartgen("emit", str(folder), "--format", "json").stdout == api.emit(folder).json
    printed = json.loads(chartgen("lint", str(folder), "--format", "json").stdout)
    found = api.lint([folder])
    assert [item["fingerprint"] for item in printed["findings"]] == [item.fingerprint for item in found.findings]


@pytest.mark.parametrize(
    ("call", "what", "where", "help_"),
    [
        (lambda chart: api.emit(chart / "no"), "folder or archive not found", "{chart}/no", "Chart.yaml"),
        (lambda chart: api.lint(chart / "no"), "file or folder not found", "{chart}/no", "pass chart folders"),
        (api.emit, "the chart has no Canary", "{chart}", "chartgen add-canary"),
        (lambda chart: api.add_canary(chart, strategy="slow"), "'slow' is not valid", "--strategy", "canary, ab"),  # type: ignore[arg-type]
        (lambda chart: api.add_canary(chart, host="x"), "not a list", "--host", "write ['x']"),
        (lambda chart: api.plan(chart, detect=["2%:95%"]), "--detect requires --rps", "--detect", "--rps N"),
        (lambda chart: api.lint(chart, select=["no-such-rule"]), "unknown rule", "{chart}", "did you mean"),
        (lambda chart: api.emit(chart, release_name="My_Rel"), "not a valid Helm release", "--release-name", "lower"),
        (lambda _: api.Session(render_timeout=-1), "can't be negative", "", "0 is no limit"),
    ],
)
def test_a_failure_says_what_and_where_and_how_to_continue(
    call: Callable[[Path], object], what: str, where: str, help_: str, chart: Callable[[str], Path]
) -> None:
    folder = chart("jenkins-x")
    with pytest.raises(api.ChartgenError) as raised:
        call(folder)
    assert what in raised.value.what
    assert raised.value.where.startswith(where.format(chart=folder))
    assert help_ in raised.value.help


def test_the_location_of_a_template_error(chart: Callable[[str], Path]) -> None:
    folder = chart("jenkins-x")
    (folder / "templates" / "broken.yaml").write_text('\n{{ fail "broken" }}\n')
    with pytest.raises(api.ChartgenError) as raised:
        api.emit(folder)
    assert "broken" in raised.value.what
    assert raised.value.where == f"{folder}/templates/broken.yaml:2"


def test_a_wrong_keyword_is_an_error_of_the_caller() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'stepweight'"):
        api.add_canary("charts/myapp", stepweight=1)  # type: ignore[call-arg]


def test_an_unexpected_exception_is_a_chartgen_error_too(
    chart: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("chartgen.api.emitting.load_chart", broken)
    with pytest.raises(api.ChartgenError, match="internal error: ZeroDivisionError"):
        api.emit(chart("jenkins-x"))


def test_remarks_are_heard_or_logged(chart: Callable[[str], Path], caplog: pytest.LogCaptureFixture) -> None:
    folder = chart("jenkins-x")
    assert chartgen("add-canary", str(folder)).returncode == 0
    heard: list[str] = []
    api.plan(folder, session=api.Session(on_note=heard.append), flagger_version="1.99.0")
    assert len(heard) == 1
    with caplog.at_level(logging.WARNING, "chartgen"):
        api.plan(folder, flagger_version="1.99.0")
    assert caplog.messages == heard


def test_the_example_of_the_documentation_runs(chart: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = chart("jenkins-x")
    (folder.parent / "charts").mkdir()
    folder.rename(folder.parent / "charts" / "myapp")
    monkeypatch.chdir(folder.parent)
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENTED.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        exec(compile(block, str(DOCUMENTED), "exec"), {})
