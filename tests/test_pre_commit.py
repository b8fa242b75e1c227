"""The hooks as users get them: real pre-commit builds them from this repository and runs them on two charts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
HELM = Path(os.environ.get("CHARTGEN_TEST_HELM_DIR") or Path.home() / ".cache" / "chartgen" / "helm")
HOOKS = ["chartgen-lint", "chartgen-lint-system-helm"]


def run(
    *command: str, folder: Path, path: str | None = None, home: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """A command with the identity and the PATH that the test gives it, whatever the machine has."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "CHARTGEN_"))}
    environment |= {"GIT_AUTHOR_NAME": "test", "GIT_AUTHOR_EMAIL": "test@example.com"}
    environment |= {"GIT_COMMITTER_NAME": "test", "GIT_COMMITTER_EMAIL": "test@example.com"}
    environment |= {"PATH": f"{path}:{os.environ['PATH']}"} if path else {}
    environment |= {"PRE_COMMIT_HOME": str(home)} if home else {}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with a good and a bad chart, and a templates folder outside any chart."""
    folder = tmp_path / "repository"
    for name in ("good", "bad"):
        chart = folder / "charts" / name
        shutil.copytree(ROOT / "fixtures" / "charts" / "jenkins-x", chart)
        added = run(sys.executable, "-m", "chartgen", "add-canary", str(chart), folder=folder)
        assert added.returncode == 0, added.stderr
    values = folder / "charts" / "bad" / "values.yaml"
    values.write_text(values.read_text().replace("stepWeight: 10", "stepWeight: 70"))
    (folder / "web" / "templates").mkdir(parents=True)
    (folder / "web" / "templates" / "index.html").write_text("<html></html>\n")
    assert run("git", "init", "-q", folder=folder).returncode == 0
    assert run("git", "add", ".", folder=folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration with every hook, from a repository of this checkout as it is; each environment is built once."""
    home = tmp_path_factory.mktemp("hooks")
    source = home / "chartgen"
    left_out = (".git", ".venv", "build", "dist", "__pycache__", ".*_cache", ".hypothesis", "recordings*", "admission")
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*left_out))
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "as it is"]):
        assert run("git", *command, folder=source).returncode == 0
    revision = run("git", "rev-parse", "HEAD", folder=source).stdout.strip()
    listed = [{"id": hook} for hook in (*HOOKS, "chartgen-lint-fix")]
    config = home / "hooks.yaml"
    config.write_text(json.dumps({"repos": [{"repo": str(source), "rev": revision, "hooks": listed}]}))
    return config


def run_hook(hooks: Path, hook: str, *options: str, folder: Path, path: str | None = None) -> tuple[int, str]:
    """The exit code and the output of one hook, with environments kept beside the configuration."""
    command = [sys.executable, "-m", "pre_commit", "run", "--config", str(hooks), hook, *options]
    done = run(*command, folder=folder, path=path, home=hooks.parent / "cache")
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def helm_on_path(tmp_path: Path) -> str:
    binary = HELM / "helm-3.17"
    if not binary.exists():
        message = f"{binary} is absent: run `python .ci/fetch_helm.py`"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "helm").symlink_to(binary)
    return str(tmp_path / "bin")


@pytest.mark.parametrize("hook", HOOKS)
def test_the_hook_fails_the_bad_chart_and_passes_the_good_chart(
    hook: str, hooks: Path, repository: Path, helm_on_path: str
) -> None:
    code, printed = run_hook(hooks, hook, "--all-files", folder=repository, path=helm_on_path)
    assert code == 1, printed
    assert re.search(r"charts/bad/values\.yaml:\d+:\d+: error\[step-weight-above-max\]", printed)
    assert not re.search(r"charts/good\S*: (error|warning)\[", printed)
    for passing in ("charts/good/values.yaml", "web/templates/index.html"):
        code, printed = run_hook(hooks, hook, "--files", passing, folder=repository, path=helm_on_path)
        assert code == 0, printed


def test_the_fixing_hook_fixes_the_bad_chart_once_and_not_the_good_chart(hooks: Path, repository: Path) -> None:
    values = {name: repository / "charts" / name / "values.yaml" for name in ("good", "bad")}
    as_good = values["good"].read_bytes()
    values["bad"].write_bytes(as_good.replace(b"interval: 60s", b"interval: 5s  # soon", 1))
    assert values["bad"].read_bytes() != as_good
    assert run("git", "add", ".", folder=repository).returncode == 0

    code, printed = run_hook(hooks, "chartgen-lint-fix", "--all-files", folder=repository)
    assert code == 1, printed
    assert "fixed 1 finding in 1 file" in printed
    assert "files were modified by this hook" in printed
    assert values["bad"].read_bytes() == as_good.replace(b"interval: 60s", b"interval: 10s  # soon", 1)
    assert values["good"].read_bytes() == as_good

    assert run("git", "add", ".", folder=repository).returncode == 0
    code, printed = run_hook(hooks, "chartgen-lint-fix", "--all-files", folder=repository)
    assert code == 0, printed
