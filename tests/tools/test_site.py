"""Links of the site: what the repository's pages link to is there, at the right place."""

from __future__ import annotations

import pytest

from tools.site import linked

RULE = "chartgen/rules/metrics/success_rate_as_fraction.md"


@pytest.mark.parametrize(
    ("page", "link", "on_site"),
    [
        ("index.md", "lint.md#exit-codes", "lint.md#exit-codes"),
        ("tutorials/helm.md", "../lint.md", "../lint.md"),
        ("rules.md", f"../{RULE}", "rules/metrics.md#success-rate-as-fraction"),
        ("tutorials/helm.md", f"../../{RULE}", "../rules/metrics.md#success-rate-as-fraction"),
        ("lint.md", "../SECURITY.md#limits", "repository/SECURITY.md#limits"),
        ("decisions/README.md", "../../bench/README.md", "../repository/bench/README.md"),
        ("repository/CONTRIBUTING.md", "docs/e2e.md#recordings", "../e2e.md#recordings"),
        ("repository/bench/README.md", "../SECURITY.md", "../SECURITY.md"),
    ],
)
def test_a_link_leads_to_the_same_page(page: str, link: str, on_site: str) -> None:
    assert linked(f"See [that]({link}).", page) == f"See [that]({on_site})."


@pytest.mark.parametrize(
    "text", ["[web](https://flagger.app/)", "[here](#limits)", "`[x](y.md)`", "```sh\n[a](b.md)\n```"]
)
def test_other_text_stays(text: str) -> None:
    assert linked(text, "index.md") == text
