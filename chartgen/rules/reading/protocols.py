"""Which of Flagger's builtin metrics can measure a port, by the protocol in its name or appProtocol."""

from __future__ import annotations

import re

from chartgen.patterns import lazy_pattern

_GRPC = lazy_pattern(r"grpc(-|$)", re.IGNORECASE)
_TCP = lazy_pattern(r"(tcp|tls|https|mongo|mysql|redis|udp)(-|$)", re.IGNORECASE)
# Providers whose builtin queries count HTTP requests by their status (pkg/metrics/observers).
_HTTP = ("istio", "linkerd", "contour", "nginx", "gloo", "traefik", "appmesh", "osm", "kuma", "skipper", "apisix")
_MESHES = ("istio", "linkerd", "osm", "kuma", "appmesh")
SUCCESS_RATE, DURATION = "request-success-rate", "request-duration"


def unmeasured(metric: str, protocol: str, provider: str) -> str | None:
    """`grpc` or `tcp` if the builtin `metric` can't measure a port of this protocol, else None.

    Linkerd's classification knows the status of gRPC. No mesh counts requests of a port that isn't HTTP.
    """
    if not provider.startswith(_HTTP):
        return None
    if _GRPC.match(protocol) and provider != "linkerd" and metric == SUCCESS_RATE:
        return "grpc"
    return "tcp" if _TCP.match(protocol) and provider.startswith(_MESHES) else None
