"""The base class of rules that read a Canary through typed fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary
from chartgen.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.rule import Problem


class CanaryRule(Rule):
    """A rule that checks Canaries only."""

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        """See Rule.check."""
        return self.check_canary(Canary(manifest), rendering)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        """The problems of one Canary, which is part of `rendering`."""
        raise NotImplementedError
