"""Marks of a chart's skeleton that are filled in before the chart is ever installed."""

from __future__ import annotations

import re

# What `jx project` puts into a pack's files when it imports a project.
_FILLED_IN = re.compile(r"REPLACE_ME_(?:APP_NAME|ORG|GIT_\w*?|DOCKER_REGISTRY_ORG)(?![A-Z_])")


def filled_in(text: str) -> str:
    """The text with an application's name in place of each mark."""
    return _FILLED_IN.sub("app", text)


def is_skeleton(value: object) -> bool:
    """Whether a value still holds such a mark."""
    return isinstance(value, str) and _FILLED_IN.search(value) is not None
