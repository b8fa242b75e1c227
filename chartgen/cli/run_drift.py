"""Runs `chartgen drift`: compares, and writes the edit that makes Git true again, as files or as a commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.cli import exit_codes
from chartgen.cli.output import note, write_result
from chartgen.cluster.access.source import UnreadableError
from chartgen.cluster.drift.drift import drifts
from chartgen.cluster.drift.repository import Repository
from chartgen.cluster.drift.revert import commit_message, git_state, reverted
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
    reported = [_reported(each, request, repository) for each in found]
    write_result(DRIFT_FORMATS[format_name](reported), output)
    return exit_codes.FOUND if any(each.failed for each in reported) else exit_codes.OK


def _found(source: LiveSource, request: DriftRequest) -> list[Drift]:
    try:
        found = drifts(source, request.namespace, canary=request.canary, release=request.release)
    except UnreadableError as error:
        raise ClusterError(f"{source.name}: {error.reason}", hint=error.command or None) from error
    if not found and (request.canary or request.release):
        wanted = f"Canary {request.canary}" if request.canary else f"Canary of Helm release {request.release}"
        raise ClusterError(
            f"namespace {request.namespace} has no {wanted}",
            hint=f"look for it: kubectl get canaries --namespace {request.namespace}",
        )
    return found


def _reported(drift: Drift, request: DriftRequest, repository: Repository | None) -> Reported:
    if repository is None or not drift.changes:
        return Reported(drift)
    files = dict(repository.files())
    if request.branch:
        committed = {path: repository.committed(path) for path in files}
        files = {path: content for path, content in committed.items() if content is not None}
    state = git_state(drift, files, repository)
    if not request.revert or not state.desired:
        return Reported(drift, state)
    changed = reverted(files, state.desired)
    if request.branch:
        commit = repository.commit(request.branch, changed, commit_message(drift, state.desired))
        note(f"branch {request.branch}: {commit[:12]}; nothing was pushed: git push origin {request.branch}")
    else:
        apply(Plan.of(repository.root, files, changed))
    return Reported(drift, state, reverted=True)
