"""The webhooks of the analysis that add-canary writes: load and acceptance tests, gates, and the user's own.

Types and what Flagger does with their answers: pkg/controller/scheduler_hooks.go; commands of the load tester:
pkg/loadtester in Flagger's source.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chartgen.canary.builtin_metrics import changed_provider, has_own_metric, queries_application
from chartgen.canary.providers import setup_of
from chartgen.canary.strategies import strategy_of
from chartgen.canary.strategy_edits import strategy_changes
from chartgen.flagger.canary import HOOK_TYPES, ROLLOUT, as_list, as_mapping
from chartgen.flagger.providers import Series, observer_of
from chartgen.manifests.manifest import value_at
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.canary.options import AddCanaryOptions

# Where Flagger's documentation installs its load tester.
DEFAULT_LOAD_TESTER = "http://flagger-loadtester.test/"
# What the template puts in place of this is `host:port` of the canary's Service.
ADDRESS = "{{ .Canary.Address }}"
_REQUESTS = "-q 10 -c 2"
_TEST_TIMEOUT = "60s"
# Fails without an answer, and for an answer 5xx: what Flagger's own success rate counts as failed.
_SMOKE_TEST = f"curl -s --max-time 5 -o /dev/null -w '%{{http_code}}' http://{ADDRESS}/ | grep -q '^[234]'"
_HOOK = lazy_pattern(r"(?P<type>[a-z-]+)=(?P<url>.+)", re.DOTALL)


def webhook_entries(options: AddCanaryOptions) -> list[dict[str, Any]]:
    """The entries of `webhooks` in the order of a rollout."""
    tester = options.load_tester or DEFAULT_LOAD_TESTER
    entries: list[dict[str, Any]] = []
    if options.acceptance_test:
        metadata = {"type": "bash", "cmd": options.acceptance_test}
        entries.append(
            {"name": "acceptance-test", "type": "pre-rollout", "url": tester, "timeout": _TEST_TIMEOUT}
            | {"metadata": metadata}
        )
    if options.load_test:
        command = _load(options)
        entries.append({"name": "load-test", "type": "rollout", "url": tester, "metadata": {"cmd": command}})
    if options.smoke_test:
        metadata = {"type": "bash", "cmd": _SMOKE_TEST}
        entries.append({"name": "smoke-test", "type": "rollout", "url": tester, "metadata": metadata})
    if options.confirm_promotion:
        url = f"{tester.rstrip('/')}/gate/check"
        entries.append({"name": "confirm-promotion", "type": "confirm-promotion", "url": url})
    for number, hook in enumerate(options.webhooks):
        kind, _, url = hook.partition("=")
        same = sum(other.startswith(f"{kind}=") for other in options.webhooks[:number])
        entries.append({"name": f"{kind}-{same + 1}" if same else kind, "type": kind, "url": url})
    return entries


def with_needed_load(options: AddCanaryOptions, block: Mapping[str, Any] | None) -> AddCanaryOptions:
    """The options with a load test where Flagger would roll back every release without one.

    In a blue/green rollout no user reaches the new version before its promotion, so its metrics have no values. `block`
    is the Canary's part of values.yaml, None for a new Canary.
    """
    measures_nothing = _measures_nothing(options, block)
    needs_load = options.api_version != "v1alpha2" and not measures_nothing and _becomes_blue_green(options, block)
    return replace(options, load_test=options.load_test or (needs_load and not _is_measured_at_proxy(options)))


def with_needed_check(options: AddCanaryOptions, block: Mapping[str, Any] | None) -> AddCanaryOptions:
    """The options with a request as the check of each step, where the Canary would have no check that can fail.

    `block` is its part of values.yaml, None for a new Canary.
    """
    has_hook = any(hook.startswith("rollout=") for hook in options.webhooks) or any(
        _can_fail(as_mapping(hook)) for hook in as_list(value_at(block, ("canaryAnalysis", "webhooks")))
    )
    if has_hook or not _measures_nothing(options, block):
        return options
    return replace(options, smoke_test=True, fills_in=True)


def _measures_nothing(options: AddCanaryOptions, block: Mapping[str, Any] | None) -> bool:
    """Whether a new Canary, or one whose provider changes, has no metric: the builtin ones ask the application."""
    if options.metric_templates or not queries_application(options):
        return False
    return block is None or (changed_provider(block, options) is not None and not has_own_metric(block))


def _can_fail(hook: Mapping[str, Any]) -> bool:
    """Whether a rollout hook is a check: the load tester starts other commands than these and answers at once."""
    metadata = as_mapping(hook.get("metadata"))
    return hook.get("type", ROLLOUT) == ROLLOUT and (metadata.get("type") == "bash" or not metadata.get("cmd"))


def _becomes_blue_green(options: AddCanaryOptions, block: Mapping[str, Any] | None) -> bool:
    """Whether these options make the rollout blue/green, with no webhooks yet."""
    if block is None:
        return strategy_of(options) == "blue-green"
    changes = strategy_changes(block, options)[1]
    has_hooks = bool(value_at(block, ("canaryAnalysis", "webhooks")))
    return bool(changes.get("iterations")) and not changes.get("match") and not has_hooks


def _is_measured_at_proxy(options: AddCanaryOptions) -> bool:
    """Whether only requests that pass the provider's proxy are measured, so that a load test needs its address."""
    return _counts_at_proxy(options) and not options.load_test_url


