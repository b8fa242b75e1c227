"""A value whose type differs from the CRD's: mostly a number in quotes, or text without them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chartgen.patterns import lazy_pattern
from chartgen.rules.claim import OF_TYPES, Claim
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Fix

_NOT_OF_TYPE = lazy_pattern(r" is not an? \w+$")


class ValuesTypeMismatch(Rule):
    id = "values-type-mismatch"
    severity = Severity.ERROR
    summary = "value whose type differs from the CRD's"
    kinds = ("Canary", "MetricTemplate", "AlertProvider")
    tags = ("values", "api")
    refused = Claim(
        lambda manifest, at, message: manifest.get(at) is not None and bool(_NOT_OF_TYPE.search(message)), OF_TYPES
    )
    fixes = (Safety.SAFE,)
    yields_to = ("canary-values-schema",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not manifest.api_version.startswith("flagger.app/"):
            return
        for refusal in refusals(manifest, self.cluster, self.id):
            field = ".".join(str(step) for step in refusal.at)
            fix = _as_meant(refusal.at, manifest.get(refusal.at), refusal.message)
            message = f"{field} {refusal.message}: the API server rejects the {manifest.kind}"
            yield Problem(message, at=refusal.at, fix=fix)


def _as_meant(at: Route, value: Any, message: str) -> Fix | None:
    """Write the same characters as the type that the CRD wants."""
    types = re.findall(r"\ban? (integer|number|boolean|string)\b", message.rpartition(" is not ")[2])
    if isinstance(value, str):
        if {"integer", "number"} & set(types) and re.fullmatch(r"-?(?:0|[1-9]\d{0,17})", value):
            return set_value(at, int(value))
        if "number" in types and re.fullmatch(r"-?(?:0|[1-9]\d{0,17})\.\d{1,18}", value):
            return set_value(at, float(value))
        return set_value(at, value == "true") if "boolean" in types and value in {"true", "false"} else None
    # Only whole numbers: Helm may print a fraction in another way than the author wrote it.
    return set_value(at, str(value)) if "string" in types and isinstance(value, int) and value is not True else None
