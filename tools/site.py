"""A hook of mkdocs: what the site has besides docs/, and where links lead that leave docs/.

The pages of the rules become one page per family, and files of the repository that a page links to (SECURITY.md, the
schemas) become part of the site. So a link is right in the repository and on the site.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from os.path import normpath, relpath
from pathlib import Path
from typing import Any

from chartgen.rules.page import path_of
from tools.reference import families, family_page

ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"(?P<open>\]\()(?P<path>(?![a-z]+:)[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
_CODE = re.compile(r"(^ *```.*?^ *```$|`[^`\n]*`)", re.DOTALL | re.MULTILINE)


def on_config(config: Any) -> Any:
    """The site's address is the one that pyproject.toml names, if any."""
    tomllib: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    config.site_url = project.get("urls", {}).get("Documentation", "")
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the families' pages, and each file of the repository that a page links to."""
    from mkdocs.structure.files import File

    for family in families():
        files.append(File.generated(config, f"rules/{family}.md", content=family_page(family)))
    unread = [file for file in files if file.src_uri.endswith(".md")]
    while unread:
        file = unread.pop()
        for target in _targets(file.content_string, _home(file.src_uri)):
            uri = _uri(target)
            if files.get_file_from_path(uri) is None and (ROOT / target).is_file():
                added = File.generated(config, uri, content=(ROOT / target).read_bytes())
                files.append(added)
                if uri.endswith(".md"):
                    unread.append(added)
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:  # noqa: ARG001 - mkdocs calls by name
    """The page with its links as the site needs them."""
    home = page.file.src_uri
    return linked(markdown, home)


def linked(markdown: str, uri: str) -> str:
    """The text of the page at a URI of the site; code stays as it is."""

    def rewritten(match: re.Match[str]) -> str:
        target = normpath(f"{_home(uri)}/../{match['path']}")
        anchor = match["anchor"] or _anchor(target)
        return f"]({relpath(_uri(target), f'{uri}/..')}{anchor})"

    parts = _CODE.split(markdown)
    return "".join(part if number % 2 else _LINK.sub(rewritten, part) for number, part in enumerate(parts))


def _targets(markdown: str, home: str) -> list[str]:
    """The files that a page links to, from the root of the repository."""
    text = _CODE.sub("", markdown)
    return [normpath(f"{home}/../{match['path']}") for match in _LINK.finditer(text)]


def _home(uri: str) -> str:
    """Where the page at a URI of the site is in the repository."""
    return uri.removeprefix("repository/") if uri.startswith("repository/") else f"docs/{uri}"


def _uri(path: str) -> str:
    """Where a file of the repository is on the site."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path in _rules():
        return f"rules/{path.split('/')[-2]}.md"
    return f"repository/{path}"


def _anchor(path: str) -> str:
    return f"#{_rules()[path]}" if path in _rules() else ""


def _rules() -> dict[str, str]:
    """The id of a rule by the path of its page."""
    return {path_of(rule).relative_to(ROOT).as_posix(): rule.id for rules in families().values() for rule in rules}
