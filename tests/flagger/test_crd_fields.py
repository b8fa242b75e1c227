from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chartgen.errors import UsageError
from chartgen.flagger.crd import NEWEST, field_span, known_fields, known_versions, nearest, served_versions
from chartgen.flagger.crd.fields import kinds, structural_schema
from chartgen.flagger.crd.releases import facts
from chartgen.flagger.crd.validation import CEL_RULES

# What the schema, pruning and defaulting know how to read; a keyword that is not here would be passed over.
UNDERSTOOD = {
    *("since", "until", "required", "type", "format", "pattern", "enum", "default", "minimum", "maximum"),
    *("minLength", "maxLength", "maxItems", "oneOf", "anyOf"),
    *("x-kubernetes-int-or-string", "x-kubernetes-validations", "x-elements-not-checked"),
}
FORMATS = {"int32", "string", "url", "date-time"}


def all_forms() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (kind, path, form)
        for kind, entry in facts()["kinds"].items()
        for path, forms in entry["fields"].items()
        for form in forms
    ]


def test_the_code_handles_every_keyword_of_the_data() -> None:
    words = {word for _, _, form in all_forms() for word in form}
    assert words <= UNDERSTOOD
    assert {form["format"] for _, _, form in all_forms() if "format" in form} <= FORMATS
    rules = {rule["rule"] for _, _, form in all_forms() for rule in form.get("x-kubernetes-validations", ())}
    assert rules == set(CEL_RULES)


def test_date_times_are_in_status_only() -> None:
    """Which is why their format is not checked: creating drops status before anything is validated."""
    assert all(path.startswith("status.") for _, path, form in all_forms() if form.get("format") == "date-time")


def test_spans_follow_each_other() -> None:
    order = known_versions().index
    for entry in facts()["kinds"].values():
        for path, forms in entry["fields"].items():
            starts = [order(form["since"]) for form in forms]
            assert starts == sorted(set(starts)), path
            assert all(form.get("until") == forms[0].get("until") for form in forms), path


def test_newest_is_the_newest_known() -> None:
    assert known_versions()[-1] == NEWEST
    assert len(known_versions()) > 100


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("1.44.0", "1.44.0"),
        ("v1.44.0", "1.44.0"),
        ("1.44", "1.44.0"),
        ("1.36.9", "1.36.1"),
        ("1.99.0", NEWEST),
        ("1.0.0-rc.2", "1.0.0-rc.2"),
        ("1.0.0", "1.0.0"),
        ("0.1.0-alpha.9", "0.1.0-alpha.2"),
    ],
)
def test_nearest(asked: str, known: str) -> None:
    assert nearest(asked) == known


@pytest.mark.parametrize("asked", ["", "latest", "1", "0.0.0", "1.2.3.4", "2.0.0", "9.9.9"])
def test_no_release(asked: str) -> None:
    with pytest.raises(UsageError) as caught:
        nearest(asked)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("route", "span"),
    [
        (("spec", "suspend"), ("1.32.0", NEWEST)),
        (("spec", "analysis", "webhooks", 3, "retries"), ("1.35.0", NEWEST)),
        (("spec", "analysis", "webhooks", 3), ("1.0.0-rc.1", NEWEST)),
        (("spec", "analysis", "metrics", 0, "templateVariables", "any.key"), ("1.29.0", NEWEST)),
        (("spec", "analysis", "match", 0, "headers", "x/y", "suffix"), ("1.0.0-rc.1", NEWEST)),
        (("spec", "service", "match", 0, "uri", "suffix"), ("1.0.0-rc.1", "1.6.0")),
        (("spec", "canaryAnalysis", "threshold"), ("0.0.1", "0.23.0")),
        (("spec", "service", "headers", "request.add"), None),
        (("spec", "suspent"), None),
        (("metadata", "name"), None),
        ((), None),
    ],
)
def test_field_span(route: tuple[str | int, ...], span: tuple[str, str] | None) -> None:
    assert field_span(route) == span


def test_field_span_of_another_kind() -> None:
    assert field_span(("spec", "provider", "insecureSkipVerify"), "MetricTemplate") == ("1.12.0", NEWEST)


def test_known_fields() -> None:
    assert known_fields(("spec", "analysis", "sessionAffinity"), "1.30.0") == ("cookieName", "maxAge")
    assert "primaryCookieName" in known_fields(("spec", "analysis", "sessionAffinity"), "1.41.0")
    assert known_fields(("spec", "analysis", "metrics", 2, "templateVariables")) == ()
    assert known_fields(("spec", "nowhere", 1)) == ()


def test_served_versions() -> None:
    assert served_versions() == dict.fromkeys(kinds(), ("flagger.app/v1beta1",))
    assert served_versions("1.5.0")["Canary"] == ("flagger.app/v1beta1", "flagger.app/v1alpha3")
    assert set(served_versions("0.23.0")) == {"Canary"}


@pytest.mark.parametrize("release", ["1.30.0", "1.36.1", "1.37.0", "1.38.0", "1.41.0", "1.43.0", "1.44.0"])
def test_the_schema_is_the_crds(release: str) -> None:
    """Node for node, the schema put together from the data is the one of the release's real CRD."""
    crd = crd_of(release)
    if crd is None:
        missing = (
            f"flagger@v{release} is not in the Go module cache (go mod download github.com/fluxcd/flagger@v{release})"
        )
        pytest.skip(missing)
    for kind, schema in crd.items():
        real = {word: schema["properties"][word] for word in ("spec", "status") if word in schema["properties"]}
        assert normal(structural_schema(kind, release)["properties"]) == normal(real), kind


def crd_of(release: str) -> dict[str, Any] | None:
    """Kind -> schema of the CRDs in the Go module cache."""
    from ruamel.yaml import YAML

    go = shutil.which("go")
    cache = os.environ.get("GOMODCACHE") or (
        go and subprocess.check_output([go, "env", "GOMODCACHE"], text=True).strip()
    )
    path = Path(cache or "") / "github.com/fluxcd" / f"flagger@v{release}" / "artifacts/flagger/crd.yaml"
    if not cache or not path.is_file():
        return None
    documents = [document for document in YAML(typ="safe").load_all(path) if document]
    return {
        document["spec"]["names"]["kind"]: document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        for document in documents
    }


def normal(value: Any, *, properties: bool = False) -> Any:
    """Without descriptions, without CEL's messages, required names in order, and without the `required` of a list."""
    if isinstance(value, list):
        return [normal(item) for item in value]
    if not isinstance(value, dict):
        return value
    if properties:
        return {name: normal(node) for name, node in value.items()}
    skipped = {"description", "message"} | ({"required"} if value.get("type") == "array" else set())
    kept = {word: normal(held, properties=word == "properties") for word, held in value.items() if word not in skipped}
    if "type" in kept and "required" in kept:
        kept["required"] = sorted(kept["required"])
    return json.loads(json.dumps(kept))
