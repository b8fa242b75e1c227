"""Reads the dumps of a cluster for `--from`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.dump import DumpSource
from chartgen.errors import InputError, RenderError, UsageError
from chartgen.inputs.files import read_confined, text_of
from chartgen.inputs.limits import MANIFESTS_BYTES
from chartgen.inputs.shape import bounded
from chartgen.manifests.documents import split

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chartgen.helm.engine import Engine

_SUFFIXES = (".yaml", ".yml", ".json")
_HINT = 'write them: sh -c "$(chartgen preflight --dump-commands --from DIR)"'


def read_dumps(engine: Engine, folder: Path) -> DumpSource:
    """The objects of all dumps in the folder; UsageError if there are none, InputError for one that isn't YAML."""
    if not folder.is_dir():
        raise UsageError(f"--from {folder}: folder not found", hint=_HINT)
    files = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    if not files:
        raise UsageError(f"--from {folder}: no .yaml or .json file", hint=_HINT)
    objects = tuple(body for path in files for body in _objects(engine, path))
    # kubectl leaves an empty file if it may not list a kind; a kind without objects is a list without items.
    covered = frozenset(path.stem for path in files if path.stat().st_size)
    return DumpSource(str(folder), objects, covered)


def _objects(engine: Engine, path: Path) -> Iterator[dict[str, Any]]:
    texts = [text for _, _, text in split(text_of(read_confined(path, MANIFESTS_BYTES), path))]
    try:
        documents = [bounded(body) for body in engine.read_documents(texts)]
    except (RenderError, InputError) as error:
        raise InputError(f"{path}: not a dump of kubectl: {error.message}", hint="write it again") from error
    for body in documents:
        listed = body.get("items") if isinstance(body, dict) and str(body.get("kind")).endswith("List") else [body]
        yield from (item for item in listed or [] if isinstance(item, dict))
