"""What makes Git true again: the sites to set, which are all of an app's that name the version that was rolled back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.cluster.drift.charts import chart_versions
from chartgen.cluster.drift.edit import with_versions
from chartgen.cluster.drift.sites import Finder, Site
from chartgen.cluster.drift.templated import templated_lines
from chartgen.cluster.drift.versions import Change
from chartgen.errors import ConflictError
from chartgen.escaping import shown_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chartgen.cluster.drift.drift import Drift
    from chartgen.cluster.drift.repository import Repository


@dataclass(frozen=True, slots=True)
class GitState:
    """What Git says: the sites that name the desired version, and those that name what runs.

    `templated`: the lines that name the desired version in Go templates and broken YAML, which chartgen doesn't edit.
    """

    desired: tuple[Site, ...]
    running: tuple[Site, ...]
    templated: tuple[str, ...] = ()

    def check(self, drift: Drift) -> None:
        """ConflictError if only templates or broken YAML name the desired version."""
        if self.templated and not self.desired and not self.running:
            raise ConflictError(
                [f"{line}: is in a Go template or broken YAML, which chartgen doesn't edit" for line in self.templated],
                hint=f"set back the version of {drift.canary} by hand",
                heading=f"lines set the version of {drift.canary}",
            )


def git_state(drift: Drift, files: Mapping[str, bytes], repository: Repository) -> GitState:
    """The sites of one app; ConflictError if several lines could be its own."""
    texts = {path: data.decode("utf-8") for path, data in files.items() if _is_text(data)}
    changes = (*drift.changes, *_chart_from_history(drift, texts, repository))
    desired = _sites(replace(drift, changes=changes), texts, running=False)
    running = _sites(replace(drift, changes=changes), texts, running=True)
    return GitState(desired, running, tuple(templated_lines(drift.changes, drift.apps, texts)))


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _sites(drift: Drift, texts: Mapping[str, str], *, running: bool) -> tuple[Site, ...]:
    sure, unsure = _found(drift, texts, running=running)
    if running:
        return tuple(sure or (unsure if len(unsure) == 1 else ()))
    known = (*sure, *_found(drift, texts, running=True)[0])
    if not unsure or any(site.kind == "image" for site in known):
        return tuple(sure)
    if len(unsure) > 1:
        raise ConflictError(
            [f"{site.text} could be {drift.canary}'s" for site in unsure],
            hint="name the app's folder with --git",
            heading=f"lines set {unsure[0].old}, and none names {drift.canary}",
        )
    return (*sure, *unsure)


def _found(drift: Drift, texts: Mapping[str, str], *, running: bool) -> tuple[list[Site], list[Site]]:
    """The sites that are surely the app's, and those that only have the same version."""
    finder = Finder(drift.changes, drift.apps, drift.namespace, running)
    found = [site for path, text in texts.items() for site in finder.sites(path, text)]
    return [site for site in found if site.sure], [site for site in found if not site.sure]


def _chart_from_history(drift: Drift, texts: Mapping[str, str], repository: Repository) -> list[Change]:
    """The chart's version that was deployed with the running image, by Git's history, if nothing else says it."""
    if any(change.kind == "chart" for change in drift.changes):
        return []
    sites = [site for site in _sites(drift, texts, running=False) if site.kind == "image"]
    for path in dict.fromkeys(site.path for site in sites):
        now = chart_versions(drift.apps, path, texts[path])
        if not now:
            continue
        for _, content in repository.history(path):
            if not _is_text(content):
                continue
            text = content.decode("utf-8")
            finder = Finder(drift.changes, drift.apps, drift.namespace, running=True)
            if any(site.sure and site.kind == "image" for site in finder.sites(path, text)):
                then = chart_versions(drift.apps, path, text)
                return [
                    Change("chart", name, version, then[name])
                    for name, version in now.items()
                    if name in then and then[name] != version
                ]
    return []


def reverted(files: Mapping[str, bytes], sites: tuple[Site, ...]) -> dict[str, bytes]:
    """The changed files."""
    by_path: dict[str, list[Site]] = {}
    for site in sites:
        by_path.setdefault(site.path, []).append(site)
    return {path: with_versions(files[path], own, path) for path, own in by_path.items()}


def commit_message(drift: Drift, sites: tuple[Site, ...]) -> str:
    """Why the version goes back: what was rolled back, and what runs."""
    images = [change for change in drift.changes if change.kind == "image"]
    shown = images or list(drift.changes)
    version = shown[0].running_tag or shown[0].running if shown else ""
    lines = [f"Revert {drift.canary} to {version}: its canary was rolled back", ""]
    lines += [
        f"Flagger rolled back the release of {drift.namespace}/{drift.canary}; its primary runs the version before:"
    ]
    lines += [f"- {change.text}" for change in drift.changes]
    if drift.reason:
        lines += ["", f"Flagger's reason: {drift.reason}"]
    lines += ["", *(f"{site.path}:{site.line}: {site.old} -> {site.new}" for site in sites)]
    # Names, paths and events could hold lines of their own, such as trailers.
    return "\n".join(map(shown_line, lines)) + "\n"


def joint_message(messages: Sequence[str], names: Sequence[str]) -> str:
    """One message for the apps that one commit sets back."""
    if len(messages) == 1:
        return messages[0]
    return shown_line(f"Revert {', '.join(names)}: their canaries were rolled back") + "\n\n" + "\n".join(messages)
