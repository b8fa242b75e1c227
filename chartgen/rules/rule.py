"""What a rule is: it sees one object in one rendering, yields bare problems, and knows nothing of files or formats."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from chartgen.rules.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Fix, Safety
    from chartgen.rules.releases import Releases

# A rule with this tag tells of a mistake that stops or blinds Flagger for every Canary of the cluster.
CLUSTER_WIDE = "cluster-wide"


class Severity(Enum):
    """Ordered: ERROR endangers the release, WARNING surprises, INFO is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for error, 1 for warning, 2 for info."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class FileLocation:
    """A place in a file of the chart: `path` below the chart; `line`, and `column` in bytes, None where not told."""

    path: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `at` is the route inside `manifest` (the checked one where None); the engine finds file and line.

    `severity` overrides the rule's own. `values_route` names the place in the values instead, where the problem is
    one of the values rather than of a rendered field, and `source` a place in a file, where nothing was rendered.
    `releases` are the labels of the releases it was seen in, where no manifest tells. `fix` puts it right, where one
    answer is right; its routes are those of `manifest`. `blank`: an empty value left the field, or a part of it, out.
    """

    message: str
    at: Route = ()
    manifest: Manifest | None = None
    severity: Severity | None = None
    values_route: Route | None = None
    source: FileLocation | None = None
    releases: tuple[str, ...] = ()
    fix: Fix | None = None
    blank: bool = False


class Rule:
    """One mistake a canary can hold: one module beside one page of the same name."""

    id: ClassVar[str]
    severity: ClassVar[Severity]
    summary: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]] = ("Canary",)
    tags: ClassVar[tuple[str, ...]] = ()
    former_ids: ClassVar[tuple[str, ...]] = ()
    # Rules that tell the same mistake better: where one of them speaks of the same line, this one is silent.
    yields_to: ClassVar[tuple[str, ...]] = ()
    # The kinds of fixes its problems may carry; a test holds it against the examples.
    fixes: ClassVar[tuple[Safety, ...]] = ()
    # False for what no example can show, because the linter reports it before any rule runs.
    has_examples: ClassVar[bool] = True

    def __init__(self, cluster: Cluster | None = None) -> None:
        self.cluster = cluster or Cluster()

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        """The problems of one manifest of `kinds`, seen in the rendering it stands in."""
        raise NotImplementedError


class ChartRule(Rule):
    """A mistake that shows only when several releases of one chart are held side by side."""

    kinds: ClassVar[tuple[str, ...]] = ()

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002 - see check_chart
        """Nothing: such a rule looks at charts."""
        return iter(())

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        """The problems of one chart, seen in all its releases."""
        raise NotImplementedError
