"""chartgen's verdicts against those a real API server gave (`fixtures/admission`, see docs/admission.md)."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chartgen.flagger.crd import Refusal, admit
from tests import admission
from tests.admission import Answer, answers, differences, field_path, release_of

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "fixtures" / "admission").glob("*.jsonl.gz"))
# The whole corpus takes long: `make quick` reads two files of it.
SAMPLES = [
    pytest.param(path, id=path.name, marks=() if path.name.startswith(("edges", "v1.36")) else pytest.mark.slow)
    for path in FILES
]
SHARED = ROOT.parent / "shared" / "flagger" / "admission"

CANARY: dict[str, Any] = {
    "apiVersion": "flagger.app/v1beta1",
    "kind": "Canary",
    "metadata": {"name": "web"},
    "spec": {
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "service": {"port": 80},
        "analysis": {"interval": "1m", "threshold": 5, "stepWeight": 10},
    },
}


def canary(**spec: Any) -> dict[str, Any]:
    return CANARY | {"spec": CANARY["spec"] | spec}


@pytest.mark.parametrize("path", SAMPLES)
def test_every_verdict_is_the_servers(path: Path) -> None:
    recorded = list(answers(path))
    assert len(recorded) > 200
    wrong = [
        (answer.line, found)
        for answer in recorded
        if (found := list(differences(answer, admit(answer.document, release_of(path)))))
    ]
    assert not wrong


def test_the_samples_are_of_the_current_files() -> None:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: the samples cannot be compared with their source")
    stale = [
        path.name for path in SHARED.glob("*.gz") if path.read_bytes() != (FILES[0].parent / path.name).read_bytes()
    ]
    assert not stale


@pytest.mark.parametrize("path", SAMPLES)
def test_what_is_stored_is_what_the_server_stores(path: Path) -> None:
    """The files carry the stored spec where it is not the one sent: pruned, nulls dropped, defaults put in."""
    compared = 0
    for answer in answers(path):
        verdict = admit(answer.document, release_of(path))
        if answer.accepted:
            assert verdict.stored is not None
            sent = answer.document.get("spec") if answer.stored is None else answer.stored
            assert as_floats(verdict.stored.get("spec")) == as_floats(sent), answer.line
            compared += 1
    assert compared > 90


def as_floats(value: Any) -> Any:
    """Numbers beyond a float's digits are written by the server in another way, with the same meaning."""
    return json.loads(json.dumps(value), parse_int=float)


@pytest.mark.parametrize("path", SAMPLES)
def test_refused_fields_are_the_servers_where_it_names_them(path: Path) -> None:
    """The server names no field for oneOf, CEL and integer ranges (`<nil>`), and more fields than need be below a
    oneOf that fails; of metadata it names the map, not the key."""
    compared = 0
    for answer in answers(path):
        ours = {field_path(refusal.at) for refusal in admit(answer.document, release_of(path)).refusals}
        theirs = answer.refused - {"<nil>"}
        if not theirs or any(field.startswith("metadata") for field in theirs):
            continue
        choices = {f for f in ours if any(t.startswith(f"{f}.") for t in theirs)}
        named = {field for field in theirs if not any(field.startswith(f"{choice}.") for choice in choices)}
        assert named <= ours | mistyped_list(answer), answer.line
        assert "<nil>" in answer.refused or ours <= theirs, answer.line
        compared += 1
    assert compared or path.name.startswith("edges")


def mistyped_list(answer: Answer) -> set[str]:
    """The CRD of 1.34 and later requires a key of a list (`mirror.backendRef`), which only a map there can lack."""
    return {"spec.service.mirror.backendRef"} & answer.refused


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"code": 422}, "the server says 422"),
        ({"pruned": frozenset({"spec.foo"})}, "only the server prunes ['spec.foo']"),
    ],
)
def test_a_difference_is_reported(change: dict[str, Any], word: str) -> None:
    answer = Answer(1, CANARY, 201, frozenset(), frozenset(), None, "")
    assert not list(differences(answer, admit(CANARY)))
    assert word in "\n".join(differences(replace(answer, **change), admit(CANARY)))


