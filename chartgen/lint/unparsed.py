"""Says which check a release misses where no PromQL parser is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.prometheus_queries import PROMETHEUS
from chartgen.rules.reading.promql import parser_is_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import Releases


def unparsed_note(releases: Releases) -> Iterator[str]:
    """One note if there are queries for Prometheus and nothing to parse them with."""
    templates = (each for rendering in releases.renderings for each in rendering.of_kind("MetricTemplate"))
    if any(each.get(("spec", "provider", "type")) == PROMETHEUS for each in templates) and parser_is_missing():
        yield "promql-parser isn't installed, so the queries for Prometheus weren't parsed: pip install promql-parser"
