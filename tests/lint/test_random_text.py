"""A baseline holds on the next run, whatever the chart makes anew at each rendering."""

from __future__ import annotations

import pytest

from chartgen.config.selection import selected
from chartgen.helm.request import RenderRequest
from chartgen.lint.matrix import render_matrix
from chartgen.lint.run_rules import report_findings
from tests.lint.charts import CANARY, files, in_memory
from tests.rules.harness import engine

POD = "kind: Pod\napiVersion: v1\nmetadata: {name: NAME, labels: {app: web}}\nspec: {containers: [{name: probe, image: p:1}]}\n"


def findings(name: str) -> list[tuple[str, str, str]]:
    chart = in_memory(files("{}\n", CANARY, templates__pod_yaml=POD.replace("NAME", name)))
    releases = render_matrix(engine, chart, RenderRequest())
    found = report_findings(engine, releases, selected(("selector-label-not-unique",)))
    return [(one.fingerprint, one.message, one.object.name if one.object else "") for one in found]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("probe-{{ randAlphaNum 6 | lower }}", "probe-*"),
        ("probe-{{ uuidv4 }}", "probe-*"),
        ("probe{{ randNumeric 8 }}", "*"),
        ('{{ printf "%s-%s-probe" .Release.Name (randAlpha 5 | lower) }}', "my-release-*-probe"),
        ("probe-{{ now | unixEpoch }}", "probe-*"),
        ("probe-{{ htpasswd .Release.Name .Release.Name | sha256sum | trunc 10 }}", "probe-*"),
    ],
)
def test_random_names_are_in_no_message_and_no_fingerprint(name: str, shown: str) -> None:
    first, second = findings(name), findings(name)
    assert first == second
    assert [each[2].replace(RenderRequest().release_name, "my-release") for each in first] == [shown]
    assert shown.rsplit("-", maxsplit=1)[-1] in first[0][1]


def test_names_that_stay_are_shown() -> None:
    assert [each[2] for each in findings("probe")] == ["probe"]
