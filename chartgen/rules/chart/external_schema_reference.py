"""A values schema that refers to a server or to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.helm.safe_schemas import schema_references
from chartgen.rules.rule import ChartRule, FileLocation, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import Releases


class ExternalSchemaReference(ChartRule):
    id = "external-schema-reference"
    severity = Severity.WARNING
    summary = "values schema that refers to a server or a file"
    tags = ("helm",)

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        for path, text, reference in schema_references(releases.chart):
            yield Problem(
                f"{reference.keyword} refers to {reference.target}, which chartgen doesn't load: "
                "the values it describes aren't checked",
                source=FileLocation(path, reference.line_of(text), reference.column_of(text)),
            )
