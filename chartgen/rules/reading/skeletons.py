"""Placeholders of chart skeletons that are replaced before the chart is installed."""

from __future__ import annotations

from chartgen.patterns import lazy_pattern

# The placeholders that `jx project` replaces when it imports a project.
_PLACEHOLDER = lazy_pattern(r"REPLACE_ME_(?:APP_NAME|ORG|GIT_\w*?|DOCKER_REGISTRY_ORG)(?![A-Z_])")


def filled_in(text: str) -> str:
    """The text with each placeholder replaced by an application's name."""
    return _PLACEHOLDER.sub("app", text)


def is_skeleton(value: object) -> bool:
    """Whether a value contains a placeholder."""
    return isinstance(value, str) and _PLACEHOLDER.search(value) is not None
