"""Runs `chartgen drift`: compares, and writes the edit that makes Git true again, as files or as a commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.cli import exit_codes
from chartgen.cli.output import note, write_result
from chartgen.cluster.access.source import UnreadableError
from chartgen.cluster.drift.drift import drifts
from chartgen.cluster.drift.repository import Repository
from chartgen.cluster.drift.revert import commit_message, git_state, joint_message, reverted
from chartgen.edits.plan import Plan
from chartgen.edits.transaction import apply
from chartgen.errors import ClusterError, UsageError
from chartgen.reporters.drift_formats import DRIFT_FORMATS, Reported

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.cluster.access.live import LiveSource
    from chartgen.cluster.drift.drift import Drift


@dataclass(frozen=True, slots=True)
class DriftRequest:
    """One `drift`."""

    namespace: str
    canary: str
    release: str
    git: Path | None
    revert: bool
    branch: str

    def check(self) -> None:
        """UsageError for options that need others."""
        if self.revert and self.git is None:
            raise UsageError("--revert requires --git", hint="add --git DIR, a clone that the cluster is deployed from")
        if self.branch and not self.revert:
            raise UsageError("--branch requires --revert", hint="add --revert")


def run(source: LiveSource, request: DriftRequest, format_name: str, output: Path | None) -> int:
    """Run one `drift`; returns the exit code."""
    repository = Repository.at(request.git) if request.git else None
    found = _found(source, request)
    for each in found:
        for remark in each.notes:
            note(f"Canary {each.namespace}/{each.canary}: {remark}")
    reported = reported_with_git(found, request, repository)
    write_result(DRIFT_FORMATS[format_name](reported), output)
    return exit_codes.FOUND if any(each.failed for each in reported) else exit_codes.OK


def _found(source: LiveSource, request: DriftRequest) -> list[Drift]:
    try:
        found = drifts(source, request.namespace, canary=request.canary, release=request.release)
    except UnreadableError as error:
        raise ClusterError(f"{source.name}: {error.reason}", hint=error.command or None) from error
    if not found:
        wanted = f"Canary {request.canary}" if request.canary else "Canary"
        wanted += f" of Helm release {request.release}" if request.release else ""
        raise ClusterError(
            f"namespace {request.namespace} has no {wanted}",
            hint=f"look for it: kubectl get canaries --namespace {request.namespace}",
        )
    return found


def reported_with_git(found: list[Drift], request: DriftRequest, repository: Repository | None) -> list[Reported]:
    """What Git says about each Canary. With --revert, all are set back at once, or none."""
    if repository is None or not any(each.changes for each in found):
        return [Reported(each) for each in found]
    before = repository.committed_files() if request.branch else repository.files()
    files, reported, messages = dict(before), [], {}
    for each in found:
        if not each.changes:
            reported.append(Reported(each))
            continue
        state = git_state(each, files, repository)
        reverts = request.revert and bool(state.desired)
        if request.revert:
            state.check(each)
        for line in state.templated:
            note(f"WARNING: {line}: is in a Go template or broken YAML: set it back by hand")
        if reverts:
            files |= reverted(files, state.desired)
            messages[each.canary] = commit_message(each, state.desired)
        reported.append(Reported(each, state, reverted=reverts))
    changed = {path: content for path, content in files.items() if before[path] != content}
    if changed and request.branch:
        message = joint_message(list(messages.values()), list(messages))
        commit = repository.commit(request.branch, changed, message)
        note(f"branch {request.branch}: {commit[:12]}; nothing was pushed: git push origin {request.branch}")
    elif changed:
        apply(Plan.of(repository.root, before, changed))
    return reported
