"""Text that a cluster may hold anywhere, and what no output may do with it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

HOSTILE = (
    "\x1b[2J\x9b31m\u202e\u2028\n::error::x\r\n##[error]y\n| a | <img src=x onerror=y> [l](javascript:x) `c`"
    "</failure>]]>\ud800\udcff\x00\ufffe"
)
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2028\ud800-\udfff]")


def assert_harmless(format_name: str, text: str) -> None:
    """No control character, no command of a CI system, no line of its own, no markup."""
    assert not _UNSEEN.search(text)
    assert not re.search(r"^\s*::|##\[", text, re.MULTILINE)
    assert not text.startswith("| a |")
    assert "\n| a |" not in text or format_name == "junit"
    if format_name == "markdown":
        assert not re.search(r"(?<!\\)<img|(?<!\\)\]\(|(?<!\\)`", text)
    if format_name == "json":
        json.loads(text)
    if format_name == "junit":
        ET.fromstring(text)
