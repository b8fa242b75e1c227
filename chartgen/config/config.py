"""The configuration for one chart, after its file is read (see `config.reading`)."""

from __future__ import annotations

import fnmatch
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.errors import ConfigError, UsageError
from chartgen.rules.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.config.release_spec import ReleaseSpec
    from chartgen.rules.rule import Severity


class Exemption(NamedTuple):
    """An `ignore:` entry with `path` or `object`: ids of rules, and globs for the path and for kind/name."""

    rules: frozenset[str]
    path: str | None = None
    object: str | None = None

    def covers(self, rule: str, path: str, about: str) -> bool:
        """Whether a finding of `rule` is exempt; `path` starts at the configuration's folder, `about` is kind/name."""
        by_path = self.path is None or fnmatch.fnmatch(path, self.path)
        by_object = self.object is None or fnmatch.fnmatch(about, self.object)
        return rule in self.rules and by_path and by_object


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration for one chart; `source` is its file, None without one.

    `document` is the file's content for the chart `subject`, with matching `overrides` applied.
    """

    source: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    severity: dict[str, Severity] = field(default_factory=dict)
    fail_on: str | None = None
    min_severity: str | None = None
    namespaces: tuple[str, ...] = ()
    cluster: Cluster = field(default_factory=Cluster)
    document: Mapping[str, Any] = field(default_factory=dict)
    subject: Path = field(default_factory=Path)

    def releases(self) -> tuple[ReleaseSpec, ...]:
        """The releases it names for the chart; UsageError if one of their files can't be read."""
        if self.source is None:
            return ()
        from chartgen.config.releases import release_specs

        with errors_at(self.source, "releases"):
            return tuple(release_specs(self.source, self.document.get("releases", ()), self.subject))

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks about settings that apply in another way than written."""
        from chartgen.flagger.crd import newer_note

        version = self.document.get("cluster", {}).get("flagger-version")
        note = newer_note(version) if version else None
        return (f"{self.source}: {note}",) if note else ()

    @property
    def folder(self) -> Path:
        """The folder that its paths are relative to."""
        return self.source.parent if self.source else Path()


@contextmanager
def errors_at(path: Path, key: str) -> Iterator[None]:
    """Report a UsageError as one about `key` of the configuration `path`."""
    try:
        yield
    except UsageError as error:
        message = error.message.removeprefix("--")  # an option of the command line is a key here
        raise ConfigError(f"{path}: {key}: {message}", hint=error.hint) from error
