"""The edge of the API: every failure leaves it as a ChartgenError that knows where it is."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chartgen.errors import ChartgenError, unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def located(path: str | Path) -> Iterator[None]:
    """Raise each failure with its location: a file and line below `path` if the message begins with it, or `path`."""
    try:
        yield
    except ChartgenError as error:
        error.where = error.where or _where(error.message, str(path))
        raise
    except (BrokenPipeError, TypeError):  # the reader of a listener's output is gone; a wrong keyword
        raise
    except Exception as error:
        failure = unexpected(error)
        failure.where = str(path)
        raise failure from error


def _where(message: str, path: str) -> str:
    if message.startswith("--"):
        return message.split(maxsplit=1)[0].rstrip(":")
    begins = re.match(rf"{re.escape(path)}[^\s:]*(?::\d+){{0,2}}(?=:)", message) if path else None
    return begins[0] if begins else path
