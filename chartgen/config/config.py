"""`chartgen.yaml`: find the nearest one up to the repository's root, and read it."""

from __future__ import annotations

import difflib
import fnmatch
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.config.document import document_at
from chartgen.config.releases import release_specs
from chartgen.config.selection import rules_named
from chartgen.errors import ConfigError, InputError, UsageError
from chartgen.flagger.providers import PROVIDERS, is_known
from chartgen.inputs.files import read_confined
from chartgen.patterns import lazy_pattern
from chartgen.planning.amounts import seconds_of
from chartgen.rules.cluster import Cluster
from chartgen.rules.organization_policy import Policy, policy_of, traffic_of
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.config.release_spec import ReleaseSpec

NAMES = ("chartgen.yaml", ".chartgen.yaml")
# chartgen's tables in pyproject.toml: [tool.chartgen], [tool.chartgen.policy], [[tool.chartgen.releases]].
_SECTION = lazy_pattern(r"^[ \t]*\[{1,2}[ \t]*tool\.chartgen\s*[.\]]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Exemption:
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
        with _errors_at(self.source, "releases"):
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


def config_for(path: Path, file: Path | None = None, *, disabled: bool = False) -> Config:
    """The configuration of a chart or file: `file` if one is named, else the nearest one; none if `disabled`."""
    if disabled:
        return Config()
    try:
        if file:
            return read_config(file, path, named=True)
        return find_config(path if path.is_dir() else path.parent, path)
    except UsageError as error:
        raise ConfigError(error.message, hint=error.hint) from error


def find_config(start: Path, subject: Path | None = None) -> Config:
    """The nearest configuration from `start` upward, for `subject`; the search ends at the folder with `.git`."""
    folder = start.absolute()
    for candidate in (folder, *folder.parents):
        for name in NAMES:
            if (candidate / name).is_file():
                return read_config(candidate / name, subject or start)
        project = candidate / "pyproject.toml"
        if project.is_file() and _has_section(project):
            return read_config(project, subject or start)
        if os.path.lexists(candidate / ".git"):
            break
    return Config()


def _has_section(project: Path) -> bool:
    """Whether a pyproject.toml configures chartgen; False if it can't be read."""
    try:
        return bool(_SECTION.search(read_confined(project).decode("utf-8", "replace")))
    except InputError:
        return False


def read_config(path: Path, subject: Path | None = None, *, named: bool = False) -> Config:
    """The configuration in a file, for `subject`; UsageError lists the invalid settings.

    A file `named` by an option can be a link to anywhere. The files it names are only read inside its repository.
    """
    chart = (subject or path.parent).absolute()
    document = document_at(path, chart, named=named)
    ignored = document.get("ignore", ())
    everywhere = tuple(entry if isinstance(entry, str) else entry["rule"] for entry in ignored if _is_plain(entry))
    return Config(
        source=path,
        select=tuple(document.get("select", ())),
        ignore=everywhere,
        exemptions=tuple(_exemption(entry) for entry in ignored if not _is_plain(entry)),
        severity=_severities(document.get("severity", {})),
        fail_on=document.get("fail-on"),
        min_severity=document.get("min-severity"),
        namespaces=tuple(document.get("namespaces", ())),
        cluster=replace(_cluster(path, document.get("cluster", {})), policy=_policy(path, document)),
        document=document,
        subject=chart,
    )


def _exemption(entry: Mapping[str, Any]) -> Exemption:
    return Exemption(frozenset(rules_named([entry["rule"]])), entry.get("path"), entry.get("object"))


def _is_plain(entry: Any) -> bool:
    return isinstance(entry, str) or not {"path", "object"} & set(entry)


def _severities(given: Mapping[str, str]) -> dict[str, Severity]:
    """Rule id → severity; a name for fewer rules overrides a name for more, such as a tag."""
    severities = [(rules_named([name]), Severity(severity)) for name, severity in given.items()]
    severities.sort(key=lambda pair: -len(pair[0]))
    return {rule: severity for rules, severity in severities for rule in rules}


@contextmanager
def _errors_at(path: Path, key: str) -> Iterator[None]:
    """Report a UsageError as one about `key` of the configuration `path`."""
    try:
        yield
    except UsageError as error:
        message = error.message.removeprefix("--")  # an option of the command line is a key here
        raise ConfigError(f"{path}: {key}: {message}", hint=error.hint) from error


def _policy(path: Path, document: Mapping[str, Any]) -> Policy:
    from chartgen.config.policy_schema import read_policy_schema

    given, schema = document.get("policy", {}), None
    if "schema" in given:
        with _errors_at(path, "policy.schema"):
            schema = read_policy_schema(path.parent / given["schema"], path.parent)
    with _errors_at(path, "traffic"):
        traffic = traffic_of(document.get("traffic", {}))
    with _errors_at(path, "policy"):
        return policy_of(given, schema, traffic)


def _cluster(path: Path, given: dict[str, Any]) -> Cluster:
    cluster = Cluster()
    scrape = cluster.scrape_seconds
    if "scrape-interval" in given:
        scrape = seconds_of(given["scrape-interval"], f"{path}: cluster.scrape-interval")
    return replace(
        cluster,
        flagger=_flagger_release(path, given.get("flagger-version")),
        provider=_provider(path, given.get("provider", cluster.provider)),
        selector_labels=tuple(given.get("selector-labels", cluster.selector_labels)),
        metric_templates=tuple(given.get("metric-templates", ())),
        alert_providers=tuple(given.get("alert-providers", ())),
        gateways=tuple(given.get("gateways", ())),
        injected_namespaces=tuple(given.get("injected-namespaces", ())),
        registry_only=given.get("registry-only", False),
        service_entries=tuple(given.get("service-entries", ())),
        scrape_seconds=scrape,
        cross_namespace_refs=not given.get("no-cross-namespace-refs", False),
    )


def _provider(path: Path, name: str) -> str:
    """The provider; UsageError if Flagger doesn't know it, since it would run as Istio."""
    if is_known(name):
        return name
    aliases = {alias: provider.name for provider in PROVIDERS for alias in provider.aliases}
    names = [provider.name for provider in PROVIDERS]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    meant = aliases.get(name) or (near[0] if near else None)
    hint = f"did you mean {meant}?" if meant else f"choose one of {', '.join(names)}"
    raise UsageError(f"{path}: cluster.provider: {name!r} is not a provider of Flagger", hint=hint)


def _flagger_release(path: Path, version: str | None) -> str | None:
    """The Flagger release whose CRD applies, as for --flagger-version."""
    from chartgen.flagger.crd import nearest

    with _errors_at(path, "cluster.flagger-version"):
        return nearest(version) if version else None
