"""What the registry says a rule looks at is true: without it, the rule reports nothing."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from chartgen.charts.chart import Chart
from chartgen.helm.request import RenderRequest
from chartgen.lint.relevance import by_kind, manifests_in, reads
from chartgen.manifests.manifest import Manifest
from chartgen.manifests.rendering import Rendering
from chartgen.rules.registry import REGISTRY
from tests.admission import answers
from tests.conftest import ROOT

WITH_FIELDS = [entry for entry in REGISTRY if entry.fields]


def _renderings(file: str, every: int) -> list[Rendering]:
    """Canaries as a fuzzer wrote them for the API server, each as one rendering."""
    documents = (answer.document for answer in answers(ROOT / "fixtures" / "admission" / file))
    canaries = (document for document in documents if isinstance(document, dict) and document.get("kind") == "Canary")
    chart, request = Chart(Path("c.yaml"), "c.yaml", {}), RenderRequest()
    return [
        Rendering(chart, request, "as written", {}, (Manifest("c.yaml", 0, 1, "", document),), {})
        for document in islice(canaries, 0, None, every)
    ]


@pytest.mark.parametrize("file", ["v1.44.0.jsonl.gz", "edges-v1.44.0.jsonl.gz"])
def test_a_rule_reports_nothing_without_its_fields(file: str) -> None:
    wrong = [
        (entry.id, manifest.body)
        for rendering in _renderings(file, 7)
        for manifest in rendering.manifests
        for entry in WITH_FIELDS
        if not reads(entry.id, manifest) and list(entry.load()().check(manifest, rendering))
    ]
    assert wrong == []
    assert len(WITH_FIELDS) > 40


def test_a_field_is_found_under_both_names_of_the_analysis() -> None:
    def canary(key: str) -> Manifest:
        return Manifest("c.yaml", 0, 1, "", {"kind": "Canary", "spec": {key: {"webhooks": []}}})

    assert reads("curl-cannot-fail", canary("analysis"))
    assert reads("curl-cannot-fail", canary("canaryAnalysis"))
    assert not reads("curl-cannot-fail", canary("service"))
    assert reads("unknown-rule", canary("service"))


def test_manifests_keep_helm_s_order() -> None:
    manifests = tuple(
        Manifest("c.yaml", number, 1, "", {"kind": kind}) for number, kind in enumerate(["B", "A", "C", "A", "B"])
    )
    rendering = Rendering(Chart(Path(), "", {}), RenderRequest(), "", {}, manifests, {})
    for kinds in (("A",), ("A", "B"), ("C", "D"), ()):
        assert list(manifests_in(by_kind(rendering), kinds)) == list(rendering.of_kind(*kinds))
