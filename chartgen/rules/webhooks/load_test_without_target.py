"""A load test that calls nothing: its URL is missing, or its host came out empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.hosts import hosts_in
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary, LocatedHook

# Tools whose target is an argument; k6, locust and gatling read it from a script.
_TOOLS = lazy_pattern(r"^\s*(?:hey|wrk2?|ab|bombardier|fortio\s+load|curl|ghz|siege|oha)\s")
_EMPTY_HOST = lazy_pattern(
    r"[a-z]+://(?=[\s/:?\"']|$|\.)|[a-z]+://-(?:canary|primary)\b|[a-z]+://[\w-]+\.(?=[\s/:?\"']|$|\.)"
)
_VARIABLE = lazy_pattern(r"\$[({\w]|`")
_TARGET = lazy_pattern(r"[\w.-]+:\d+|[\w-]+\.[\w.-]+")


class LoadTestWithoutTarget(CanaryRule):
    id = "load-test-without-target"
    severity = Severity.WARNING
    summary = "test whose URL is missing or has no host"
    tags = ("webhooks",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not canary.name:
            return  # what lacks a name makes such URLs, and canary-refused reports it
        for hook in canary.hooks:
            fault = _fault(hook)
            if fault:
                yield Problem(
                    f"the command of hook {hook.name} {fault}: it makes no request to the canary; call "
                    f"http://{canary.fields.names.canary_service}.NAMESPACE:PORT/",
                    at=(*hook.at, "metadata", "cmd"),
                )


def _fault(hook: LocatedHook) -> str | None:
    command = hook.command
    empty = _EMPTY_HOST.search(command)
    if empty:
        return f"has a URL without a host ({empty[0]})"
    words = command.split()
    calls = hosts_in(command) or _VARIABLE.search(command) or any(_TARGET.fullmatch(word) for word in words[1:])
    if _TOOLS.match(f"{command} ") and not calls and "://" not in command:
        return f"names no URL for {words[0]}"
    return None
