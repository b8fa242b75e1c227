"""`drift --git --revert` in difficult repositories: the right edit, or one clear line with every file as it was."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chartgen.cli import run_drift
from chartgen.cli.run_drift import DriftRequest
from chartgen.cluster.drift.repository import Repository
from chartgen.cluster.drift.revert import commit_message, git_state
from chartgen.errors import ChartgenError, ConflictError, WriteError
from tests.cluster.test_drift import DRIFT, IMAGE, commit_all, git, made

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chartgen.cluster.drift.drift import Drift
    from chartgen.reporters.drift_formats import Reported

# Only the image was rolled back.
WEB = replace(DRIFT, changes=(IMAGE,))
VALUES = "web:\n  image:\n    tag: v2\n"
SET_BACK = VALUES.replace("v2", "v1")
MODES = ("", "revert")


def revert(folder: Path, branch: str, *drifts: Drift) -> list[Reported]:
    request = DriftRequest("prod", "", "", folder, revert=True, branch=branch)
    return run_drift.reported_with_git(list(drifts or (WEB,)), request, Repository.at(folder))


def now(folder: Path, path: str, branch: str) -> str:
    """A file after `revert`, with its line ends."""
    data = Repository.at(folder).git("show", f"{branch}:{path}") if branch else (folder / path).read_bytes()
    return data.decode()


def refused(
    folder: Path, branch: str, message: str, *drifts: Drift, error: type[ChartgenError] = ConflictError
) -> None:
    """`revert` fails with this message, and changes neither files nor branches."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts}
    branches = git(folder, "for-each-ref")
    with pytest.raises(error, match=message):
        revert(folder, branch, *drifts)
    assert {path: path.read_bytes() for path in before} == before
    assert git(folder, "for-each-ref") == branches


@pytest.mark.parametrize("branch", MODES)
@pytest.mark.parametrize("target", ["b.yaml", "web.conf"])
def test_a_link_stays_and_its_file_changes(target: str, branch: str, tmp_path: Path) -> None:
    made(tmp_path, {target: VALUES})
    (tmp_path / "a.yaml").symlink_to(target)
    commit_all(tmp_path, "Link")
    (reported,) = revert(tmp_path, branch)
    assert reported.git is not None
    assert [site.path for site in reported.git.desired] == [target]
    assert now(tmp_path, target, branch) == SET_BACK
    assert (tmp_path / "a.yaml").readlink().name == target
    if branch:
        assert git(tmp_path, "diff", "--name-only", "main", branch).split() == [target]


@pytest.mark.parametrize("branch", MODES)
@pytest.mark.parametrize("target", ["a.yaml", ".", ".git/x.yaml", "secret/x.yaml", "../out.yaml"])
def test_a_link_to_what_git_does_not_track_is_not_followed(target: str, branch: str, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    made(folder, {".gitignore": "secret\n", "c.yaml": "a: 1\n"})
    (folder / "a.yaml").symlink_to(target)
    commit_all(folder, "Link")
    (folder / "secret").mkdir()
    others = [folder / ".git/x.yaml", folder / "secret/x.yaml", tmp_path / "out.yaml"]
    for path in others:
        path.write_text(VALUES)
    (reported,) = revert(folder, branch)
    assert not reported.reverted
    assert all(path.read_text() == VALUES for path in others)


def test_a_folder_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    made(tmp_path, {"base/b.yaml": VALUES})
    (tmp_path / "base").rename(tmp_path / "other")
    (tmp_path / "base").symlink_to("other")
    assert not revert(tmp_path, "")[0].reverted
    assert (tmp_path / "other/b.yaml").read_text() == VALUES


def test_a_dirty_tree_keeps_its_changes(tmp_path: Path) -> None:
    made(tmp_path, {"b.yaml": VALUES, "c.yaml": "a: 1\n"})
    (tmp_path / "b.yaml").write_text(f"{VALUES}# mine\n")
    (tmp_path / "c.yaml").write_text("a: 2\n")
    revert(tmp_path, "revert")
    assert now(tmp_path, "b.yaml", "revert") == SET_BACK
    assert (tmp_path / "b.yaml").read_text() == f"{VALUES}# mine\n"
    revert(tmp_path, "")
    assert (tmp_path / "b.yaml").read_text() == f"{SET_BACK}# mine\n"
    assert (tmp_path / "c.yaml").read_text() == "a: 2\n"


def test_a_branch_is_made_from_what_is_committed(tmp_path: Path) -> None:
    made(tmp_path, {"b.yaml": VALUES})
    git(tmp_path, "checkout", "--quiet", "--detach")
    (tmp_path / "b.yaml").unlink()
    revert(tmp_path, "revert")
    assert now(tmp_path, "b.yaml", "revert") == SET_BACK
    assert git(tmp_path, "rev-parse", "revert^") == git(tmp_path, "rev-parse", "HEAD")


def test_a_branch_that_exists_is_kept(tmp_path: Path) -> None:
    made(tmp_path, {"b.yaml": VALUES})
    for branch in ("main", "taken"):
        git(tmp_path, "branch", "--force", "taken")
        refused(tmp_path, branch, f"branch {branch} exists", error=WriteError)


@pytest.mark.parametrize("branch", MODES)
@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: f"\ufeff{text}"])
def test_line_ends_and_marks_stay(change: Callable[[str], str], branch: str, tmp_path: Path) -> None:
    made(tmp_path, {"b.yaml": change(VALUES)})
    revert(tmp_path, branch)
    assert now(tmp_path, "b.yaml", branch) == change(SET_BACK)


