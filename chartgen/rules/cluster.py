"""The profile of the cluster that a chart is installed in; the default is Flagger with its own defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chartgen.flagger.names import SELECTOR_LABELS

if TYPE_CHECKING:
    from chartgen.rules.organization_policy import Policy


class Cluster(NamedTuple):
    """The profile of a cluster.

    - `flagger`: the release; None means unknown, and rules use the newest release.
    - `allowed_namespaces`: those that may have Canaries; if empty, the chart's own gate decides.
    - `metric_templates`, `alert_providers`: existing objects, as `name` or `namespace/name`.
    - `injected_namespaces`: globs of the namespaces whose pods get a sidecar; empty means unknown.
    - `registry_only`: whether Istio lets pods call only hosts of its registry; `service_entries` are globs of the hosts
      outside of the cluster that it has.
    - `scrape_seconds`: Prometheus' scrape interval.
    - `policy`: the organization's policy for canaries, None without one.
    """

    flagger: str | None = None
    provider: str = "istio"
    selector_labels: tuple[str, ...] = SELECTOR_LABELS
    allowed_namespaces: tuple[str, ...] = ()
    metric_templates: tuple[str, ...] = ()
    alert_providers: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    injected_namespaces: tuple[str, ...] = ()
    registry_only: bool = False
    service_entries: tuple[str, ...] = ()
    scrape_seconds: float = 15.0
    cross_namespace_refs: bool = True
    policy: Policy | None = None
