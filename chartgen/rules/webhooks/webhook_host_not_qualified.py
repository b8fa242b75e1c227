"""A Service name without its namespace in a webhook: a pod in another namespace resolves it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.hosts import hosts_in, is_url, namespace_in
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


# `web-canary.svc.cluster.local`: `svc` follows the Service's name, where its namespace belongs.
# A name that begins with - came out empty, which load-test-without-target reports.
_SVC_FIRST = lazy_pattern(r"[^.-][^.]*\.svc(\.cluster\.local)?$")
_LOCAL = {"localhost"}


class WebhookHostNotQualified(CanaryRule):
    id = "webhook-host-not-qualified"
    severity = Severity.ERROR
    summary = "webhook that names a Service without its namespace"
    tags = ("webhooks",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        home = canary.manifest.namespace or (rendering.request.namespace if rendering.chart.files else None)
        for hook in canary.hooks:
            for host in filter(_is_bare, _called(hook.url)):
                yield Problem(_message(host, "Flagger"), at=(*hook.at, "url"))
            for at, text in (((*hook.at, "url"), hook.url), ((*hook.at, "metadata", "cmd"), hook.command)):
                for host in [host for host in hosts_in(text) if _SVC_FIRST.match(host)][:1]:
                    yield Problem(f"{host} has no namespace before svc: the name doesn't resolve", at=at)
            for host in list(filter(_is_bare, hosts_in(hook.command)))[:1]:
                tester_namespace = next(map(namespace_in, hosts_in(hook.url)), None)
                if tester_namespace != home or tester_namespace is None:
                    severity = None if tester_namespace and home else Severity.WARNING
                    at = (*hook.at, "metadata", "cmd")
                    yield Problem(_message(host, "the load tester"), at=at, severity=severity)


def _called(url: str) -> list[str]:
    """The host of a hook's URL; none of one that webhook-url-invalid reports for more than a missing scheme."""
    url = url.strip()
    return hosts_in(url)[:1] if is_url(url) or is_url(f"http://{url}") else []


def _message(host: str, caller: str) -> str:
    return f"{host} has no namespace: it resolves in the namespace of {caller}, not the app's; write {host}.NAMESPACE"


def _is_bare(host: str) -> bool:
    name = host.split(":", maxsplit=1)[0]
    return "." not in name and name not in _LOCAL and re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) is not None
