"""Helm's errors: their essential message, and whether a value without a default or a wrong dot causes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.errors import RenderError

_AT = lazy_pattern(r"at <(?P<expression>[^>]+)>")
_SIGNS = (
    "nil pointer evaluating",
    "nil data",
    "map has no entry for key",
    "can't evaluate field",
    "wrong type for value",
    "range can't iterate over <nil>",
    "invalid value; expected",
    "len of nil pointer",
    "index of untyped nil",
)
# The objects that Helm puts into the root context (helm.sh/docs/chart_template_guide/builtin_objects).
_BUILTIN = ("Values", "Chart", "Release", "Capabilities", "Template", "Files", "Subcharts")
_FRAME = lazy_pattern(r'(?P<path>\S+):(?P<line>\d+):(?P<column>\d+):?\s+executing "[^"]*" at <(?P<expression>[^>]+)>')
_CHAIN = lazy_pattern(r"(?:\.\w+)+")
_LACKS_FIELD = lazy_pattern(
    r"(?:can't evaluate field (?P<unknown>\w+) in type|nil pointer evaluating \S+( \S+)?\.(?P<below>\w+))"
)
_VALUE = lazy_pattern(r"\$?\.Values(?:\.\w+)+")


def missing_value(error: RenderError) -> str | None:
    """`.Values.canary.service.port` of an error about a missing value; None for any other error."""
    if not any(sign in error.message for sign in _SIGNS) or wrong_dot(error):
        return None
    expressions = [match["expression"] for match in _AT.finditer(error.message)]
    values = [value.group() for expression in reversed(expressions) for value in _VALUE.finditer(expression)]
    return values[0] if values else (expressions[-1] if expressions else None)


class WrongDot(NamedTuple):
    """A built-in object, read where the dot isn't the root context.

    `expression` reads it; `path` (as Helm prints it), `line` and `column` (1-based) are where the wrong dot is passed.
    """

    expression: str
    path: str
    line: int
    column: int


def wrong_dot(error: RenderError) -> WrongDot | None:
    """The built-in object that an error is about; None for any other error, also one about a value."""
    frames = list(_FRAME.finditer(error.message))
    lacks = list(_LACKS_FIELD.finditer(error.message))
    if not frames or not lacks:
        return None
    field, is_below_nil = lacks[-1]["unknown"] or lacks[-1]["below"], lacks[-1]["unknown"] is None
    for chain in _CHAIN.findall(frames[-1]["expression"]):
        steps = chain[1:].split(".")
        if field in steps and _reads_builtin(steps[: steps.index(field) + 1], is_below_nil=is_below_nil):
            passed = next((frame for frame in frames if not frame["expression"].endswith(" $")), frames[-1])
            return WrongDot(chain, passed["path"], int(passed["line"]), int(passed["column"]) + 1)
    return None


def _reads_builtin(steps: list[str], *, is_below_nil: bool) -> bool:
    """Whether a built-in object is what is missing: the last step or, if it is nil, the one before."""
    missing = steps[-2:] if is_below_nil else steps[-1:]
    return any(step in _BUILTIN for step in missing) and "Values" not in steps[: -len(missing)]


def gist(error: RenderError) -> str:
    """Helm's message in one line, without the prefix of each calling template."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip()]
    text = lines[-1] if lines else error.message
    message = _WRAPPING.sub("", text) or text
    missing = missing_value(error)
    return f"{missing}: {message}" if missing and missing not in message else message


_WRAPPING = lazy_pattern(
    r'^.*?(?:executing "[^"]*" at <[^>]*>|error calling \w+|(?:execution|parse) error at \([^)]*\)): (?=\S)'
)
