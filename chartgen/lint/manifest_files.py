"""Flagger objects outside any chart: rendered manifests in a file or on stdin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.charts.chart import Chart
from chartgen.errors import ChartError, InputError, RenderError
from chartgen.helm.request import RenderRequest
from chartgen.inputs.files import read_confined, text_of
from chartgen.inputs.limits import MANIFESTS_BYTES
from chartgen.manifests.documents import read_bounded, split
from chartgen.manifests.manifest import Manifest
from chartgen.manifests.rendering import Rendering
from chartgen.manifests.switches.switch import Switch
from chartgen.patterns import lazy_pattern
from chartgen.rules.releases import Releases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.helm.engine import Engine

MANIFESTS = (".yaml", ".yml")
_FLAGGER = lazy_pattern(r"^[ \t\"']*apiVersion[\"']?:[ \t]*[\"']?flagger\.app/", re.MULTILINE)


def holds_flagger_objects(path: Path) -> bool:
    """Whether a file outside any chart contains Flagger objects."""
    try:
        return path.suffix in MANIFESTS and bool(_FLAGGER.search(_text(path)))
    except InputError:
        return False


def read_manifests(path: Path) -> str:
    """The text of a manifest file; ChartError if it can't be read."""
    try:
        return _text(path)
    except InputError as error:
        raise ChartError(error.message, hint=error.hint) from error


def _text(path: Path) -> str:
    return text_of(read_confined(path, MANIFESTS_BYTES), path)


def manifest_releases(engine: Engine, text: str, name: str, namespace: str) -> Releases:
    """The manifests of a text as one rendering of a chart without files. `name` is the path in findings."""
    chart = Chart(Path(name), Path(name).name, {})
    request = RenderRequest(namespace=namespace)
    manifests = tuple(_manifests(engine, text, name))
    rendering = Rendering(chart, request, "as written", {}, manifests, {})
    return Releases(chart, engine, (rendering,), (), Switch(None, None))


def _manifests(engine: Engine, text: str, name: str) -> Iterator[Manifest]:
    for index, line, document in split(text):
        try:
            body = read_bounded(engine, document)
        except (RenderError, InputError) as error:
            if _FLAGGER.search(document):
                raise ChartError(f"{name}:{line}: is not valid YAML: {error.message}") from error
            continue
        if not isinstance(body, dict):
            continue
        # A `List` contains its objects; all of them have the location of the list.
        listed = body.get("items") if body.get("kind") == "List" else None
        for item in listed if isinstance(listed, list) else [body]:
            if isinstance(item, dict):
                yield Manifest(name, index, line, document, item)
