"""What is said of the cluster a chart goes to; without word of it, a plain Flagger with its defaults."""

from __future__ import annotations

from dataclasses import dataclass, field

from chartgen.rules.organization_policy import Policy

# Flagger's flag -selector-labels (cmd/flagger/main.go).
SELECTOR_LABELS = ("app", "name", "app.kubernetes.io/name")


@dataclass(frozen=True, slots=True)
class Cluster:
    """The profile of a cluster. `metric_templates` and `alert_providers` are `name` or `namespace/name`.

    `flagger` is None where nobody says which release runs: the newest known one is then asked.
    `allowed_namespaces` are those a Canary may stand in; empty leaves it to the chart's own gate.
    `injected_namespaces` are globs of those whose pods get a sidecar; empty where nobody says.
    `scrape_seconds` is Prometheus' scrape interval. `policy` is what the organisation asks of canaries there.
    """

    flagger: str | None = None
    provider: str = "istio"
    selector_labels: tuple[str, ...] = SELECTOR_LABELS
    allowed_namespaces: tuple[str, ...] = ()
    metric_templates: tuple[str, ...] = ()
    alert_providers: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    injected_namespaces: tuple[str, ...] = ()
    scrape_seconds: float = 15.0
    cross_namespace_refs: bool = True
    policy: Policy = field(default_factory=Policy)
