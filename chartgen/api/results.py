"""The results of add_canary and emit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.edits.plan import FileChange, Plan
    from chartgen.lint.finding import Finding
    from chartgen.manifests.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment or DaemonSet of the chart; `name` is the one in the default release."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class AddCanaryResult:
    """What add_canary did, or would do.

    `edits` has no changes if the chart already has the canary. `written`: whether the files are changed.
    `renderings` counts the renderings that verified the change. `findings` are those of lint that the change adds.
    `warnings` say what to know before the next release, `next_steps` what to do, `not_applied` which settings an
    existing canary kept out.
    """

    edits: Plan
    written: bool
    targets: tuple[Workload, ...]
    renderings: int
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    next_steps: tuple[str, ...]
    not_applied: tuple[str, ...]

    @property
    def chart(self) -> Path:
        """The folder of the chart."""
        return self.edits.root

    @property
    def changes(self) -> tuple[FileChange, ...]:
        """The changed files, each with its path below the chart, its bytes before and after, and the action."""
        return self.edits.changes

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        from chartgen.edits.diff import unified_diff

        return unified_diff(self.edits)


@dataclass(frozen=True, slots=True)
class EmitResult:
    """The Flagger objects of one release, as Helm renders them. `namespace` is the one of the release."""

    manifests: tuple[Manifest, ...]
    namespace: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The objects, each with its namespace."""
        from chartgen.manifests.namespaced import body_with_namespace

        return [dict(body_with_namespace(manifest, self.namespace)) for manifest in self.manifests]

    @property
    def yaml(self) -> str:
        """The text that Helm rendered, each object with its namespace."""
        from chartgen.flagger.emission import as_yaml

        return as_yaml(list(self.manifests), self.namespace)

    @property
    def json(self) -> str:
        """One object, or a List of several, as JSON."""
        from chartgen.flagger.emission import as_json

        return as_json(list(self.manifests), self.namespace)
