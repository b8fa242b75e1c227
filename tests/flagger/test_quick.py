"""The quick check agrees with the library on every recorded document: it is sure only of what is right."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from chartgen.flagger.crd import admission, validation
from chartgen.flagger.crd.fields import structural_schema
from chartgen.flagger.crd.quick import is_surely_valid
from chartgen.flagger.crd.releases import known_versions
from chartgen.flagger.crd.validation import schema_violations
from tests.admission import answers
from tests.conftest import LONG_RUN, ROOT

RECORDED = sorted((ROOT / "fixtures" / "admission").glob("*.jsonl.gz"))


@pytest.mark.slow
@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.name)
def test_the_quick_check_is_sure_only_of_what_the_library_accepts(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    release = next(part for part in file.name.removesuffix(".jsonl.gz").split("-") if part.startswith("v"))
    seen: list[tuple[bool, bool]] = []

    def both(body: dict[str, Any], kind: str, release: str) -> Any:
        sure = is_surely_valid(structural_schema(kind, release), body, validation.EXTENSIONS)
        violations = list(validation.violations(validation.validator_of(structural_schema(kind, release)), body))
        seen.append((sure, not violations))
        return violations

    monkeypatch.setattr(admission, "schema_violations", both)
    recorded = list(answers(file))
    for answer in recorded[:: 1 if LONG_RUN else max(1, len(recorded) // 150)]:
        admission.admit(answer.document, release)
    assert not [pair for pair in seen if pair == (True, False)]
    accepted = [sure for sure, valid in seen if valid]
    # Nulls and floats are left to the library.
    assert sum(accepted) >= 0.9 * len(accepted) > 0


def test_every_word_of_the_crds_is_known() -> None:
    """A schema with an unknown word is never sure, which makes it slow."""
    document = {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "service": {"port": 80},
            "analysis": {"interval": "1m", "threshold": 5, "maxWeight": 50, "stepWeight": 5},
        },
    }
    for release in known_versions()[-30:]:
        assert is_surely_valid(structural_schema("Canary", release), document, validation.EXTENSIONS)
        assert list(schema_violations(document, "Canary", release)) == []


SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("ab", max_size=3)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "object", "array"])
_NUMBERS = st.integers(-2, 2)
_LENGTHS = st.integers(0, 2)


def _schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
            "additionalProperties": st.booleans() | inner,
            "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
            "items": inner,
            "maxItems": _LENGTHS,
            "minItems": _LENGTHS,
            "maxProperties": _LENGTHS,
            "minLength": _LENGTHS,
            "maxLength": _LENGTHS,
            "minimum": _NUMBERS,
            "maximum": _NUMBERS,
            "pattern": st.sampled_from(["^a", "b$", "^[ab]*$"]),
            "enum": st.lists(SCALARS, min_size=1, max_size=3),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
        },
    )


@given(schema=st.recursive(_schemas(st.just({})), _schemas, max_leaves=6), value=VALUES)
def test_it_is_sure_only_of_valid_values(schema: Any, value: Any) -> None:
    if is_surely_valid(schema, value):
        assert Draft202012Validator(schema).is_valid(value)
