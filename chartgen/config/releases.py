"""The `releases` of a configuration: values files, blocks of an environment's values, releases of a helmfile."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.config.document import yaml_of
from chartgen.config.helmfile import helmfile_releases
from chartgen.config.release_spec import ReleaseSpec, Values, read_text
from chartgen.config.yaml_block import alone, entries, nodes_of
from chartgen.errors import UsageError
from chartgen.inputs.boundary import boundary_around

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chartgen.inputs.boundary import Boundary


def release_specs(path: Path, given: Any, chart: Path) -> Iterator[ReleaseSpec]:
    """The entries of `releases` in the configuration `path`, each in each of its namespaces, for the chart there."""
    boundary = boundary_around(path.parent)
    for entry in given:
        own = ReleaseSpec(_values(path.parent, entry.get("values", ()), boundary), tuple(entry.get("set", ())))
        found = [own]
        if "helmfile" in entry:
            named = helmfile_releases(path.parent / entry["helmfile"], entry.get("name"), chart, boundary)
            found = [
                replace(one, values=one.values.followed_by(own.values), sets=(*one.sets, *own.sets)) for one in named
            ]
        for namespace in entry.get("namespaces", (None,)):
            for one in found:
                yield replace(one, namespace=namespace or one.namespace, name=one.name or entry.get("name"))


def _values(folder: Path, named: Any, boundary: Boundary) -> Values:
    """The files of `values:`, with `file#key` the block of that key."""
    values = Values()
    for name in named:
        file, _, key = name.partition("#")
        place = os.path.relpath(folder / file)
        text = read_text(folder, file, f"values {name}", boundary)
        values = values.followed_by(block_of(text, key, place)) if key else values.with_file(place, text)
    return values


def block_of(text: str, key: str, place: str) -> Values:
    """The map below the top-level `key:`, at its own lines and columns; UsageError where there is none.

    An environment repository of Jenkins X holds the values of each app under the app's name. Its chart has the apps as
    subcharts, and so its `global` goes over theirs.
    """
    from ruamel.yaml.nodes import MappingNode

    try:
        document = yaml_of(text)
        node = next((entries(one).get(key) for one in nodes_of(text)), None)
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{place}: cannot be read: {reason}", hint="fix the YAML, then run again") from error
    if not isinstance(node, MappingNode):
        raise UsageError(f"{place}: no top-level key `{key}:`", hint="write FILE#KEY with a top-level key of the file")
    above = {"global": document["global"]} if isinstance(document.get("global"), dict) and key != "global" else {}
    return Values((), (), above).with_map(place, alone(text, node, document[key]), document[key])
