"""What a rule is: it sees one object in one rendering, yields bare problems, and knows nothing of files or formats."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering


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
class Problem:
    """One mistake. `at` is the route inside `manifest` (the checked one where None); the engine finds file and line.

    `severity` overrides the rule's own. `values_route` names the place in the values instead, where the problem is
    one of the values block rather than of a rendered field.
    """

    message: str
    at: Route = ()
    manifest: Manifest | None = None
    severity: Severity | None = None
    values_route: Route | None = None


class Rule:
    """One mistake a canary can hold: one module beside one page of the same name."""

    id: ClassVar[str]
    severity: ClassVar[Severity]
    summary: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]] = ("Canary",)
    tags: ClassVar[tuple[str, ...]] = ()
    former_ids: ClassVar[tuple[str, ...]] = ()

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        """The problems of one manifest of `kinds`, seen in the rendering it stands in."""
        raise NotImplementedError
