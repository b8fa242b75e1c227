"""Write `schemas/flagger-fields.json`: every field of Flagger's CRDs and what the API server checks of it, per release.

    python bench/flagger_fields.py HISTORY [RELEASE=CRD ...] > schemas/flagger-fields.json

HISTORY is a field history (`../shared/flagger/field-history.json`): all fields of all releases, with their types,
enums, patterns and required siblings. It says of a `oneOf` only which key sets it names. Each RELEASE=CRD
(`v1.44.0=artifacts/flagger/crd.yaml`, for instance out of the Go module cache) gives the whole structure of one
release, and its facts replace those of the history for as long as the history says that the field stayed the same.
`status` is in the CRDs only: a field of it is taken to be as old as the first CRD given that has it.
Structure is carried over, descriptions are not.

The file: `releases` in order, `pruning` (the first release whose CRD is apiextensions v1, so that unknown fields are
pruned), and per kind `served` (spans of API versions) and `fields`: path -> forms, each a span with the JSON Schema
keywords of that node alone. In a path `[]` states for the items of a list and `*` for the values of a map.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Node = dict[str, Any]
Forms = list[Node]

KEYWORDS = ("format", "pattern", "enum", "default", "minimum", "maximum", "minLength", "maxLength", "maxItems")
BELOW = ("properties", "items", "additionalProperties", "description")
PRUNING_SINCE = "1.6.0"


def schema_node(fact: Node) -> Node:
    """One node's JSON Schema keywords from one form of the history."""
    node: Node = {}
    match fact.get("type"):
        case None:
            pass
        case "int-or-string":
            node["x-kubernetes-int-or-string"] = True
        case str(name) if "|" in name:
            node["anyOf"] = [{"type": one} for one in name.split("|")]
        case name:
            node["type"] = name
    node |= {word: fact[word] for word in KEYWORDS if word in fact}
    if sets := fact.get("oneOfRequired"):
        node["oneOf"] = [{"required": names} for names in sets]
    if rules := fact.get("celRules"):
        node["x-kubernetes-validations"] = [{"rule": rule} for rule in rules]
    if fact.get("elementSchemaNotEnforced"):
        node["x-elements-not-checked"] = True
    return node


def forms_of(field: Node) -> Forms:
    """The forms a field has had, oldest first: each since when, and until when the field is there."""
    unchecked = {"elementSchemaNotEnforced": field.get("elementSchemaNotEnforced")}
    forms = field.get("changes") or [field | {"since": field["firstTag"]}]
    spans = [{"since": form["since"], "until": field["lastTag"], "required": form["required"]} for form in forms]
    return [span | schema_node(unchecked | form) for span, form in zip(spans, forms, strict=True)]


def flatten(schema: Node, path: str = "", *, required: bool = False) -> dict[str, Node]:
    """Every node of a CRD's schema by path, with its own keywords only."""
    own = {word: value for word, value in schema.items() if word not in BELOW and word != "required"}
    nodes = {path: {"required": required} | without_messages(own)}
    for name, node in (schema.get("properties") or {}).items():
        nodes |= flatten(node, f"{path}.{name}".lstrip("."), required=name in schema.get("required", ()))
    for suffix, word in (("[]", "items"), (".*", "additionalProperties")):
        if isinstance(schema.get(word), dict):
            nodes |= flatten(schema[word], path + suffix)
    return nodes


def without_messages(own: Node) -> Node:
    rules = own.get("x-kubernetes-validations")
    return own | ({"x-kubernetes-validations": [{"rule": rule["rule"]} for rule in rules]} if rules else {})


