"""What to lint and how: the options of a run, and what holds for one chart once its configuration is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chartgen.config.config import Config, config_for
from chartgen.config.selection import NEVER, selected
from chartgen.helm.request import RenderRequest, ValueSources, merged
from chartgen.lint.exemptions import configured
from chartgen.lint.finding import Collected, Limits
from chartgen.lint.suppress import without_ignored
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from chartgen.config.release_spec import ReleaseSpec
    from chartgen.lint.finding import Finding
    from chartgen.lint.suppress import Kept
    from chartgen.rules.cluster import Cluster
    from chartgen.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What to lint and how; what is given here wins over the configuration.

    `namespaces` are those a Canary may stand in, and the first the one rendered in. `config` is a file to read instead
    of the nearest one, `no_config` reads none. `allow_empty`: a folder without a chart is only noted. `fail_on` and
    `min_severity` are None where the configurations decide; `fail_on` may be `never`.
    """

    base: RenderRequest = field(default_factory=RenderRequest)
    namespaces: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    flagger: str | None = None
    config: Path | None = None
    no_config: bool = False
    allow_empty: bool = False
    fail_on: str | None = None
    min_severity: str | None = None

    def config_at(self, path: Path) -> Config:
        """The configuration that holds for a chart or file."""
        return config_for(path, self.config, disabled=self.no_config)

    def limits(self, config: Config) -> Limits:
        """Options over the configuration."""
        default = Limits()
        fail_on = self.fail_on or config.fail_on
        shown = self.min_severity or config.min_severity
        return Limits(
            (None if fail_on == NEVER else Severity(fail_on)) if fail_on else default.fail_on,
            Severity(shown) if shown else default.min_severity,
        )

    @property
    def leaves_releases_open(self) -> bool:
        """Whether no option says which release is meant, so that the configuration does."""
        return not self.namespaces and self.base.sources == ValueSources()

    def released(self, asked: ReleaseSpec) -> RenderRequest:
        """One release of the configuration, as it is rendered."""
        return replace(
            self.base,
            sources=ValueSources(files=asked.values.files, set=asked.sets, edited=asked.values.edited),
            overlay=merged(self.base.overlay, asked.values.overlay),
            namespace=asked.namespace or self.base.namespace,
            release_name=asked.name or self.base.release_name,
        )


@dataclass(frozen=True, slots=True)
class ChartSettings:
    """What holds for one chart: options over its configuration.

    `judges` are the rules that a fix must not displease: those that run, and those that are merely not selected.
    `asked` are the releases that the configuration names.
    """

    config: Config
    limits: Limits
    rules: tuple[Rule, ...]
    judges: tuple[Rule, ...]
    cluster: Cluster
    asked: tuple[RenderRequest, ...] = ()

    @classmethod
    def of(cls, request: LintRequest, config: Config) -> ChartSettings:
        cluster = replace(
            config.cluster,
            flagger=request.flagger or config.cluster.flagger,
            allowed_namespaces=request.namespaces or config.namespaces,
        )
        ignored = (*config.ignore, *request.ignore)
        rules = selected(request.select or config.select, ignored, cluster)
        asked = tuple(request.released(one) for one in config.releases()) if request.leaves_releases_open else ()
        return cls(config, request.limits(config), rules, selected((), ignored, cluster), cluster, asked)

    def values_files(self, request: LintRequest) -> tuple[str, ...]:
        """All values files given by options or named by the configuration."""
        return (*request.base.sources.files, *(file for one in self.asked for file in one.sources.files))

    def kept(self, findings: Iterable[Finding], texts: Mapping[str, str]) -> tuple[Kept, int]:
        """What neither the configuration nor a comment exempts, and how many they do."""
        own = Collected()
        for finding in findings:
            own.add(finding)
        merged = own.sorted()
        judged = [one for one in (configured(self.config, one) for one in merged) if one is not None]
        kept = without_ignored(judged, texts, frozenset(rule.id for rule in self.rules))
        return kept, len(merged) - len(kept.findings)
