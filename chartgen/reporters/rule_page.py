"""One rule's page for `chartgen explain`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from chartgen.escaping import json_text
from chartgen.rules.address import address_of
from chartgen.rules.page import page_of

if TYPE_CHECKING:
    from chartgen.rules.rule import Rule


def rule_page(rule: type[Rule], form: Literal["text", "markdown", "json"], docs_url: str | None = None) -> str:
    """The page in one of the formats of `chartgen explain`, with its address on the site of the documentation, if any.

    Markdown is the page itself, without the address.
    """
    if form == "markdown":
        return page_of(rule).markdown
    url = address_of(rule.id, docs_url)
    if form == "json":
        return _json(rule, url)
    text = _plain(page_of(rule).markdown, rule)
    return f"{text.rstrip()}\n\nThis page: {url}\n" if url else text


def _json(rule: type[Rule], url: str | None) -> str:
    page = page_of(rule)
    document = {
        "id": rule.id,
        "severity": rule.severity.value,
        "summary": rule.summary,
        "tags": list(rule.tags),
        "fixes": [safety.value for safety in rule.fixes],
        "what": page.what,
        "why": page.why,
        "bad": list(page.bad),
        "good": list(page.good),
        "references": list(page.references),
        "url": url,
    }
    return json_text(document)


def _plain(markdown: str, rule: type[Rule]) -> str:
    """The page without Markdown marks, with the severity after the id."""
    title, _, body = markdown.partition("\n")
    body = re.sub(r"^```\w*\n(.*?)^```$", _indented, body, flags=re.MULTILINE | re.DOTALL)
    body = re.sub(r"^## (.+)$", r"\1", body, flags=re.MULTILINE)
    body = re.sub(r"\[([^\]]+)\]\((https?:[^)]+)\)", r"\1 <\2>", body)
    # A relative link leads nowhere from a terminal.
    body = re.sub(r"\[([^\]]+)\]\((?:\.\./)+(docs/[^)]+)\)", r"\1 (\2 in chartgen's repository)", body)
    body = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", body).replace("`", "")
    fixes = " and ".join(safety.option for safety in rule.fixes)
    fixable = f"\nAuto-fixable with {fixes}.\n" if fixes else ""
    return f"{title.removeprefix('# ')} ({rule.severity.value}): {rule.summary}\n{fixable}{body}"


def _indented(match: re.Match[str]) -> str:
    return "".join(f"    {line}\n" for line in match[1].splitlines()).rstrip("\n")
