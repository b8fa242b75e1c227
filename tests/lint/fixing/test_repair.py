"""Where a fix is written, byte by byte, and which fixes are not made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartgen.lint.fixing.fixer import with_proven_fixes
from chartgen.lint.run_rules import findings_of
from chartgen.rules.page import page_of
from chartgen.rules.registry import all_rules
from tests.lint.charts import CANARY, files, in_memory
from tests.lint.fixing.benches import bench_of, bench_of_example, fixed_bench
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
    return bench_of(in_memory(files(values, canary, **more)))


def texts(bench: EditableSource) -> dict[str, str]:
    return {path: data.decode() for path, data in bench.files.items()}


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
def test_what_the_values_make_is_written_there(given_: dict[str, str], written: dict[str, str]) -> None:
    bench = chart_of(VALUES.format(**GOOD | given_), FROM_VALUES)
    done = fixed_bench(bench)
    assert texts(bench) | {"values.yaml": VALUES.format(**GOOD | written)} == texts(done.bench)
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
def test_what_a_template_spells_is_written_there(old: str, new: str) -> None:
    canary = CANARY.replace("    maxWeight: 50\n", "") if "stepWeights" in new else CANARY
    bench = chart_of("least: 99\n", canary.replace(old, new, 1))
    done = fixed_bench(bench)
    assert done.made
    assert done.refused == ()
    changed = [path for path in bench.files if bench.files[path] != done.bench.files[path]]
    assert changed == ["templates/canary.yaml"]
    assert texts(done.bench)["templates/canary.yaml"].count("{{") == bench.releases.chart.text(changed[0]).count("{{")


def test_what_a_helper_spells_is_written_there() -> None:
    helper = '{{- define "web.analysis" -}}\ninterval: 5s\nthreshold: 5\nmaxWeight: 50\nstepWeight: 10\n{{- end }}\n'
    canary = ANALYSIS + '  analysis:\n    {{- include "web.analysis" . | nindent 4 }}\n'
    bench = chart_of("{}\n", canary, templates___helpers_tpl=helper)
    done = fixed_bench(bench)
    assert done.bench.files["templates/_helpers.tpl"].decode() == helper.replace("5s", "10s")


def test_a_block_is_moved_with_its_comments_and_actions() -> None:
    block = "  metrics: # {{ .Chart.Name }}\n  # why\n  - name: request-success-rate\n    thresholdRange: {min: 99}\n"
    canary = CANARY.partition("    metrics:\n")[0] + block
    done = fixed_bench(chart_of("{}\n", canary))
    head = canary.removesuffix(block).replace(
        "  analysis:\n", "  analysis:\n    metrics: # {{ .Chart.Name }}\n    # why\n"
    )
    moved = "    - name: request-success-rate\n      thresholdRange: {min: 99}\n"
    expected = head.replace("    # why\n", "    # why\n" + moved)
    assert done.bench.files["templates/canary.yaml"].decode() == expected


NOT_MADE = {
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
    "of use elsewhere too": (
        "size: 5s\n",
        CANARY.replace("interval: 1m\n    thr", "interval: {{ .Values.size }}\n    thr")
        + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {size: {{ .Values.size }}}\n",
    ),
    "set anew by every rendering": (
        "{}\n",
        CANARY.replace("interval: 1m\n    thr", "interval: {{ list (randAlpha 9) | len | add 0 }}s\n    thr"),
    ),
}


@pytest.mark.parametrize(("values", "canary"), NOT_MADE.values(), ids=NOT_MADE)
def test_what_is_not_spelt_plainly_is_not_touched(values: str, canary: str) -> None:
    bench = chart_of(values, canary)
    done = fixed_bench(bench)
    assert [one.finding.rule for one in done.refused] == ["interval-below-ten-seconds"]
    assert done.refused[0].why
    assert done.bench.files == bench.files


def test_what_makes_several_canaries_is_fixed_for_all_of_them() -> None:
    one = CANARY.replace("name: web", "name: {{ . }}").replace(
        "interval: 1m\n    thr", "interval: {{ $.Values.every }}\n    thr"
    )
    canary = f'{{{{- range list "web" "shop" }}}}\n---\n{one}{{{{- end }}}}\n'
    done = fixed_bench(chart_of("every: 5s\n", canary))
    assert texts(done.bench)["values.yaml"] == "every: 10s\n"
    literal = canary.replace("{{ $.Values.every }}", "5s")
    done = fixed_bench(chart_of("{}\n", literal))
    assert texts(done.bench)["templates/canary.yaml"] == literal.replace("5s", "10s")


def test_a_fix_that_uncovers_a_mistake_takes_it_along_or_is_not_made() -> None:
    hook = "  webhooks:\n  - {{name: gate, type: {kind}, url: http://flagger-loadtester.flagger/gate/check}}\n"
    head = CANARY.replace("  service:", hook.format(kind="Confirm-Rollout") + "  service:")
    done = fixed_bench(chart_of("{}\n", head))
    assert (
        b"\n      type: confirm-rollout" in done.bench.files["templates/canary.yaml"]
        or b"type: confirm-rollout" in (done.bench.files["templates/canary.yaml"])
    )
    unknown = CANARY.replace("  service:", hook.format(kind="nonsense") + "  service:")
    bench = chart_of("{}\n", unknown)
    done = fixed_bench(bench)
    assert [one.why for one in done.refused] == ["the fix would introduce webhook-type-invalid"]
    assert done.bench.files == bench.files


@pytest.mark.parametrize("rule", [rule for rule in all_rules() if rule.fixes], ids=lambda rule: rule.id)
def test_the_edits_of_an_offer_do_what_the_fix_does(rule: type[Rule]) -> None:
    offered = 0
    for example in page_of(rule).bad:
        bench, cluster = bench_of_example(example)
        found = findings_of(engine, bench.releases, (rule(cluster),))
        for finding in with_proven_fixes(bench, found, (rule(cluster),)):
            if finding.fix is None:
                continue
            offered += 1
            after = bench.with_files(
                {
                    edit.path.removeprefix("web/"): edited(bench.files[edit.path.removeprefix("web/")], edit)
                    for edit in finding.fix.edits
                }
            )
            left = [one.fingerprint for one in findings_of(engine, after.releases, (rule(cluster),))]
            assert finding.fingerprint not in left
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
    done = fixed_bench(chart_of(values("5s"), canary))
    assert done.bench.files["values.yaml"].decode() == values("10s")
