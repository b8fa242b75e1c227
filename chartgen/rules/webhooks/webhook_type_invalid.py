"""A webhook type that Flagger doesn't have."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from chartgen.flagger.canary import HOOK_TYPES
from chartgen.rules.claim import Claim
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class WebhookTypeInvalid(Rule):
    id = "webhook-type-invalid"
    severity = Severity.ERROR
    summary = "webhook type that Flagger doesn't have"
    tags = ("webhooks", "api")
    refused = Claim(lambda _manifest, at, _message: at[:3] == ("spec", "analysis", "webhooks") and at[-1] == "type")
    fixes = (Safety.SAFE, Safety.UNSAFE)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for refusal in refusals(manifest, self.cluster, self.id):
            given = str(manifest.get(refusal.at))
            near = difflib.get_close_matches(given.lower().replace("_", "-"), HOOK_TYPES, n=1, cutoff=0.5)
            advice = f"; did you mean {near[0]}?" if near else f"; use one of {', '.join(HOOK_TYPES)}"
            fix = set_value(refusal.at, near[0], _safety(given, near[0])) if near else None
            message = f"Flagger has no webhook type {given!r}: the API server rejects the Canary{advice}"
            yield Problem(message, at=refusal.at, fix=fix)


def _safety(given: str, near: str) -> Safety:
    """The same type in another case, or with `_` for `-`, is a safe fix."""
    return Safety.SAFE if given.lower().replace("_", "-").replace(" ", "-") == near else Safety.UNSAFE
