"""Where a fix is written, byte by byte, and which fixes aren't applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartgen.lint.fixing.fixer import with_proven_fixes
from chartgen.lint.run_rules import report_findings
from chartgen.rules.page import page_of
from chartgen.rules.registry import all_rules
from tests.lint.charts import CANARY, files, in_memory
from tests.lint.fixing.sources import editable_chart, editable_example, fix_all
from tests.rules.harness import engine

if TYPE_CHECKING:
    from chartgen.lint.fixing.editable_source import EditableChart, EditableSource
    from chartgen.lint.proven_fix import Edit
    from chartgen.rules.rule import Rule

ANALYSIS = CANARY.partition("  analysis:\n")[0]
FROM_VALUES = ANALYSIS + "  analysis:\n    {{- toYaml .Values.canary.analysis | nindent 4 }}\n"
VALUES = """\
# ours
canary:
  analysis:  # how
    interval: {interval}
    threshold: 5
    maxWeight: 50
    stepWeight: 10
    metrics:
    - name: request-success-rate
      {bound}
      interval: 1m
"""
GOOD = {"interval": "1m", "bound": "thresholdRange: {min: 99}"}


def chart_of(values: str, canary: str, **more: str) -> EditableChart:
    return editable_chart(in_memory(files(values, canary, **more)))


def texts(source: EditableSource) -> dict[str, str]:
    return {path: data.decode() for path, data in source.files.items()}


@pytest.mark.parametrize(
    ("given_", "written"),
    [
        ({"interval": "5s # soon"}, {"interval": "10s # soon"}),
        ({"interval": '"5s"'}, {"interval": '"10s"'}),
        ({"interval": "'5s'   # x"}, {"interval": "'10s'   # x"}),
        ({"interval": "&short 5s"}, {"interval": "&short 10s"}),
        ({"bound": "threshold: 99 # percent"}, {"bound": "thresholdRange:\n        min: 99 # percent"}),
        ({"bound": "thresholdRange: {min: 0.99}"}, {"bound": "thresholdRange: {min: 99}"}),
        ({"bound": "thresholdRange: {min: 0.995}"}, {"bound": "thresholdRange: {min: 99.5}"}),
        ({"bound": 'thresholdRange: {min: "99"}'}, {"bound": "thresholdRange: {min: 99}"}),
        ({"bound": "thresholdrange: {min: 99}"}, {"bound": "thresholdRange: {min: 99}"}),
        ({"bound": "threshold: 0.99"}, {"bound": "thresholdRange:\n        min: 99"}),
        ({"bound": "thresholdRange: {min: 99}\n      threshold: 99"}, {}),
    ],
)
def test_a_field_from_the_values_is_fixed_in_the_values(given_: dict[str, str], written: dict[str, str]) -> None:
    source = chart_of(VALUES.format(**GOOD | given_), FROM_VALUES)
    done = fix_all(source)
    assert texts(source) | {"values.yaml": VALUES.format(**GOOD | written)} == texts(done.source)
    assert done.made


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    interval: 1m\n", "    interval: 5s # {{/* soon */}}\n"),
        ("maxWeight: 50", 'maxWeight: "50"  # {{ .Release.Name }}'),
        ("thresholdRange: {min: 99}", "threshold: {{ .Values.least }}"),
        ("  analysis:\n", "  canaryAnalysis: # {{ .Chart.Name }}\n"),
        ("name: web}\n  revert", "name: w\u0435b}\n  revert"),
        ("stepWeight: 10", "stepWeights: [10, 120]"),
    ],
)
def test_a_field_in_a_template_is_fixed_in_the_template(old: str, new: str) -> None:
    canary = CANARY.replace("    maxWeight: 50\n", "") if "stepWeights" in new else CANARY
    source = chart_of("least: 99\n", canary.replace(old, new, 1))
    done = fix_all(source)
    assert done.made
    assert done.refused == ()
    changed = [path for path in source.files if source.files[path] != done.source.files[path]]
    assert changed == ["templates/canary.yaml"]
    assert texts(done.source)["templates/canary.yaml"].count("{{") == source.releases.chart.text(changed[0]).count("{{")


def test_a_field_in_a_helper_is_fixed_in_the_helper() -> None:
    helper = '{{- define "web.analysis" -}}\ninterval: 5s\nthreshold: 5\nmaxWeight: 50\nstepWeight: 10\n{{- end }}\n'
    canary = ANALYSIS + '  analysis:\n    {{- include "web.analysis" . | nindent 4 }}\n'
    source = chart_of("{}\n", canary, templates___helpers_tpl=helper)
    done = fix_all(source)
    assert done.source.files["templates/_helpers.tpl"].decode() == helper.replace("5s", "10s")


def test_a_block_is_moved_with_its_comments_and_actions() -> None:
    block = "  metrics: # {{ .Chart.Name }}\n  # why\n  - name: request-success-rate\n    thresholdRange: {min: 99}\n"
    canary = CANARY.partition("    metrics:\n")[0] + block
    done = fix_all(chart_of("{}\n", canary))
    head = canary.removesuffix(block).replace(
        "  analysis:\n", "  analysis:\n    metrics: # {{ .Chart.Name }}\n    # why\n"
    )
    moved = "    - name: request-success-rate\n      thresholdRange: {min: 99}\n"
    expected = head.replace("    # why\n", "    # why\n" + moved)
    assert done.source.files["templates/canary.yaml"].decode() == expected


NOT_FIXED = {
    "built by the template": ("{}\n", CANARY.replace("interval: 1m\n    thr", 'interval: {{ "5" }}s\n    thr')),
    "from a part of a value": (
        "size: 5\n",
        CANARY.replace("interval: 1m\n    thr", "interval: {{ .Values.size }}s\n    thr"),
    ),
    "a default of the template": (
        "{}\n",
        CANARY.replace("interval: 1m\n    thr", 'interval: {{ .Values.size | default "5s" }}\n    thr'),
    ),
    "shared by an anchor": (
        "a: &a 5s\nb: *a\n",
        CANARY.replace("interval: 1m\n    thr", "interval: {{ .Values.a }}\n    thr"),
    ),
    "used elsewhere too": (
        "size: 5s\n",
        CANARY.replace("interval: 1m\n    thr", "interval: {{ .Values.size }}\n    thr")
        + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {size: {{ .Values.size }}}\n",
    ),
    "different in every rendering": (
        "{}\n",
        CANARY.replace("interval: 1m\n    thr", "interval: {{ list (randAlpha 9) | len | add 0 }}s\n    thr"),
    ),
}


@pytest.mark.parametrize(("values", "canary"), NOT_FIXED.values(), ids=NOT_FIXED)
def test_a_field_from_an_expression_is_not_fixed(values: str, canary: str) -> None:
    source = chart_of(values, canary)
    done = fix_all(source)
    assert [refused.finding.rule for refused in done.refused] == ["interval-below-ten-seconds"]
    assert done.refused[0].why
    assert done.source.files == source.files


def test_one_edit_fixes_all_canaries_of_a_loop() -> None:
    template = CANARY.replace("name: web", "name: {{ . }}").replace(
        "interval: 1m\n    thr", "interval: {{ $.Values.every }}\n    thr"
    )
    canary = f'{{{{- range list "web" "shop" }}}}\n---\n{template}{{{{- end }}}}\n'
    done = fix_all(chart_of("every: 5s\n", canary))
    assert texts(done.source)["values.yaml"] == "every: 10s\n"
    literal = canary.replace("{{ $.Values.every }}", "5s")
    done = fix_all(chart_of("{}\n", literal))
    assert texts(done.source)["templates/canary.yaml"] == literal.replace("5s", "10s")


def test_a_fix_that_reveals_a_mistake_fixes_both_or_neither() -> None:
    hook = "  webhooks:\n  - {{name: gate, type: {kind}, url: http://flagger-loadtester.flagger/gate/check}}\n"
    head = CANARY.replace("  service:", hook.format(kind="Confirm-Rollout") + "  service:")
    done = fix_all(chart_of("{}\n", head))
    assert (
        b"\n      type: confirm-rollout" in done.source.files["templates/canary.yaml"]
        or b"type: confirm-rollout" in (done.source.files["templates/canary.yaml"])
    )
    unknown = CANARY.replace("  service:", hook.format(kind="nonsense") + "  service:")
    source = chart_of("{}\n", unknown)
    done = fix_all(source)
    assert [refused.why for refused in done.refused] == ["the fix would introduce webhook-type-invalid"]
    assert done.source.files == source.files


@pytest.mark.parametrize("rule", [rule for rule in all_rules() if rule.fixes], ids=lambda rule: rule.id)
def test_the_edits_of_a_proven_fix_do_what_the_fix_does(rule: type[Rule]) -> None:
    offered = 0
    for example in page_of(rule).bad:
        source, cluster = editable_example(example)
        found = report_findings(engine, source.releases, (rule(cluster),))
        for finding in with_proven_fixes(source, found, (rule(cluster),)):
            if finding.fix is None:
                continue
            offered += 1
            after = source.with_files(
                {
                    edit.path.removeprefix("web/"): edited(source.files[edit.path.removeprefix("web/")], edit)
                    for edit in finding.fix.edits
                }
            )
            remaining = [left.fingerprint for left in report_findings(engine, after.releases, (rule(cluster),))]
            assert finding.fingerprint not in remaining
    assert offered


def edited(data: bytes, edit: Edit) -> bytes:
    lines = data.decode().split("\n")
    first, last = lines[edit.line - 1], lines[edit.end_line - 1]
    middle = first[: edit.column - 1] + edit.content + last[edit.end_column - 1 :]
    return "\n".join([*lines[: edit.line - 1], middle, *lines[edit.end_line :]]).encode()


COMMENTS = st.lists(st.sampled_from(["", "# plain", "# ü: {{ no }}", "#", "   # in"]), max_size=3)


@settings(max_examples=25)
@given(above=COMMENTS, behind=st.sampled_from(["", " # x", "   ", "\t# tab"]), newline=st.sampled_from(["\n", "\r\n"]),
       bom=st.booleans(), ends=st.booleans(), quote=st.sampled_from(["", "'", '"']))  # fmt: skip
def test_every_other_byte_stays(above: list[str], behind: str, newline: str, bom: bool, ends: bool, quote: str) -> None:
    def values(interval: str) -> str:
        lines = ["a: 1", *above, "canary:", *above, f"  interval: {quote}{interval}{quote}{behind}", *above]
        return ("\ufeff" if bom else "") + newline.join(lines) + (newline if ends else "")

    canary = CANARY.replace("interval: 1m\n    thr", "interval: {{ .Values.canary.interval }}\n    thr")
    done = fix_all(chart_of(values("5s"), canary))
    assert done.source.files["values.yaml"].decode() == values("10s")
