"""A provider that Flagger doesn't know: rejected by the API server, or treated as Istio by older releases."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from chartgen.flagger.providers import PROVIDERS
from chartgen.rules.claim import exactly
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.providers import provider_names
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_MEANT = {alias: provider.name for provider in PROVIDERS for alias in provider.aliases}


class ProviderNotRecognised(Rule):
    id = "provider-not-recognised"
    severity = Severity.ERROR
    summary = "provider that Flagger doesn't know"
    tags = ("providers",)
    refused = exactly("spec", "provider")
    fixes = (Safety.SAFE, Safety.UNSAFE)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for refusal in refusals(manifest, self.cluster, self.id):
            known = provider_names(self.cluster.flagger)
            given = str(manifest.get(refusal.at))
            similar = difflib.get_close_matches(given.lower(), known, n=1, cutoff=0.5)
            near = _MEANT.get(given) or next(iter(similar), None)
            advice = f"; did you mean {near}?" if near else ""
            yield Problem(
                f"Flagger has no provider {given!r}: the API server rejects it, and releases before 1.43 use "
                f"Istio{advice}",
                at=refusal.at,
                fix=set_value(refusal.at, near, _safety(given, near)) if near else None,
            )


def _safety(given: str, near: str) -> Safety:
    return Safety.SAFE if given.lower() == near else Safety.UNSAFE
