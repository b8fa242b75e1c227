"""Compare chartgen's verdicts with an API server's.

    python -m tests.admission FILE… [--flagger-version 1.44.0]

Each FILE (.jsonl or .jsonl.gz) holds one JSON document a line with `doc`, the document as it was sent to a real API server,
and that server's answer: `code` (201 is accepted), `warnings`, `causes`, `stored`. Where no release is given, the
file's name contains it (`v1.30.0.jsonl.gz`). It compares the verdict and the set of pruned fields.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.errors import ChartgenError, UsageError
from chartgen.flagger.crd import NEWEST, Verdict, admit, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chartgen.manifests.manifest import Route

CREATED = 201
# Nothing is stored of such a document, so nothing is pruned of it.
UNDECODABLE = {400, 500}

# The closing quote may be missing or escaped: it is one of a header's own.
_UNKNOWN_FIELD = re.compile(r'unknown field \\?"(.*?)\\?"?', re.DOTALL)
_RELEASE_IN_NAME = r"\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one line of a file says."""

    line: int
    document: dict[str, Any]
    code: int
    pruned: frozenset[str]
    refused: frozenset[str]
    stored: Any
    message: str

    @property
    def accepted(self) -> bool:
        return self.code == CREATED


def answers(path: Path) -> Iterator[Answer]:
    """The lines of a file; a ChartgenError where it cannot be read or a line is not of the format."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
    except (OSError, EOFError, ValueError) as error:
        raise UsageError(f"{path}: {error}", hint="Name a .jsonl or .jsonl.gz file.") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _answer(path, number, line)


def _answer(path: Path, number: int, line: str) -> Answer:
    try:
        entry = json.loads(line)
        return Answer(
            line=number,
            document=_object(entry["doc"]),
            code=entry["code"],
            pruned=frozenset(_unknown_fields(entry.get("warnings") or ())),
            refused=frozenset(str(cause[0]) for cause in entry.get("causes") or ()),
            stored=entry.get("stored"),
            message=entry.get("message") or "",
        )
    except (ValueError, KeyError, TypeError) as error:
        hint = "Each line is a JSON object with at least `doc` and `code`."
        raise UsageError(f"{path}:{number}: {type(error).__name__}: {error}", hint=hint) from error


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise TypeError("`doc` is not an object")
    return document


def _unknown_fields(warnings: Sequence[str]) -> Iterator[str]:
    for warning in warnings:
        if match := _UNKNOWN_FIELD.fullmatch(warning):
            yield _as_utf8(match[1])


def _as_utf8(header: str) -> str:
    """HTTP clients read a header's bytes as Latin-1; the server writes UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def field_path(route: Route) -> str:
    """A route as the API server writes it: `spec.analysis.metrics[0].name`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route).removeprefix(".")


def pruned_fields(verdict: Verdict) -> frozenset[str]:
    return frozenset(map(field_path, verdict.pruned))


def differences(answer: Answer, verdict: Verdict) -> Iterator[str]:
    """How a verdict differs from the server's answer, in words."""
    if verdict.accepted != answer.accepted:
        refusals = "; ".join(f"{field_path(refusal.at)} {refusal.message}" for refusal in verdict.refusals)
        yield f"the server says {answer.code} {answer.message}".rstrip()
        yield f"chartgen says {'accepted' if verdict.accepted else f'refused: {refusals}'}"
    pruned = pruned_fields(verdict)
    if pruned != answer.pruned and answer.code not in UNDECODABLE:
        yield f"only the server prunes {sorted(answer.pruned - pruned)}, only chartgen {sorted(pruned - answer.pruned)}"


def release_of(path: Path) -> str:
    """The Flagger release in a file's name."""
    match = re.search(f"v({_RELEASE_IN_NAME})", path.name) or re.search(f"({_RELEASE_IN_NAME})", path.name)
    if match is None:
        raise UsageError(f"{path}: the name contains no Flagger release.", hint="Give --flagger-version.")
    return match[1]


def compare(path: Path, flagger: str) -> int:
    """Print how many verdicts agree and the first that does not; the number of those that differ."""
    judged = nearest(flagger)
    if judged != flagger.removeprefix("v"):
        print(f"{path}: the CRD of Flagger {flagger} is not known, judged by that of {judged}", file=sys.stderr)  # noqa: T201
    agree, first, differ = 0, "", 0
    for answer in answers(path):
        found = list(differences(answer, admit(answer.document, judged)))
        agree, differ = agree + (not found), differ + bool(found)
        if found and not first:
            first = "\n  ".join([f"{path}:{answer.line}:", *found, json.dumps(answer.document)])
    print(f"{path}: Flagger {judged}: {agree} agree, {differ} differ")  # noqa: T201
    if first:
        print(first)  # noqa: T201
    return differ


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.admission", description=__doc__.partition("\n")[0])
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
    parser.add_argument("--flagger-version", metavar="RELEASE", help=f"e.g. {NEWEST}; default: from the file's name")
    options = parser.parse_args(arguments)
    try:
        differ = sum(compare(path, options.flagger_version or release_of(path)) for path in options.files)
    except ChartgenError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)  # noqa: T201
        return 2
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
