"""The deployment strategies of Flagger that add-canary writes: their fields of the analysis, and what they need.

Weights shift traffic step by step; iterations repeat the checks and then promote. How each provider reads matches:
pkg/router, and runCanary, runAB, and runBlueGreen of pkg/controller/scheduler.go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chartgen.flagger.providers import provider_of
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.options import AddCanaryOptions

DEFAULT_ITERATIONS = 10
DEFAULT_MAX_WEIGHT = 50
DEFAULT_STEP_WEIGHT = 10
DEFAULT_COOKIE_AGE = 86400
# Percent of the requests that are copied.
MIRROR_WEIGHT = 100
_HEADER = lazy_pattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+=.+")
_COOKIE = lazy_pattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+=[^;,\s\"\\]+")
_AFFINITY = lazy_pattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+(?:=[0-9]+)?")
# The only value that nginx's canary-by-cookie routes to the canary.
_NGINX_COOKIE = "always"


def strategy_of(options: AddCanaryOptions) -> str:
    """`canary`, `ab`, `blue-green`, or `mirror`: as given, or the one that the other options imply."""
    if options.strategy:
        return options.strategy
    if options.match_headers or options.match_cookies:
        return "ab"
    if options.iterations or not provider_of(options.provider).weights:
        return "blue-green"
    return "canary"


def uses_weights(options: AddCanaryOptions) -> bool:
    """Whether the strategy of the options shifts weights."""
    return shifts_weights(strategy_of(options), options.provider)


def shifts_weights(strategy: str, provider: str) -> bool:
    """Whether a strategy shifts weights; the others run iterations."""
    return strategy == "canary" or (strategy == "mirror" and provider_of(provider).mirrors_weights)


def matches(options: AddCanaryOptions) -> list[dict[str, Any]]:
    """The `match` of an A/B test."""
    return [{"headers": header} for header in _headers(options)]


def analysis_settings(options: AddCanaryOptions) -> dict[str, Any]:
    """The fields of the analysis that define the strategy, in the order in which they are written."""
    settings: dict[str, Any] = {}
    if not uses_weights(options):
        settings["iterations"] = options.iterations or DEFAULT_ITERATIONS
    elif options.step_weights:
        settings["stepWeights"] = list(options.step_weights)
    else:
        settings["maxWeight"] = options.max_weight or DEFAULT_MAX_WEIGHT
        settings["stepWeight"] = options.step_weight or DEFAULT_STEP_WEIGHT
    strategy = strategy_of(options)
    if strategy == "ab":
        settings["match"] = matches(options)
    if strategy == "mirror":
        settings["mirror"] = True
        settings["mirrorWeight"] = MIRROR_WEIGHT
    if options.session_affinity:
        settings["sessionAffinity"] = session_affinity(options.session_affinity)
    return settings


def session_affinity(text: str) -> dict[str, Any]:
    """The `sessionAffinity` of `--session-affinity COOKIE[=SECONDS]`."""
    cookie, _, age = text.partition("=")
    return {"cookieName": cookie, "maxAge": int(age or DEFAULT_COOKIE_AGE)}


def _headers(options: AddCanaryOptions) -> Iterator[dict[str, Any]]:
    for header in options.match_headers:
        name, _, value = header.partition("=")
        # HTTP/2, and so Istio, knows header names in lowercase only.
        yield {name.lower(): {"exact": value}}
    for cookie in options.match_cookies:
        name, _, value = cookie.partition("=")
        if options.provider == "nginx":
            yield {"cookie": {"exact": name}}
        elif options.provider == "contour":
            # Flagger writes a suffix as Contour's `contains`; it drops a regular expression.
            yield {"cookie": {"suffix": cookie}}
        else:
            yield {"cookie": {"regex": rf"^(.*?;\s*)?({re.escape(name)}={re.escape(value)})(;.*)?$"}}


def problems(options: AddCanaryOptions) -> Iterator[str]:
    """A line for each option that doesn't fit the strategy, or that the provider can't do."""
    strategy, provider = strategy_of(options), provider_of(options.provider)
    weights = [name for name in ("--max-weight", "--step-weight", "--step-weights") if name in _weights(options)]
    yield from _form_problems(options)
    if weights and not provider.weights:
        yield f"--provider {options.provider} doesn't shift weights, it runs iterations. Remove {weights[0]}"
    elif weights and not uses_weights(options):
        yield f"{weights[0]} can't be combined with the strategy {strategy}, which runs iterations"
    if options.iterations is not None and uses_weights(options):
        yield f"--iterations can't be combined with the strategy {strategy}, which shifts weights"
    if strategy == "canary" and not provider.weights:
        yield f"--strategy canary: provider {options.provider} doesn't shift weights. Use --strategy blue-green"
    if strategy == "ab":
        yield from _ab_problems(options)
    elif options.match_headers or options.match_cookies:
        yield f"--match-header and --match-cookie need the strategy ab, not {strategy}"
    if strategy == "mirror" and not (provider.mirrors_weights or provider.mirrors_iterations):
        yield f"--strategy mirror: provider {options.provider} can't mirror requests. Use istio or gatewayapi"
    if options.session_affinity and not (provider.affinity and uses_weights(options)):
        yield (
            f"--session-affinity has no effect with provider {options.provider} and the strategy {strategy}. It needs"
            " istio or gatewayapi, and weights"
        )


def _weights(options: AddCanaryOptions) -> set[str]:
    given = {
        "--max-weight": options.max_weight,
        "--step-weight": options.step_weight,
        "--step-weights": options.step_weights or None,
    }
    return {name for name, value in given.items() if value is not None}


def _ab_problems(options: AddCanaryOptions) -> Iterator[str]:
    if not (options.match_headers or options.match_cookies):
        yield "--strategy ab needs the users that get the new version. Add --match-header or --match-cookie"
    if not provider_of(options.provider).matches:
        yield (
            f"--strategy ab: provider {options.provider} ignores matches, so all users would get the new version at"
            " once. Use another strategy"
        )
    if options.provider == "nginx":
        values = [cookie.partition("=")[2] for cookie in options.match_cookies]
        if any(value != _NGINX_COOKIE for value in values):
            yield f"--match-cookie: nginx matches only the value `{_NGINX_COOKIE}`. Write NAME={_NGINX_COOKIE}"


def _form_problems(options: AddCanaryOptions) -> Iterator[str]:
    if options.iterations is not None and options.iterations < 1:
        yield f"--iterations must be at least 1, not {options.iterations}"
    for header in options.match_headers:
        if not _HEADER.fullmatch(header):
            yield f"--match-header {header!r}: write NAME=VALUE"
    for cookie in options.match_cookies:
        if not _COOKIE.fullmatch(cookie):
            yield f"--match-cookie {cookie!r}: write NAME=VALUE"
    if options.session_affinity and not _AFFINITY.fullmatch(options.session_affinity):
        yield f"--session-affinity {options.session_affinity!r}: write COOKIE or COOKIE=SECONDS"