@pytest.mark.parametrize("branch", MODES)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("t: &t v2\nweb:\n  image:\n    tag: *t\n", "shared through a YAML anchor"),
        ("d: &d\n  tag: v2\nweb:\n  image:\n    <<: *d\n", "shared through a YAML anchor"),
        ("web:\n  image:\n    tag: v1\n    tag: v2\n", "the key tag is there more than once"),
        (f"{VALUES}{SET_BACK}", "the key web is there more than once"),
        (f"{{{{ if .Values.x }}}}\n{VALUES}{{{{ end }}}}\n", r"b\.yaml:4: tag: v2: is in a Go template"),
        ("web:\n  image:\n    tag: {{ .Tag | default `v2` }}\n", r"b\.yaml:3: tag: .* is in a Go template"),
        (f"<<<<<<< ours\n{VALUES}=======\n", r"b\.yaml:4: tag: v2: is in a Go template or broken YAML"),
    ],
)
def test_what_cannot_be_edited_alone_is_refused(text: str, message: str, branch: str, tmp_path: Path) -> None:
    made(tmp_path, {"b.yaml": text})
    refused(tmp_path, branch, message)


def test_a_helmfile_that_is_a_template_is_named(tmp_path: Path) -> None:
    text = "releases:\n{{ range .Values.releases }}\n- name: web\n  chart: dev/web\n  version: 1.3.0\n{{ end }}\n"
    made(tmp_path, {"helmfile.yaml.gotmpl": text})
    refused(tmp_path, "", r"helmfile\.yaml\.gotmpl:5: version: 1\.3\.0", DRIFT)


def test_beside_a_file_that_is_set_back_a_template_is_only_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = "# web\n{{ if .x }}\nversion: 1.3.0\n{{ end }}\n---\nversion: 1.3.0\n"
    made(tmp_path, {"b.yaml": VALUES, "helmfile.yaml": text})
    assert revert(tmp_path, "", DRIFT)[0].reverted
    assert "WARNING: helmfile.yaml:3: version: 1.3.0: is in a Go template" in capfd.readouterr().err
    assert (tmp_path / "helmfile.yaml").read_text() == text


def test_aliases_that_multiply_are_read_at_once(tmp_path: Path) -> None:
    doubled = "".join(f"a{index}: &a{index} [*a{index - 1}, *a{index - 1}]\n" for index in range(1, 40))
    made(tmp_path, {"b.yaml": VALUES, "c.yaml": f"a0: &a0 {{tag: v2}}\n{doubled}", "d.yaml": "a: &a [*a, *a]\n"})
    assert revert(tmp_path, "")[0].reverted
    assert (tmp_path / "b.yaml").read_text() == SET_BACK


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    made(tmp_path, {"a.yaml": VALUES, "b.yaml": VALUES})
    (tmp_path / "b.yaml").chmod(0o444)
    refused(tmp_path, "", r"b\.yaml: is read-only", error=WriteError)


