"""Where a rule's page is on the documentation's site: `<base>/rules/<family>/#<id>`.

The base is an option's, or else the `Documentation` URL of the installed package (`[project.urls]` of pyproject.toml).
Without either, a rule has no address.
"""

from __future__ import annotations

from functools import cache

from chartgen.rules.registry import REGISTRY


def address_of(rule: str, base: str | None) -> str | None:
    """The URL of the rule's page below `base`, or below the package's own address if `base` is None or empty."""
    site = base or published()
    if not site:
        return None
    return f"{site.rstrip('/')}/rules/{_families()[rule]}/#{rule}"


@cache
def published() -> str | None:
    """The address that the installed package names, without opening it."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("chartgen").get_all("Project-URL") or []
    except PackageNotFoundError:  # a checkout on sys.path, not installed
        return None
    named = dict(url.split(", ", 1) for url in urls)
    return named.get("Documentation")


@cache
def _families() -> dict[str, str]:
    return {entry.id: entry.family for entry in REGISTRY}
