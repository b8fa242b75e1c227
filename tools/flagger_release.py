"""Add a Flagger release to `schemas/flagger-fields.json`: every field of its CRDs and what the API server checks of it.

    python -m tools.flagger_release 1.45.0 [artifacts/flagger/crd.yaml]
    python -m tools.flagger_release --remove 1.45.0

Without a file the CRDs are taken from Flagger's Go module (`go mod download`). The newest release of the data, given
again, is compared with its CRDs; `--remove` takes it out. Structure is carried over, descriptions are not.

The data holds the history of every field: `releases` in order, `pruning` (the first release whose CRD is apiextensions
v1, so that unknown fields are pruned), and per kind `served` (spans of API versions) and `fields`: path -> forms, each
a span (`since`, and `until` if the field was removed) with the JSON Schema keywords of that node alone, and `required`
if the node above requires it. In a path `[]` means the items of a list and `*` the values of a map.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DATA = Path(__file__).parents[1] / "schemas" / "flagger-fields.json"
MODULE = "github.com/fluxcd/flagger"
RELEASE = re.compile(r"\d+\.\d+\.\d+(-(alpha|beta|rc)\.\d+)?")

# The keywords of one node of a schema; a form is a node with its span.
Node = dict[str, Any]
Form = dict[str, Any]

BELOW = ("properties", "items", "additionalProperties", "description", "required")
SPAN = ("since", "until")


@dataclass(frozen=True, slots=True)
class Crd:
    """One kind in one release: the served API versions, and each path with its node."""

    served: tuple[str, ...]
    nodes: dict[str, Node]


def crds(path: Path) -> dict[str, Crd]:
    """Kind -> CRD of each CustomResourceDefinition in a file."""
    found = {}
    for document in YAML(typ="safe").load_all(path):
        if document:
            spec = document["spec"]
            schema = spec["versions"][0]["schema"]["openAPIV3Schema"]
            nodes = {at: node for at, node in flatten(schema).items() if at.startswith(("spec", "status"))}
            served = tuple(version["name"] for version in spec["versions"] if version["served"])
            found[spec["names"]["kind"]] = Crd(served, nodes)
    return found


def flatten(schema: Node, path: str = "", *, required: bool = False) -> dict[str, Node]:
    """Every node of a schema by its path, with its own keywords only."""
    own = {word: value for word, value in schema.items() if word not in BELOW}
    if rules := own.get("x-kubernetes-validations"):
        own["x-kubernetes-validations"] = [{"rule": rule["rule"]} for rule in rules]
    nodes = {path: ({"required": True} if required else {}) | own}
    for name, node in (schema.get("properties") or {}).items():
        nodes |= flatten(node, f"{path}.{name}".lstrip("."), required=name in schema.get("required", ()))
    for suffix, word in (("[]", "items"), (".*", "additionalProperties")):
        if isinstance(schema.get(word), dict):
            nodes |= flatten(schema[word], path + suffix)
    return nodes


def with_release(data: Node, release: str, found: dict[str, Crd]) -> Node:
    """The data with one more release, newer than all it holds."""
    newest = data["releases"][-1]
    kinds = data["kinds"] | {kind: {"served": [], "fields": {}} for kind in found if kind not in data["kinds"]}
    return data | {
        "releases": [*data["releases"], release],
        "kinds": {kind: kind_with_release(entry, newest, release, found[kind]) for kind, entry in kinds.items()},
    }


def kind_with_release(entry: Node, newest: str, release: str, crd: Crd) -> Node:
    fields = {
        path: forms_with_release(entry["fields"].get(path, []), newest, release, crd.nodes.get(path))
        for path in entry["fields"] | crd.nodes
    }
    return {"served": served_with_release(entry["served"], newest, release, crd.served), "fields": fields}


def forms_with_release(forms: list[Form], newest: str, release: str, node: Node | None) -> list[Form]:
    """The forms of one field once the release has `node` there, or nothing (None)."""
    if not forms:
        return [{"since": release} | (node or {})]
    gone = "until" in forms[-1]
    if node is None:
        return forms if gone else [{"since": form["since"], "until": newest} | keywords(form) for form in forms]
    if gone:
        sys.exit(f"a field returns in {release} that {forms[-1]['until']} had last: {json.dumps(node)}; add it by hand")
    return forms if keywords(forms[-1]) == node else [*forms, {"since": release} | node]


def without_newest(data: Node) -> Node:
    """The data without its newest release: what `with_release` was given."""
    releases = data["releases"]
    newest, before = releases[-1], releases[-2]
    kinds = {}
    for kind, entry in data["kinds"].items():
        fields = {path: forms_without(newest, before, forms) for path, forms in entry["fields"].items()}
        spans = [span for span in entry["served"] if span["since"] != newest]
        served = [span | {"until": before} if span["until"] == newest else span for span in spans]
        kinds[kind] = {"served": served, "fields": {path: forms for path, forms in fields.items() if forms}}
    kept = {kind: entry for kind, entry in kinds.items() if entry["served"]}
    return data | {"releases": releases[:-1], "kinds": kept}


def forms_without(newest: str, before: str, forms: list[Form]) -> list[Form]:
    """The forms of one field without those of the newest release; a field that ended before it has no end yet."""
    kept = [form for form in forms if form["since"] != newest]
    return [{word: value for word, value in form.items() if (word, value) != ("until", before)} for form in kept]


def keywords(form: Form) -> Node:
    """A form without its span."""
    return {word: value for word, value in form.items() if word not in SPAN}


def served_with_release(spans: list[Node], newest: str, release: str, served: tuple[str, ...]) -> list[Node]:
    live = {span["version"] for span in spans if span["until"] == newest}
    kept = [
        span | {"until": release} if span["until"] == newest and span["version"] in served else span for span in spans
    ]
    return kept + [{"version": each, "since": release, "until": release} for each in served if each not in live]


def newest_nodes(entry: Node) -> dict[str, Node]:
    """The nodes of a kind in the newest release of the data."""
    return {path: keywords(forms[-1]) for path, forms in entry["fields"].items() if "until" not in forms[-1]}


def changes(before: dict[str, Node], after: dict[str, Node]) -> list[str]:
    """One line for each field that was added, removed or changed."""
    marks = {path: "+" if path not in before else "-" if path not in after else "~" for path in before | after}
    return [f"{mark} {path}" for path, mark in sorted(marks.items()) if before.get(path) != after.get(path)]


def text(data: Node) -> str:
    """The file: one line per field, so that a change of one release reads as one changed line."""
    head = [f" {json.dumps(key)}: {json.dumps(data[key])}" for key in ("releases", "pruning")]
    kinds = [
        f'  {json.dumps(kind)}: {{\n   "served": {json.dumps(entry["served"])},\n   "fields": {{\n'
        + ",\n".join(f"    {json.dumps(path)}: {json.dumps(forms)}" for path, forms in sorted(entry["fields"].items()))
        + "\n   }\n  }"
        for kind, entry in data["kinds"].items()
    ]
    return "{\n" + ",\n".join(head) + ',\n "kinds": {\n' + ",\n".join(kinds) + "\n }\n}\n"


def crd_in_go_module(release: str) -> Path:
    """The CRDs of a release in Go's module cache, downloaded if they are missing."""
    command = ["go", "mod", "download", "-json", f"{MODULE}@v{release}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        sys.exit("go is not installed: install Go, or name the file with CRD=artifacts/flagger/crd.yaml")
    answer = json.loads(done.stdout or "{}")
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: {answer.get('Error') or done.stderr.strip()}")
    return Path(answer["Dir"]) / "artifacts" / "flagger" / "crd.yaml"


def add(data_file: Path, release: str, crd_file: Path | None) -> int:
    """Add the release and list what changed; 1 if the data holds it already and differs."""
    data = json.loads(data_file.read_text(encoding="utf-8"))
    newest = data["releases"][-1]
    if release in data["releases"] and release != newest:
        sys.exit(f"{release} is already in {data_file.name}; only {newest}, the newest, can be compared with its CRD")
    crd_file = crd_file or crd_in_go_module(release)
    found = crds(crd_file)
    lines = [
        f"{kind} {line}"
        for kind, crd in found.items()
        for line in changes(newest_nodes(data["kinds"].get(kind, {"fields": {}})), crd.nodes)
    ]
    print(f"{release} compared with the data on {newest}:", *(lines or ["no field differs"]), sep="\n  ")
    if release == newest:
        return 1 if lines else 0
    if missing := [kind for kind in data["kinds"] if kind not in found]:
        sys.exit(f"{crd_file} has no CRD of {', '.join(missing)}")
    data_file.write_text(text(with_release(data, release, found)), encoding="utf-8")
    print(f"added {release} to {data_file.name}; CONTRIBUTING.md lists what to do next")
    return 0


def remove(data_file: Path, release: str) -> int:
    """Take the newest release out of the data."""
    data = json.loads(data_file.read_text(encoding="utf-8"))
    if release != data["releases"][-1]:
        sys.exit(f"only {data['releases'][-1]}, the newest release of {data_file.name}, can be removed")
    data_file.write_text(text(without_newest(data)), encoding="utf-8")
    print(f"removed {release} from {data_file.name}")
    return 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="flagger_release", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("release", help="a release as its image tag writes it, such as 1.45.0")
    parser.add_argument(
        "crd", nargs="?", type=Path, help="its artifacts/flagger/crd.yaml (default: from the Go module)"
    )
    parser.add_argument("--data", type=Path, default=DATA, help="the file to extend")
    parser.add_argument("--remove", action="store_true", help="take the newest release out of the data instead")
    given = parser.parse_args(arguments)
    release = given.release.removeprefix("v")
    if not RELEASE.fullmatch(release):
        parser.error(f"{given.release!r} is not a Flagger release such as 1.45.0")
    if given.remove:
        return remove(given.data, release)
    return add(given.data, release, given.crd)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
