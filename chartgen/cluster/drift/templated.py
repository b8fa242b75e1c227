"""Lines that name an app's version where chartgen can't edit: in Go templates, as of helmfile, and in broken YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.cluster.drift.sites import segments
from chartgen.edits.yaml_source import composed
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.cluster.drift.versions import Change


def templated_lines(changes: tuple[Change, ...], apps: frozenset[str], texts: Mapping[str, str]) -> Iterator[str]:
    """`path:line: text` of each line that sets a desired version, in a document that names the app."""
    patterns = [_pattern(change) for change in changes]
    names = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, sorted(apps)))})(?![\w.-])")
    for path, text in texts.items():
        first = 1
        for segment in segments(text):
            lines = segment.split("\n")
            found = [index for index, line in enumerate(lines) if any(each.match(line) for each in patterns)]
            if found and (names.search(path) or names.search(segment)):
                # `version: {{ .x }}` is YAML too: a map in a map.
                is_yaml = _is_yaml(segment, path)
                kept = (index for index in found if not is_yaml or "{{" in lines[index])
                yield from (f"{path}:{first + index}: {lines[index].strip()}" for index in kept)
            first += len(lines) - 1


def _pattern(change: Change) -> re.Pattern[str]:
    """A line `key: value`, perhaps with a default in a template: `version: {{ .Values.x | default "1.3.0" }}`."""
    if change.kind == "chart":
        keys, values = "version|targetRevision", [change.desired]
    else:
        keys, values = r"\w*[tT]ag|image", [each for each in (change.desired, change.desired_tag) if each]
    value = "|".join(map(re.escape, values))
    return re.compile(rf"""\s*(?:-\s+)?["']?(?:{keys})["']?\s*:.*?(?<![\w./-])(?:{value})(?![\w.+-])""")


def _is_yaml(text: str, path: str) -> bool:
    try:
        composed(text, path, expands=True)
    except ConflictError:
        return False
    return True