def crds(path: Path) -> dict[str, dict[str, Node]]:
    """Kind -> path -> node, of the served version of each CRD in a file."""
    documents = [document for document in YAML(typ="safe").load_all(path) if document]
    return {
        document["spec"]["names"]["kind"]: flatten(document["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
        for document in documents
    }


class Merge:
    """One kind's history with the facts of real CRDs put in."""

    def __init__(self, fields: dict[str, Forms], releases: list[str]) -> None:
        self.fields = fields
        self.releases = releases
        self.seen: dict[int, str] = {}

    def live(self, path: str, release: str) -> Node | None:
        """The form of a field in a release."""
        at = self.releases.index(release)
        forms = [form for form in self.fields.get(path, ()) if self.releases.index(form["since"]) <= at]
        return forms[-1] if forms and at <= self.releases.index(forms[-1]["until"]) else None

    def correct(self, release: str, real: dict[str, Node]) -> None:
        for path, node in real.items():
            if path.startswith(("spec", "status")):
                self.put(path, node, release)
        for path in self.fields:
            if path not in real and self.live(path, release):
                sys.exit(f"{release}: {path} is in the history only")

    def put(self, path: str, node: Node, release: str) -> None:
        form = self.live(path, release) or self.added(path, release)
        facts = {word: form[word] for word in ("since", "until")} | node
        if form != facts and id(form) in self.seen:
            sys.exit(f"{path}: {release} and {self.seen[id(form)]} differ, the history says they do not")
        form.clear()
        form.update(facts)
        self.seen[id(form)] = release

    def added(self, path: str, release: str) -> Node:
        """The form of a node of which the history has no line: items that are objects, and everything in `status`."""
        forms = self.fields.setdefault(path, [])
        if path.endswith("[]"):
            above = self.live(path.removesuffix("[]"), release) or {}
            forms[:] = [{"since": above["since"], "until": above["until"]}]
        elif path.startswith("status"):
            later = next((seen for seen in [*self.seen.values()][::-1] if seen != release), None)
            since = self.releases[self.releases.index(later) + 1] if later else self.releases[0]
            forms[:] = [{"since": since, "until": self.releases[-1]}]
        else:
            sys.exit(f"{release}: {path} is not in the history")
        return forms[0]


def main(history_path: str, *crd_files: str) -> None:
    # Releases are written as Flagger's image tags are, without the `v` some Git tags have.
    history = json.loads(re.sub(r'"v(?=\d+\.)', '"', Path(history_path).read_text(encoding="utf-8")))
    releases = list(history["perTag"])
    merges = {
        kind: Merge({path: forms_of(field) for path, field in section["fields"].items()}, releases)
        for kind, section in {"Canary": history, **{k: history[k] for k in ("MetricTemplate", "AlertProvider")}}.items()
    }
    for release, _, path in (argument.partition("=") for argument in crd_files):
        for kind, real in crds(Path(path)).items():
            merges[kind].correct(release.removeprefix("v"), real)
    sys.stdout.write(text(history, releases, merges))


def text(history: Node, releases: list[str], merges: dict[str, Merge]) -> str:
    """The file: one line per form, so that a change of one release reads as one changed line."""
    head = {"releases": releases, "pruning": PRUNING_SINCE}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    kinds = [
        f'  {json.dumps(kind)}: {{\n   "served": {json.dumps(served(history, kind))},\n   "fields": {{\n'
        + ",\n".join(
            f"    {json.dumps(path)}: {shown(forms, releases[-1])}" for path, forms in sorted(merge.fields.items())
        )
        + "\n   }\n  }"
        for kind, merge in merges.items()
    ]
    return "{\n" + ",\n".join(lines) + ',\n "kinds": {\n' + ",\n".join(kinds) + "\n }\n}\n"


def shown(forms: Forms, newest: str) -> str:
    """Forms without what goes without saying: not required, and there until the newest release."""
    usual = {"required": False, "until": newest}
    return json.dumps(
        [{word: value for word, value in form.items() if usual.get(word, form) != value} for form in forms]
    )


def served(history: Node, kind: str) -> list[Node]:
    """The API versions the server serves of a kind, each with its span."""
    if kind == "Canary":
        return [
            {"version": version, "since": span["firstTag"], "until": span["lastTag"]}
            for version, spans in history["apiVersionSpans"].items()
            for span in spans
            if span["served"]
        ]
    first, versions = history[kind]["firstTag"], history[kind]["apiVersionsAtNewest"]
    return [{"version": version, "since": first, "until": history["newestTag"]} for version in versions]


if __name__ == "__main__":
    main(*sys.argv[1:])
