"""`chartgen drift` after a real rollback: both versions, and the edit that touches only the lines with the version."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.e2e import gitops
from tests.e2e.drifting import LAYOUTS, NAME, REPOSITORY, Drifted, rolled_back_everywhere

TAG, CHART = ("v2", "v1"), ("0.2.0", "0.1.0")
# The versions that each layout names.
EXPECTED = {"values": [TAG], "plain": [TAG], "flux": [CHART, TAG], "argo": [CHART, TAG], "jenkins-x": [CHART]}


def _drifted(story: Any) -> Drifted:
    assert isinstance(story, Drifted)
    return story


@pytest.mark.story.with_args(rolled_back_everywhere)
def test_nothing_is_said_while_the_rollout_is_under_way(story: Any) -> None:
    done = _drifted(story).under_way
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.story.with_args(rolled_back_everywhere)
def test_after_the_rollback_both_versions_and_the_reason_are_named(story: Any) -> None:
    drifted = _drifted(story)
    assert drifted.watched.code == 1
    (canary,) = drifted.in_cluster["canaries"]
    assert (canary["canary"], canary["phase"], canary["release"]) == (f"jx-production/{NAME}", "Failed", NAME)
    assert canary["changes"] == [
        {"kind": "image", "name": REPOSITORY, "desired": f"{REPOSITORY}:v2", "running": f"{REPOSITORY}:v1"},
        {"kind": "chart", "name": "web", "desired": "0.2.0", "running": "0.1.0"},
    ]
    assert "success rate 42.50% < 99%" in canary["reason"]


@pytest.mark.story.with_args(rolled_back_everywhere)
def test_the_objects_of_flux_and_argo_cd_that_want_the_version_are_named(story: Any) -> None:
    done = _drifted(story).gitops.text
    assert (done.returncode, done.stderr) == (1, "")
    assert [line for line in done.stdout.splitlines() if re.match("  (HelmRelease|Application) ", line)] == [
        f"  HelmRelease jx-production/{NAME}: spec.chart.spec.version: 0.2.0",
        f"  HelmRelease jx-production/{NAME}: spec.values.image.tag: v2",
        f"  Application argocd/{NAME}: spec.source.helm.parameters.0.value: v2",
        f"  Application argocd/{NAME}: spec.source.helm.values.image.tag: v2",
        f"  Application argocd/{NAME}: spec.source.targetRevision: 0.2.0",
    ]


@pytest.mark.story.with_args(rolled_back_everywhere)
@pytest.mark.parametrize("newest", range(1, len(gitops.VERSIONS)), ids=gitops.VERSIONS[1:])
def test_a_helm_release_is_found_in_a_former_version(newest: int, story: Any) -> None:
    (canary,) = _drifted(story).gitops.served[gitops.VERSIONS[newest:]]["canaries"]
    chart, tag = {"desired": "0.2.0", "running": "0.1.0"}, {"desired": "v2", "running": "v1"}
    release, application = f"HelmRelease jx-production/{NAME}", f"Application argocd/{NAME}"
    assert canary["objects"] == [
        *({"object": release, **version} for version in (chart, tag)),
        *({"object": application, **version} for version in (tag, tag, chart)),
    ]


@pytest.mark.story.with_args(rolled_back_everywhere)
def test_without_the_right_to_list_them_a_note_names_it_and_the_rest_is_said(story: Any) -> None:
    done = _drifted(story).gitops.unread
    assert done.returncode == 1
    assert "image nginx: v2 desired, v1 running" in done.stdout
    assert "HelmRelease " not in done.stdout
    notes = done.stderr.splitlines()
    assert len(notes) == 2, done.stderr
    for note, kind, plural in zip(notes, ("HelmRelease", "Application"), ("helmreleases", "applications"), strict=True):
        assert f"Canary jx-production/{NAME}: {kind}s can't be read: {plural}." in note
        assert note.endswith(f"grant it: chartgen preflight --rbac --subject {gitops.READER} | kubectl apply -f -")


@pytest.mark.story.with_args(rolled_back_everywhere)
def test_objects_that_are_set_back_are_named_no_more(story: Any) -> None:
    (canary,) = _drifted(story).gitops.set_back["canaries"]
    # Until that is deployed, the target still wants the version.
    assert (canary["drift"], canary["objects"]) == (True, [])


@pytest.mark.story.with_args(rolled_back_everywhere)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_only_the_version_lines_change(layout: str, story: Any) -> None:
    reverted = _drifted(story).reverted[layout]
    assert reverted.code == 0
    removed, added = (re.findall(rf"^\{sign}(?![+-]{{2}} ).*$", reverted.diff, re.MULTILINE) for sign in "-+")
    assert len(removed) == len(added) == len(EXPECTED[layout]), reverted.diff
    for before, after, (old, new) in zip(removed, added, EXPECTED[layout], strict=True):
        assert before[1:].replace(old, new, 1) == after[1:]
    assert reverted.branch_diff == reverted.diff
    assert reverted.remotes_asked == ""


@pytest.mark.story.with_args(rolled_back_everywhere)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_second_run_changes_nothing(layout: str, story: Any) -> None:
    reverted = _drifted(story).reverted[layout]
    assert reverted.again.returncode == 0
    assert "Git says what runs; deploy it" in reverted.again.stdout
    assert reverted.again_diff == reverted.diff


@pytest.mark.story.with_args(rolled_back_everywhere)
def test_the_commit_says_why(story: Any) -> None:
    message = _drifted(story).reverted["values"].branch_message
    assert message.startswith(f"Revert {NAME} to v1: its canary was rolled back\n\n")
    assert "success rate 42.50% < 99%" in message


@pytest.mark.story.with_args(rolled_back_everywhere)
def test_once_the_old_version_is_deployed_again_there_is_no_drift(story: Any) -> None:
    after, watched = _drifted(story).after, _drifted(story).watched_after
    assert after is not None
    assert (after.returncode, after.stdout) == (0, "")
    # Flagger still says Failed, but the primary runs what is wanted.
    assert watched is not None
    assert (watched.code, watched.result["result"]) == (0, "nothing-to-roll-out"), watched.stdout
