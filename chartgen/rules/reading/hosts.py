"""Hosts in URLs and commands of webhooks."""

from __future__ import annotations

import re

from chartgen.patterns import lazy_pattern

_HOST = lazy_pattern(
    r"(?:https?://|(?<![\w./@-]))(?P<host>[A-Za-z0-9](?:[\w-]*\w)?(?:\.[A-Za-z0-9](?:[\w-]*\w)?)*)(?=[:/])"
)
_HTTP_URL = lazy_pattern(r"https?://[^\s/:?#{}<>]+(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_URL = lazy_pattern(r"[a-z]+://(?P<host>[^\s/:?#\"']+)", re.IGNORECASE)


def is_url(text: str) -> bool:
    """Whether a text is an HTTP URL that Flagger can call."""
    return _HTTP_URL.fullmatch(text) is not None


def hosts_in(text: str) -> list[str]:
    """The hosts of the URLs in a text, and of `host:port` and `host/path` without a scheme."""
    with_scheme = [match["host"] for match in _URL.finditer(text)]
    rest = _URL.sub(" ", text)
    return with_scheme + [match["host"] for match in _HOST.finditer(rest) if "." in match["host"]]


def short_name(host: str) -> str:
    """The Service name of `web-canary.production.svc`."""
    return host.split(".", 1)[0]


def namespace_in(host: str) -> str | None:
    """The namespace of `web-canary.production` and `web.production.svc.cluster.local`; None for any other host."""
    labels = host.split(".")
    in_cluster = len(labels) == len(("web", "production")) or (
        len(labels) > len(("web", "production")) and labels[2] == "svc"
    )
    return labels[1] if in_cluster else None
