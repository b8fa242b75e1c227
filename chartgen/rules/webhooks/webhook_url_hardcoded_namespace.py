"""A webhook that calls a hardcoded namespace: from another one it fails, or tests another environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.helm.request import ELSEWHERE
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.hosts import hosts_in, namespace_in, short_name
from chartgen.rules.reading.neighbours import namespace_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_DEFAULT = "default"


class WebhookUrlHardcodedNamespace(CanaryRule):
    id = "webhook-url-hardcoded-namespace"
    severity = Severity.ERROR
    summary = "webhook that calls a hardcoded namespace"
    tags = ("webhooks",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if not rendering.chart.files:
            return
        home = namespace_of(canary.manifest, rendering)
        own = {canary.apex, f"{canary.apex}-canary", f"{canary.apex}-primary"}
        for hook in canary.hooks:
            for at, text in (((*hook.at, "url"), hook.url), ((*hook.at, "metadata", "cmd"), hook.command)):
                wrong = [host for host in hosts_in(text) if self._is_wrong(host, own, home)]
                if not wrong:
                    continue
                called = f"webhook {hook.name} calls {wrong[0]}"
                if _is_namespace_known(canary, rendering):
                    effect = f"the release is in namespace {home}: the call fails, or tests another environment"
                    yield Problem(f"{called}, but {effect}", at=at)
                else:
                    effect = f"outside namespace {namespace_in(wrong[0])}, the call may fail or test that environment"
                    yield Problem(f"{called}: {effect}", at=at, severity=Severity.WARNING)

    def _is_wrong(self, host: str, own: set[str], home: str) -> bool:
        return namespace_in(host) not in {None, home} and short_name(host) in own


def _is_namespace_known(canary: Canary, rendering: Rendering) -> bool:
    """Whether the Canary, the chart's gate, an option or the configuration names the release's namespace."""
    named = rendering.request.namespace not in {_DEFAULT, ELSEWHERE}
    return bool(canary.manifest.namespace or rendering.gated or named)
