"""What to lint and how: the options of a run, and the settings for one chart after its configuration is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from chartgen.config.nearest import config_for
from chartgen.config.selection import NEVER, selected
from chartgen.helm.request import RenderRequest, ValueSources, merged
from chartgen.lint.exemptions import configured
from chartgen.lint.finding import Collected, Limits
from chartgen.lint.suppress import without_ignored
from chartgen.rules.cluster import Cluster
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from chartgen.config.config import Config
    from chartgen.config.release_spec import ReleaseSpec
    from chartgen.lint.finding import Finding
    from chartgen.lint.run_rules import Loadable
    from chartgen.lint.suppress import FilteredFindings


class LintRequest(NamedTuple):
    """What to lint and how; options given here override the configuration.

    `namespaces` are those a Canary can be in, and those to render in. `config` is a file to read instead of
    the nearest one, `no_config` reads none. With `allow_empty` a folder without a chart is only a note. `thorough`
    renders the charts, too, that don't mention Flagger. `fail_on` and `min_severity` are None if the configurations
    decide; `fail_on` can be `never`. `charts` are those that HelmReleases and Applications name, by name.
    """

    base: RenderRequest = RenderRequest()
    namespaces: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    flagger: str | None = None
    config: Path | None = None
    no_config: bool = False
    allow_empty: bool = False
    thorough: bool = False
    fail_on: str | None = None
    min_severity: str | None = None
    charts: tuple[tuple[str, Path], ...] = ()

    def config_at(self, path: Path) -> Config:
        """The configuration for a chart or file."""
        return config_for(path, self.config, disabled=self.no_config)

    def limits(self, config: Config) -> Limits:
        """The limits from options, then the configuration, then the defaults."""
        default = Limits()
        fail_on = self.fail_on or config.fail_on
        shown = self.min_severity or config.min_severity
        return Limits(
            (None if fail_on == NEVER else Severity(fail_on)) if fail_on else default.fail_on,
            Severity(shown) if shown else default.min_severity,
        )

    @property
    def has_values(self) -> bool:
        """Whether options give values, which may contain what a chart renders."""
        return self.base.sources != ValueSources() or bool(self.base.overlay)

    @property
    def leaves_releases_open(self) -> bool:
        """Whether no option selects a release, so that the configuration does."""
        return not self.namespaces and self.base.sources == ValueSources()

    def render_request(self, release: ReleaseSpec) -> RenderRequest:
        """The request that renders one release of the configuration."""
        return replace(
            self.base,
            sources=ValueSources(
                files=release.values.files,
                set=release.sets,
                edited=release.values.edited,
                written=release.written,
            ),
            overlay=merged(self.base.overlay, release.values.overlay),
            namespace=release.namespace or self.base.namespace,
            release_name=release.name or self.base.release_name,
        )


class ChartSettings(NamedTuple):
    """The settings for one chart: options override its configuration.

    `proof_rules` are the rules that a fix is proven against: those that run, and those that just aren't selected.
    `release_requests` render the releases that the configuration names. `narrowed`: options leave out rules or the
    configuration, so an ignore comment without a finding isn't unused.
    """

    config: Config
    limits: Limits
    rules: tuple[Loadable, ...]
    proof_rules: tuple[Loadable, ...]
    cluster: Cluster
    release_requests: tuple[RenderRequest, ...] = ()
    narrowed: bool = False

    @classmethod
    def of(cls, request: LintRequest, config: Config) -> ChartSettings:
        cluster = config.cluster._replace(
            flagger=request.flagger or config.cluster.flagger,
            allowed_namespaces=request.namespaces or config.namespaces,
        )
        ignored = (*config.ignore, *request.ignore)
        rules = selected(request.select or config.select, ignored, cluster)
        releases = config.releases() if request.leaves_releases_open else ()
        requests = tuple(request.render_request(release) for release in releases)
        return cls(
            config,
            request.limits(config),
            rules,
            selected((), ignored, cluster),
            cluster,
            requests,
            narrowed=request.no_config or bool(request.select),
        )

    @property
    def names_no_namespaces(self) -> bool:
        """Whether nothing that the configuration says about the cluster can depend on a release's namespace."""
        plain = Cluster()
        return self.cluster._replace(flagger=None, provider=plain.provider, allowed_namespaces=()) == plain

    def values_files(self, request: LintRequest) -> tuple[str, ...]:
        """All values files that options or the configuration name."""
        return (
            *request.base.sources.files,
            *(file for release in self.release_requests for file in release.sources.files),
        )

    def filter_findings(self, findings: Iterable[Finding], texts: Mapping[str, str]) -> tuple[FilteredFindings, int]:
        """The findings that neither the configuration nor a comment exempts, and the number of exempt ones."""
        collected = Collected()
        for finding in findings:
            collected.add(finding)
        found = collected.sorted()
        not_exempt = [finding for finding in (configured(self.config, each) for each in found) if finding is not None]
        ran = frozenset(rule.id for rule in self.rules) if not self.narrowed else frozenset[str]()
        filtered = without_ignored(not_exempt, texts, ran)
        return filtered, len(found) - len(filtered.findings)
