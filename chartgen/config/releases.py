"""The `releases` of a configuration: values files, blocks of an environment's values, releases of a helmfile."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.config.document import yaml_of
from chartgen.config.helmfile import helmfile_releases
from chartgen.config.release_spec import ReleaseSpec, Values, read_text
from chartgen.config.yaml_block import entries, nodes_of, standalone_text
from chartgen.errors import UsageError
from chartgen.inputs.boundary import boundary_around

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chartgen.inputs.boundary import Boundary


def release_specs(path: Path, given: Any, chart: Path) -> Iterator[ReleaseSpec]:
    """The releases for `chart` in the configuration `path`, one for each namespace of each entry of `releases`."""
    boundary = boundary_around(path.parent)
    for entry in given:
        own = ReleaseSpec(_values(path.parent, entry.get("values", ()), boundary), tuple(entry.get("set", ())))
        specs = [own]
        if "helmfile" in entry:
            from_helmfile = helmfile_releases(path.parent / entry["helmfile"], entry.get("name"), chart, boundary)
            specs = [
                replace(spec, values=spec.values.followed_by(own.values), sets=(*spec.sets, *own.sets))
                for spec in from_helmfile
            ]
        for namespace in entry.get("namespaces", (None,)):
            for spec in specs:
                yield replace(spec, namespace=namespace or spec.namespace, name=spec.name or entry.get("name"))


def _values(folder: Path, names: Any, boundary: Boundary) -> Values:
    """The files of `values:`; `file#key` is the map under that key."""
    values = Values()
    for name in names:
        file, _, key = name.partition("#")
        path = os.path.relpath(folder / file)
        text = read_text(folder, file, "values", boundary)
        values = values.followed_by(block_of(text, key, path)) if key else values.with_file(path, text)
    return values


def block_of(text: str, key: str, path: str) -> Values:
    """The map under the top-level `key:`, at its own lines and columns; UsageError if there is none.

    An environment repository of Jenkins X has the values of each app under the app's name. Its chart has the apps as
    subcharts, so its `global` overrides theirs.
    """
    from ruamel.yaml.nodes import MappingNode

    try:
        document = yaml_of(text)
        node = next((entries(root).get(key) for root in nodes_of(text)), None)
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: cannot be read: {reason}", hint="fix the YAML, then run again") from error
    if not isinstance(node, MappingNode):
        raise UsageError(f"{path}: no top-level key `{key}:`", hint="write FILE#KEY with a top-level key of the file")
    global_values = (
        {"global": document["global"]} if isinstance(document.get("global"), dict) and key != "global" else {}
    )
    return Values((), (), global_values).with_map(path, standalone_text(text, node, document[key]), document[key])
