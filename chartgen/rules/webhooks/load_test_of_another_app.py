"""A test that calls another app's Services, or a port that the canary's Service doesn't have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.hosts import hosts_in, namespace_in, short_name
from chartgen.rules.reading.neighbours import container_ports, namespace_of, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_GENERATED = lazy_pattern(r"[a-z0-9][a-z0-9-]*-(canary|primary)")
_URL = lazy_pattern(r"(?P<scheme>https?)://(?P<host>[^\s/:?#\"']+)(?::(?P<port>\d+))?(?=[/\s?#\"']|$)", re.IGNORECASE)
_HOST_HEADER = lazy_pattern(r"-host[ =]|[Hh]ost:|:authority")


class LoadTestOfAnotherApp(CanaryRule):
    id = "load-test-of-another-app"
    severity = Severity.WARNING
    summary = "test of another app, or of a port that isn't served"
    tags = ("webhooks",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:

        own = {canary.apex, canary.fields.names.canary_service, canary.fields.names.primary_service}
        served = _served_ports(canary, rendering)
        for hook in canary.hooks if canary.apex else ():
            hosts = [host for host in hosts_in(hook.command) if host == short_name(host) or namespace_in(host)]
            names = [short_name(host) for host in hosts]
            home = namespace_of(canary.manifest, rendering)
            others = [short_name(host) for host in hosts if _is_another_app(host, own, home)]
            at = (*hook.at, "metadata", "cmd")
            if others and not own.intersection(names) and not _HOST_HEADER.search(hook.command):
                yield Problem(
                    f"hook {hook.name} calls {others[0]}, but the Services of this Canary are named {canary.apex}: the "
                    f"canary may get no requests; call {canary.fields.names.canary_service}",
                    at=at,
                )
                continue
            ports = [match for match in _URL.finditer(hook.command) if short_name(match["host"]) in own]
            wrong = [match for match in ports if served and _port(match) not in served]
            if wrong:
                yield Problem(
                    f"hook {hook.name} calls {short_name(wrong[0]['host'])} at port {_port(wrong[0])}, but the "
                    f"Service has port {', '.join(map(str, sorted(served)))}: no request reaches the canary",
                    at=at,
                )


def _is_another_app(host: str, own: set[str], home: str) -> bool:
    """Whether a host is a Service of another app: one that Flagger generates, or one in the Canary's namespace."""
    name = short_name(host)
    if name in own or name == "localhost":
        return False
    return _GENERATED.fullmatch(name) is not None or namespace_in(host) in {None, home}


def _port(match: re.Match[str]) -> int:
    return int(match["port"] or (443 if match["scheme"].lower() == "https" else 80))


def _served_ports(canary: Canary, rendering: Rendering) -> set[int]:
    """The ports of the generated Services; empty if the release doesn't show them."""
    port, target = canary.service.get("port"), target_of(canary, rendering)
    if not isinstance(port, int) or canary.service.get("headless") is True or canary.target_kind == "Service":
        return set()
    if canary.service.get("portDiscovery") is not True:
        return {port}
    numbers = (found.get("containerPort") for found in container_ports(target)) if target else ()
    return {port, *(number for number in numbers if isinstance(number, int))} if target else set()
