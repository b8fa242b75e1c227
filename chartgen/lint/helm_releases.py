"""HelmReleases and Applications: each is linted as a release of its chart, or reported as not checked."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.charts.discover import Discovery, discover, folders_in, is_chart
from chartgen.charts.load import load_chart
from chartgen.config.gitops import GitOpsRelease, gitops_releases
from chartgen.config.release_spec import Values
from chartgen.errors import ChartError, InputError
from chartgen.inputs.boundary import Boundary, boundary_around, is_below
from chartgen.inputs.files import read_beside, text_of
from chartgen.inputs.yaml import yaml_document
from chartgen.lint.finding import Finding
from chartgen.lint.manifest_files import MANIFESTS, read_manifests
from chartgen.rules.chart.release_not_checked import ReleaseNotChecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartgen.lint.request import LintRequest

# The most folders to look for charts in, around a release whose chart isn't among the paths.
_FOLDERS = 2000


@dataclass(frozen=True, slots=True)
class FoundRelease:
    """A release, its file, and its chart if it is known. `named`: the user named the file itself."""

    file: Path
    release: GitOpsRelease
    chart: Path | None
    named: bool

    @property
    def must_be_reported(self) -> bool:
        """Whether its chart isn't known, and a run that says nothing would read as success."""
        return self.chart is None and (self.named or self.release.holds_canary)

    @property
    def notes(self) -> Iterator[str]:
        """What the check leaves out."""
        if self.release.unread:
            yield (
                f"{self.file}:{self.release.line}: {self.title} also takes values that only the cluster has, which "
                f"weren't read: {', '.join(self.release.unread)}"
            )

    @property
    def title(self) -> str:
        return f"{self.release.kind} {self.release.name}".rstrip()


class ChartsByName:
    """The charts that a release can name: those of `--chart`, those of the run, those of the file's repository."""

    def __init__(self, given: Mapping[str, Path], charts: Iterable[Path]) -> None:
        self._given = given
        self._charts = tuple(charts)
        self._around: dict[str, Mapping[str, Path]] = {}

    def chart_of(self, release: GitOpsRelease, file: Path) -> Path | None:
        """The chart of a release; None if it isn't here."""
        ref = release.chart
        if ref is None:
            return None
        if ref.name in self._given or release.name in self._given:
            return self._given.get(ref.name) or self._given[release.name]
        root = _repository_of(file)
        if ref.folder is not None:
            return _folder_of(ref.folder, file, root)
        if root not in self._around:
            around = _charts_below(Path(os.path.relpath(root)))
            self._around[root] = _by_name(chain(self._charts, around))
        return self._around[root].get(ref.name)


def found_releases(path: Path, charts: ChartsByName) -> Iterator[FoundRelease]:
    """The releases in a file, or in the files of a folder that aren't part of a chart."""
    named = not os.path.isdir(path)
    for file in [path] if named else sorted(_manifests_below(path)):
        for release in _releases_in(file):
            yield FoundRelease(file, release, charts.chart_of(release, file), named)


def found_charts(paths: Iterable[Path], request: LintRequest) -> Discovery:
    """The charts among the paths; a folder may have just releases."""
    return discover(paths, allow_empty=lambda path: request.allow_empty or holds_releases(path))


def holds_releases(folder: Path) -> bool:
    """Whether a file of the folder, outside of charts, has a release."""
    return any(any(True for _ in _releases_in(file)) for file in _manifests_below(folder))


