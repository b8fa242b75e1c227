"""Lints charts as the settings say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.api.names import namespace_name
from chartgen.api.settings import LintSettings, checked
from chartgen.api.unfinished import warn_unfinished
from chartgen.errors import UsageError
from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartgen.api.session import Session
    from chartgen.lint.finding import LintResult


def lint_charts(given: Iterable[str | Path], settings: LintSettings, session: Session) -> LintResult:
    """See chartgen.api.lint."""
    return lint_requested([Path(path) for path in given], lint_request(settings, session), session)


def lint_requested(paths: list[Path], request: LintRequest, session: Session) -> LintResult:
    """See chartgen.api.lint; `request` is that of its settings."""
    warn_unfinished(paths, session.note)
    return lint_paths(session.deferred_engine, paths, request, session.snapshot, session.watcher, session.kept)


def lint_request(settings: LintSettings, session: Session) -> LintRequest:
    """The request of these settings; UsageError names an invalid one. Remarks on them are noted here."""
    given = checked(settings, LintSettings)
    for namespace in given.get("namespace", ()):
        namespace_name(namespace)
    config = given.get("config")
    return LintRequest(
        session.render_request(settings),
        tuple(given.get("namespace", ())),
        tuple(given.get("select", ())),
        tuple(given.get("ignore", ())),
        _flagger_release(given.get("flagger_version"), session),
        Path(config) if config else None,
        given.get("no_config", False),
        given.get("allow_empty", False),
        given.get("thorough", False),
        given.get("fail_on"),
        given.get("min_severity"),
        tuple(_charts(given.get("chart", ()))),
    )


def _charts(given: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for pair in given:
        name, separator, path = pair.partition("=")
        if not separator or not name or not path:
            raise UsageError(f"--chart {pair!r} isn't a name and a path", hint="write --chart NAME=PATH")
        if not os.path.lexists(path):
            raise UsageError(f"--chart {name}: {path}: chart not found", hint="pass a chart folder or a .tgz")
        yield name, Path(path)


def _flagger_release(version: str | None, session: Session) -> str | None:
    if not version:
        return None
    from chartgen.flagger.crd import nearest, newer_note

    release = nearest(version)
    newer = newer_note(version)
    if newer:
        session.note(newer)
    return release
