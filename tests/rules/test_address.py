"""Links to a rule's page: where they lead, and that an address that was once published stays."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.rules.address import address_of, published
from chartgen.rules.registry import REGISTRY
from tools.reference import families, family_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADDRESSES = (Path(__file__).parent / "addresses.txt").read_text(encoding="utf-8").split()


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    published.cache_clear()
    yield
    published.cache_clear()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Makes an installed chartgen with these URLs the only package that Python finds."""

    def install(*urls: str) -> None:
        folder = tmp_path / "chartgen-9.dist-info"
        folder.mkdir()
        lines = ("Metadata-Version: 2.4", "Name: chartgen", "Version: 9", *(f"Project-URL: {url}" for url in urls))
        (folder / "METADATA").write_text("\n".join((*lines, "")), encoding="utf-8")

    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return install


def test_an_option_names_the_site() -> None:
    expected = "https://docs.example.com/chartgen/rules/strategy/#step-weight-above-max"
    assert address_of("step-weight-above-max", "https://docs.example.com/chartgen") == expected
    assert address_of("step-weight-above-max", "https://docs.example.com/chartgen/") == expected


def test_the_installed_package_names_it(installed: Callable[..., None]) -> None:
    installed("Source, https://example.com/source", "Documentation, https://example.com/docs/")
    assert address_of("query-empty", None) == "https://example.com/docs/rules/metrics/#query-empty"
    assert address_of("query-empty", "http://localhost:8000") == "http://localhost:8000/rules/metrics/#query-empty"


def test_without_either_there_is_no_address(installed: Callable[..., None]) -> None:
    assert address_of("query-empty", None) is None, "a checkout that isn't installed"
    published.cache_clear()
    installed("Source, https://example.com/source")
    assert address_of("query-empty", "") is None


def test_the_pages_have_every_address_ever_published() -> None:
    anchors = {
        f"{family}/#{anchor}"
        for family in families()
        for anchor in re.findall(r'^## (\S+)$|<a id="([^"]+)">', family_page(family), re.MULTILINE)
        for anchor in filter(None, anchor)
    }
    assert set(ADDRESSES) - anchors == set(), "keep the rule in its family, and its old id in former_ids"
    assert {address_of(entry.id, "x:/") for entry in REGISTRY} <= {f"x:/rules/{address}" for address in ADDRESSES}
