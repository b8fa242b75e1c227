"""A Chart.yaml of plain lines, read without a YAML reader: every one understands it alike."""

from __future__ import annotations

from chartgen.patterns import lazy_pattern

# Plain or quoted words under plain keys, and comments.
_LINE = lazy_pattern(
    rb" *(?:#[^\r\n]*)?|(?P<key>[A-Za-z]+): (?P<value>[A-Za-z0-9][A-Za-z0-9 ._/+(),-]*|\"[A-Za-z0-9 ._/+-]*\") *"
)
_NAME = lazy_pattern(rb"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
# Plain words that YAML reads as something else than text.
_WORDS = frozenset({b"null", b"true", b"false", b"yes", b"no", b"on", b"off", b"y", b"n"})


def plain_metadata(data: bytes) -> dict[str, str] | None:
    """The chart's `name`, and its `type` if it has one; None for a Chart.yaml that takes a YAML reader."""
    found: dict[bytes, bytes] = {}
    for line in data.split(b"\n"):
        match = _LINE.fullmatch(line)
        if match is None or match["key"] in found:
            return None
        if match["key"]:
            found[match["key"]] = match["value"].strip()
    name = found.get(b"name", b"")
    if not _NAME.fullmatch(name) or name.lower() in _WORDS:
        return None
    return {key: found[key.encode()].decode() for key in ("name", "type") if key.encode() in found}
