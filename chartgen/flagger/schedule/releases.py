"""Where Flagger's releases behave differently, as data; facts from the sources and recordings of the releases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from chartgen.flagger.crd.releases import version_key


@dataclass(frozen=True, slots=True)
class Behavior:
    """What a release does.

    promoting_keeps_counters: status.go:setStatusPhase, from 1.43.
    failed_promotion: scheduler.go:handleFailedPromotion, from 1.44; before, such a run is rolled back.
    skipped_run_hooks: scheduler.go:shouldSkipAnalysis calls the post-rollout hooks, from 1.44.
    finalizer_waits: finalizer.go:finalize fails where the target does not get ready, from 1.44.
    status_in_errors: providers/prometheus.go:RunQuery names the HTTP status, from 1.43.
    succeeded_payload: the last hooks and events of a run are sent with phase Succeeded, from 1.42.
    one_autoscaling_api: hpa_reconciler.go asks for autoscaling/v2 alone, from 1.44.
    empty_timeouts: gateway_api.go writes an empty timeout into the second rule of an A/B test, up to 1.41.
    named_sticky_rule: istio.go names the sticky rule instead of knowing it by its cookie; no primary cookie.
    old_traefik_group: it asks for traefik.containo.us, which no Traefik of today serves, up to 1.41.
    event_hook_timeout: webhook.go:CallEventWebhook reads the hook's own timeout, from 1.42.
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


@cache
def behavior(release: str) -> Behavior:
    """The behaviour of a release written as 1.44.0 or v1.44.0; UsageError where it is no release."""
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
    )
