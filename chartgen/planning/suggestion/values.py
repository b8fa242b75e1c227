"""The suggested settings as the fields of an analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import analysis_key

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIELDS = ("interval", "threshold", "maxWeight", "stepWeight", "stepWeights", "iterations", "metrics")


def suggested_fields(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a suggestion sets; a list of metrics is whole, because values replace lists as a whole."""
    analysis = manifest["spec"][analysis_key(manifest["spec"])]
    return {name: analysis[name] for name in _FIELDS if name in analysis}
