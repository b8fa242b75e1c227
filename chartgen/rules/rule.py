"""The base classes of rules. A rule checks one object in one rendering, and knows nothing about files or formats."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.claim import Claim
    from chartgen.rules.cluster import Cluster
    from chartgen.rules.fix import Fix, Safety
    from chartgen.rules.releases import Releases

# The tag of rules about mistakes that affect every Canary in the cluster.
CLUSTER_WIDE = "cluster-wide"


class Severity(Enum):
    """From the worst down: ERROR breaks the release, WARNING may surprise, INFO is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for error, 1 for warning, 2 for info."""
        return list(Severity).index(self)


class FileLocation(NamedTuple):
    """A place in a file of the chart: `path` relative to the chart, `line`, and `column` in bytes; None if unknown."""

    path: str
    line: int | None = None
    column: int | None = None


class Problem(NamedTuple):
    """One mistake.

    - `at`: the route inside `manifest`, by default the checked one; the engine finds the file and the line.
    - `values_route`: the route inside the values instead, for a mistake in the values.
    - `source`: the place in a file instead, if nothing was rendered.
    - `severity`: overrides the rule's own.
    - `releases`: the labels of the releases that have the problem, if there is no `manifest` to say so.
    - `fix`: the change that corrects it, if there is one right answer; its routes are inside `manifest`.
    - `blank`: whether the field, or a part of it, is empty because a value is.
    - `stand_in`: whether the value is a placeholder that a release replaces. Like a blank one it is a warning where no
      release that is known has it.
    - `once`: about something outside the charts: with the same message it is reported once a run.
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
    stand_in: bool = False
    once: bool = False


class Rule:
    """One kind of mistake: a module with a page of the same name beside it."""

    id: ClassVar[str]
    severity: ClassVar[Severity]
    summary: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]] = ("Canary",)
    tags: ClassVar[tuple[str, ...]] = ()
    former_ids: ClassVar[tuple[str, ...]] = ()
    # Rules that report the same mistake better: this rule skips the lines that one of them reports.
    yields_to: ClassVar[tuple[str, ...]] = ()
    # The refusals of the API server, and the fields it drops, that this rule reports.
    refused: ClassVar[Claim | None] = None
    dropped: ClassVar[Claim | None] = None
    # The safeties of its fixes; a test compares them with the examples.
    fixes: ClassVar[tuple[Safety, ...]] = ()
    # False for what no example can show, because the linter reports it before any rule runs.
    has_examples: ClassVar[bool] = True

    def __init__(self, cluster: Cluster | None = None) -> None:
        from chartgen.rules.cluster import Cluster

        self.cluster = cluster or Cluster()

    def loaded(self) -> Rule:
        """The rule itself: `lint` runs rules that are loaded only when they can report something, too."""
        return self

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        """The problems of one manifest of `kinds`, which is part of `rendering`."""
        raise NotImplementedError


class ChartRule(Rule):
    """A mistake that only a comparison of several releases of a chart reveals."""

    kinds: ClassVar[tuple[str, ...]] = ()

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002 - see check_chart
        """Nothing: such a rule checks charts."""
        return iter(())

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        """The problems of one chart in all its releases."""
        raise NotImplementedError