def test_command_counts_and_prints_the_first_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = {"doc": canary(foo=1), "code": 201, "warnings": ['unknown field "spec.foo"']}
    wrong = {"doc": CANARY, "code": 422, "message": "no"}
    plain = tmp_path / "v1.44.0.jsonl"
    plain.write_text("".join(json.dumps(line) + "\n" for line in (right, wrong, wrong)), encoding="utf-8")
    assert admission.main([str(plain)]) == 1
    out = capsys.readouterr().out
    assert "1 agree, 2 differ" in out
    assert f"{plain}:2:" in out
    assert f"{plain}:3:" not in out
    packed = tmp_path / "fresh.jsonl.gz"
    packed.write_bytes(gzip.compress(json.dumps(right).encode()))
    assert admission.main([str(packed), "--flagger-version", "v1.44.0"]) == 0
    assert "1 agree, 0 differ" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v1.44.0.jsonl", b"not json\n", "v1.44.0.jsonl:1"),
        ("v1.44.0.jsonl", b'{"doc": {}}\n', "KeyError"),
        ("v1.44.0.jsonl.gz", b"\x1f\x8bbroken", "v1.44.0.jsonl.gz"),
        ("v1.44.0.jsonl", b'{"doc": [], "code": 400}\n', "not an object"),
        ("some.jsonl", b"{}\n", "the name contains no Flagger release"),
    ],
)
def test_command_reports_an_unreadable_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert admission.main([str(path)]) == 2
    assert message in capsys.readouterr().err


def test_the_release_in_a_file_name() -> None:
    assert release_of(Path("v1.30.0.jsonl.gz")) == "1.30.0"
    assert release_of(Path("2026.11.23-v1.0.0-rc.2.jsonl")) == "1.0.0-rc.2"
    assert release_of(Path("flagger-1.9.0.jsonl")) == "1.9.0"


def test_command_says_when_the_release_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "v1.44.7.jsonl"
    path.write_text(json.dumps({"doc": CANARY, "code": 201}), encoding="utf-8")
    assert admission.main([str(path)]) == 0
    assert "1.44.7 is not known, judged by that of 1.44.0" in capsys.readouterr().err


def test_what_a_release_prunes_depends_on_the_release() -> None:
    fresh = canary(suspend=True)
    assert admit(fresh, "1.44.0").pruned == ()
    assert admit(fresh, "1.31.0").pruned == (("spec", "suspend"),)
    # Up to 1.5 the CRD was apiextensions v1beta1, which keeps what it does not know.
    assert admit(fresh, "1.5.0").pruned == ()


def test_refusals_have_a_route_and_a_message() -> None:
    analysis = {"interval": "1h", "stepWeight": 10, "iterations": 3, "threshold": "5"}
    assert set(admit(canary(analysis=analysis, service={})).refusals) == {
        Refusal(("spec", "service", "port"), "is required"),
        Refusal(("spec", "analysis", "interval"), '"1h" does not match ^[0-9]+(m|s)'),
        Refusal(("spec", "analysis", "threshold"), '"5" is not a number'),
        Refusal(
            ("spec", "analysis"),
            "needs interval and threshold, and exactly one of iterations, stepWeight or stepWeights;"
            " has interval, threshold, iterations and stepWeight",
        ),
    }


def test_a_nested_choice_is_reported_at_its_own_route() -> None:
    service = {"port": 80, "trafficPolicy": {"loadBalancer": {"consistentHash": {}}}}
    (refusal,) = admit(canary(service=service)).refusals
    assert refusal.at == ("spec", "service", "trafficPolicy", "loadBalancer", "consistentHash")
    assert refusal.message.startswith("needs exactly one of httpHeaderName, httpCookie, useSourceIp")


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan"), 10**400])
def test_numbers_no_float_can_hold(number: float) -> None:
    """The server answers 400 to 1e400; JSON has no NaN."""
    (refusal,) = admit(canary(progressDeadlineSeconds=number)).refusals
    assert refusal.at == ("spec", "progressDeadlineSeconds")


def test_a_removed_api_version() -> None:
    old = CANARY | {"apiVersion": "flagger.app/v1alpha3"}
    assert admit(old, "1.5.0").accepted
    (refusal,) = admit(old, "1.6.0").refusals
    assert refusal.at == ("apiVersion",)


def test_another_kind() -> None:
    (refusal,) = admit({"apiVersion": "apps/v1", "kind": "Deployment"}).refusals
    assert refusal.at == ("kind",)
    assert "Canary" in refusal.message


def test_the_document_stays_as_it_was() -> None:
    document = canary(foo={"bar": None}, provider=None)
    before = json.dumps(document)
    admit(document)
    assert json.dumps(document) == before