def with_values_files(found: FoundRelease) -> GitOpsRelease:
    """The release with the values files of its chart's repository read; ChartError if one can't be."""
    assert found.chart is not None
    values = Values()
    for name in found.release.values_files:
        folder, inside = found.chart, name
        if found.release.kind == "HelmRelease" and found.release.chart and found.release.chart.folder:
            # Flux: relative to the source; chartgen knows how deep in it the chart is.
            up = len([part for part in Path(found.release.chart.folder).parts if part not in {".", "/"}])
            folder = Path(os.path.normpath(found.chart / Path(*[".."] * up)))
        try:
            boundary = Boundary(boundary_around(found.chart).root)
            text = text_of(read_beside(folder, inside, boundary=boundary), name)
        except (InputError, OSError) as error:
            raise ChartError(
                f"{found.file}:{found.release.line}: {found.title}: values file {name} can't be read",
                hint="check spec.chart.spec.valuesFiles, or helm.valueFiles of an Application",
            ) from error
        values = values.with_file((folder / inside).as_posix(), text)
    spec = replace(found.release.spec, values=values.followed_by(found.release.spec.values))
    return replace(found.release, spec=spec)


def not_checked(found: FoundRelease) -> Finding:
    """The finding for a release whose chart isn't known."""
    ref = found.release.chart
    why = f"the chart {ref.folder or ref.name} isn't among the paths" if ref else "its chart isn't known before it runs"
    how = (
        f"add --chart {ref.name}=PATH" if ref else "write its values into a file and run chartgen lint CHART -f VALUES"
    )
    message = f"{found.title} and its values aren't checked, because {why}: {how}"
    file, line, rule = found.file.as_posix(), found.release.line, ReleaseNotChecked
    return Finding(rule.id, rule.severity, message, file, line, 1, line, 1, found.file.name, tags=rule.tags)


def _releases_in(file: Path) -> Iterator[GitOpsRelease]:
    try:
        text = read_manifests(file) if file.suffix in MANIFESTS else ""
    except ChartError:
        return
    yield from gitops_releases(text, file.as_posix())


def _manifests_below(folder: Path) -> Iterator[Path]:
    """The YAML files of a folder that aren't part of a chart."""
    for here in _folders_below(folder):
        with os.scandir(here) as found:
            yield from (
                Path(entry.path)
                for entry in found
                if entry.name.endswith(MANIFESTS) and entry.is_file(follow_symlinks=False)
            )


def _folders_below(folder: Path) -> Iterator[Path]:
    """A folder and those below it, outside of charts."""
    todo = deque([folder])
    while todo:
        here = todo.popleft()
        if not is_chart(here):
            yield here
            todo += folders_in(here)


def _charts_below(root: Path) -> Iterator[Path]:
    """The charts below a folder, the nearest first, as far as the limit goes."""
    todo, left = deque([root]), _FOLDERS
    while todo and left:
        here, left = todo.popleft(), left - 1
        if is_chart(here):
            yield here
            continue
        try:
            todo += sorted(folders_in(here))
        except OSError:
            continue


def _by_name(charts: Iterable[Path]) -> dict[str, Path]:
    """The charts by their names; the first of two."""
    found: dict[str, Path] = {}
    for path in charts:
        name = _name_of(path)
        if name:
            found.setdefault(name, path)
    return found


def _name_of(chart: Path) -> str | None:
    """The name in Chart.yaml; None if it can't be read, which is an error of that chart."""
    try:
        if not os.path.isdir(chart):
            return load_chart(chart).name
        meta = yaml_document(text_of(read_beside(chart, "Chart.yaml"), "Chart.yaml"))
    except (ChartError, InputError):
        return None
    name = meta.get("name") if isinstance(meta, dict) else None
    return name if isinstance(name, str) else None


def _folder_of(name: str, file: Path, root: str) -> Path | None:
    """The chart in a folder of a repository: below its root, or below a folder in it that is around the file."""
    here = Path(os.path.realpath(file.parent))
    for around in (root, *(str(each) for each in (here, *here.parents) if is_below(str(each), root))):
        chosen = os.path.normpath(os.path.join(around, name.lstrip("/")))
        if is_below(chosen, around) and is_chart(Path(chosen)):
            return Path(os.path.relpath(chosen))
    return None


def _repository_of(file: Path) -> str:
    """The folder with `.git` around a file; without any, the working directory if the file is below it."""
    root, here = boundary_around(file.parent).root, os.getcwd()
    with_git = os.path.lexists(os.path.join(root, ".git"))
    return here if not with_git and is_below(root, here) else root