def test_a_submodule_is_another_repository(tmp_path: Path) -> None:
    made(tmp_path / "sub", {"b.yaml": VALUES})
    clone = tmp_path / "clone"
    made(clone, {"c.yaml": "a: 1\n"})
    git(clone, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(tmp_path / "sub"), "sub.yaml")
    commit_all(clone, "Add it")
    for branch in MODES:
        assert not revert(clone, branch)[0].reverted
    assert (clone / "sub.yaml/b.yaml").read_text() == VALUES
    revert(clone / "sub.yaml", "")
    assert (clone / "sub.yaml/b.yaml").read_text() == SET_BACK


@pytest.mark.parametrize("branch", MODES)
@pytest.mark.parametrize("name", ["[b]*.yaml", ":(top)b.yaml", "b\n::error::.yaml", os.fsdecode(b"b\xff.yaml")])
def test_a_name_is_no_pattern_and_any_bytes(name: str, branch: str, tmp_path: Path) -> None:
    made(tmp_path, {name: VALUES, "b.yaml": "a: 1\n"})
    (reported,) = revert(tmp_path, branch)
    assert reported.reverted
    assert now(tmp_path, name, branch) == SET_BACK
    assert now(tmp_path, "b.yaml", branch) == "a: 1\n"


@pytest.mark.parametrize("branch", MODES)
def test_all_apps_are_set_back_at_once(branch: str, tmp_path: Path) -> None:
    made(tmp_path, {"web.yaml": VALUES, "api.yaml": "api:\n  image:\n    tag: v4\n"})
    image = replace(IMAGE, name="shop/api", desired="shop/api:v4", running="shop/api:v3")
    api = replace(WEB, canary="api", apps=frozenset({"api"}), changes=(image,))
    assert [each.reverted for each in revert(tmp_path, branch, WEB, api)] == [True, True]
    assert now(tmp_path, "web.yaml", branch) == SET_BACK
    assert "v3" in now(tmp_path, "api.yaml", branch)
    if branch:
        message = git(tmp_path, "log", "-1", "--format=%B", branch)
        assert message.startswith("Revert web, api: their canaries were rolled back\n\n")
        assert git(tmp_path, "rev-list", "--count", f"main..{branch}").strip() == "1"


def test_if_one_app_cannot_be_set_back_none_is(tmp_path: Path) -> None:
    made(tmp_path, {"web.yaml": VALUES, "api.yaml": "api:\n  t: &t v4\n  image:\n    tag: *t\n"})
    image = replace(IMAGE, name="shop/api", desired="shop/api:v4", running="shop/api:v3")
    api = replace(WEB, canary="api", apps=frozenset({"api"}), changes=(image,))
    for branch in MODES:
        refused(tmp_path, branch, "shared through a YAML anchor", WEB, api)


def test_a_hook_of_another_repository_does_not_redirect_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "other", {"x.yaml": "a: 1\n"})
    made(tmp_path / "clone", {"b.yaml": VALUES})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other/.git/index"))
    assert revert(tmp_path / "clone", "revert")[0].reverted
    monkeypatch.undo()
    assert git(tmp_path / "other", "branch", "--list", "revert") == ""
    assert now(tmp_path / "clone", "b.yaml", "revert") == SET_BACK


def test_text_of_a_cluster_adds_no_line_to_a_commit_message(tmp_path: Path) -> None:
    clone = made(tmp_path, {"b.yaml": VALUES})
    hostile = replace(WEB, reason="Halt \x1b[2J\n\nCo-authored-by: x\ud800")
    message = commit_message(hostile, git_state(hostile, clone.files(), clone).desired)
    assert "Flagger's reason: Halt \\x1b[2J\\n\\nCo-authored-by: x" in message
    assert not any(line.startswith("Co-authored-by") for line in message.splitlines())
    message.encode()
