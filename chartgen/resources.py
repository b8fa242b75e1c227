"""Open a packaged schema or template, in a wheel and in a checkout."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent


def schema_path(name: str) -> Path:
    """`schemas/<name>`: inside the package in a wheel, next to it in a checkout."""
    packaged = _PACKAGE / "schemas" / name
    return packaged if packaged.exists() else _PACKAGE.parent / "schemas" / name


@cache
def schema(name: str) -> Any:
    """The JSON document `schemas/<name>`, read once. Callers must not modify it."""
    return json.loads(schema_path(name).read_text(encoding="utf-8"))


def ci_script() -> Path:
    """`ci/lint-changed.sh`, which CI systems run: inside the package in a wheel, next to it in a checkout."""
    packaged = _PACKAGE / "ci" / "lint-changed.sh"
    return packaged if packaged.exists() else _PACKAGE.parent / "ci" / "lint-changed.sh"


def template_text(package: str, name: str) -> str:
    """The text of `chartgen/<package>/templates/<name>`."""
    return (_PACKAGE / package / "templates" / name).read_text(encoding="utf-8")
