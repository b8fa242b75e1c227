"""`chartgen schema NAME`: the JSON Schema of a file that editors edit or programs read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from chartgen.cli.choices import SchemaName

_FILES = {
    "values": "canary-values.schema.json",
    "config": "chartgen-config.schema.json",
    "lint-result": "lint-result-v1.schema.json",
    "plan": "plan-result-v1.schema.json",
}


def schema(
    name: Annotated[
        SchemaName,
        typer.Argument(metavar="NAME", help=f"Which schema: {', '.join(get_args(SchemaName))}."),
    ],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to a file instead of stdout.")] = None,
) -> None:
    """Print a JSON Schema: of a chart's values with a canary block, of chartgen.yaml, of lint's or plan's JSON."""
    from chartgen.cli.output import write_result
    from chartgen.resources import schema_path

    text = schema_path(_FILES[name]).read_text(encoding="utf-8")
    write_result(values_schema(text) if name == "values" else text, output)


def values_schema(block: str) -> str:
    """The schema of a values.yaml: `block` is the schema of its `canary` key, which may have keys of the chart, too."""
    import json

    from chartgen.escaping import json_text

    schema = json.loads(block)
    definitions = schema.pop("$defs", {})
    own = {key: schema.pop(key) for key in ("$schema", "$id") if key in schema}
    whole = {**own, "type": "object", "properties": {"canary": {**schema, "additionalProperties": True}}}
    return json_text({**whole, "$defs": definitions} if definitions else whole)
