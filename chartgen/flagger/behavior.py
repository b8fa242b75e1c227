"""The differences between Flagger's releases as data, from their sources and recordings."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from chartgen.flagger.crd.releases import version_key


class Behavior(NamedTuple):
    """The behavior of a release.

    promoting_keeps_counters: status.go:setStatusPhase, from 1.43.
    failed_promotion: scheduler.go:handleFailedPromotion, from 1.44; before, such a run is rolled back.
    skipped_run_hooks: scheduler.go:shouldSkipAnalysis calls the post-rollout hooks, from 1.44.
    finalizer_waits: finalizer.go:finalize fails if the target doesn't become ready, from 1.44.
    status_in_errors: providers/prometheus.go:RunQuery includes the HTTP status, from 1.43.
    succeeded_payload: the last hooks and events of a run have phase Succeeded, from 1.42.
    one_autoscaling_api: hpa_reconciler.go uses only autoscaling/v2, from 1.44.
    empty_timeouts: gateway_api.go writes an empty timeout into the second rule of an A/B test, up to 1.41.
    named_sticky_rule: istio.go finds the sticky rule by name, not by cookie; no primary cookie.
    old_traefik_group: traefik.go uses traefik.containo.us, which current Traefik doesn't serve, up to 1.41.
    event_hook_timeout: webhook.go:CallEventWebhook reads the hook's own timeout, from 1.42.
    waits_for_gateway: gateway_api.go:GetRoutes fails until the Gateway has accepted the route, from 1.43.
    """

    promoting_keeps_counters: bool
    failed_promotion: bool
    skipped_run_hooks: bool
    finalizer_waits: bool
    status_in_errors: bool
    succeeded_payload: bool
    one_autoscaling_api: bool
    empty_timeouts: bool
    named_sticky_rule: bool
    old_traefik_group: bool
    event_hook_timeout: bool
    waits_for_gateway: bool


@cache
def behavior(release: str) -> Behavior:
    """The behavior of a release such as 1.44.0 or v1.44.0; UsageError if it isn't a release."""
    version = version_key(release)[:2]
    return Behavior(
        promoting_keeps_counters=version >= (1, 43),
        failed_promotion=version >= (1, 44),
        skipped_run_hooks=version >= (1, 44),
        finalizer_waits=version >= (1, 44),
        status_in_errors=version >= (1, 43),
        succeeded_payload=version >= (1, 42),
        one_autoscaling_api=version >= (1, 44),
        empty_timeouts=version < (1, 42),
        named_sticky_rule=version < (1, 42),
        old_traefik_group=version < (1, 42),
        event_hook_timeout=version >= (1, 42),
        waits_for_gateway=version >= (1, 43),
    )
