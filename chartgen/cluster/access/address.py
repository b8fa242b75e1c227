"""Addresses that charts and clusters name: any text, perhaps not an address at all."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a URL; `host` is empty if it is none. `port` is the scheme's own if the URL has none."""

    scheme: str = ""
    host: str = ""
    port: int = 80
    path: str = ""


def address_of(text: str) -> Address:
    """The address in a text."""
    try:
        url = urlsplit(text)
        return Address(url.scheme, url.hostname or "", url.port or _PORTS.get(url.scheme, 80), url.path)
    except ValueError:
        return Address()