def _counts_at_proxy(options: AddCanaryOptions) -> bool:
    return observer_of(options.provider).series is not Series.PODS


def _load(options: AddCanaryOptions) -> str:
    """A command of `hey`: 20 requests a second for one interval, as the users of an A/B test."""
    headers = [f"-H {shlex.quote(header)}" for header in _headers(options)] if strategy_of(options) == "ab" else []
    url = options.load_test_url or f"http://{ADDRESS}/"
    return " ".join([f"hey -z {options.interval} {_REQUESTS}", *headers, url])


def _headers(options: AddCanaryOptions) -> Iterator[str]:
    """The headers of one user of the A/B test: the first match, since one is enough for most providers."""
    if options.match_headers:
        name, _, value = options.match_headers[0].partition("=")
        yield f"{name.lower()}: {value}"
    elif options.match_cookies:
        yield f"Cookie: {options.match_cookies[0]}"


def problems(options: AddCanaryOptions) -> Iterator[str]:
    """A line for each option of hooks that is invalid, missing, or has no effect."""
    yield from _unmeasured_iterations(options)
    if options.load_test and _is_measured_at_proxy(options):
        yield (
            f"--load-test: provider {options.provider} measures requests at its proxy, so the load must pass it. Add"
            f" --load-test-url {'http://NAME.NAMESPACE/' if options.provider == 'knative' else 'http://HOST/'}"
        )
    if options.load_test_url and not options.load_test:
        yield "--load-test-url has no effect without --load-test"
    uses_tester = options.load_test or options.acceptance_test or options.confirm_promotion
    if options.load_tester and not (uses_tester or queries_application(options)):
        yield "--load-tester has no effect without --load-test, --acceptance-test, or --confirm-promotion"
    for option, url in (("--load-tester", options.load_tester), ("--load-test-url", options.load_test_url)):
        if url and not _is_url(url):
            yield f"{option} {url!r} is not a URL. Write http://HOST/"
    for hook in options.webhooks:
        match = _HOOK.fullmatch(hook)
        if not match or match["type"] not in HOOK_TYPES:
            yield f"--webhook {hook!r}: write TYPE=URL, with one of the types {', '.join(HOOK_TYPES)}"
        elif not _is_url(match["url"]):
            yield f"--webhook {hook!r}: {match['url']!r} is not a URL. Write http://HOST/PATH"


def _unmeasured_iterations(options: AddCanaryOptions) -> Iterator[str]:
    """That iterations have no values, since the provider's proxy sends no request to the new version meanwhile."""
    if strategy_of(options) != "blue-green" or not _counts_at_proxy(options):
        return
    kind = setup_of(options.provider).route_kind
    if options.provider == "knative":
        yield (
            "--strategy blue-green: provider knative counts requests at Knative's proxy, which sends none to the new"
            " revision before its promotion. Use --strategy canary"
        )
    elif kind:
        yield (
            f"--strategy blue-green: provider {options.provider} counts requests on Flagger's copy of the chart's"
            f" {kind.kind}, which sends none to the new version before its promotion. Use --strategy canary"
        )
    elif not options.load_test_url:
        yield (
            f"--strategy blue-green: provider {options.provider} counts requests at its proxy, which sends none to the"
            " new version before its promotion. Add --load-test --load-test-url http://HOST/ with a host that the proxy"
            " sends to the Service NAME-canary, or use --strategy canary"
        )


def _is_url(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return url.scheme in {"http", "https"} and bool(url.hostname) and not re.search(r"\s", text)
