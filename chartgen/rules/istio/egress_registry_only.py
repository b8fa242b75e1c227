"""A host outside of the mesh that REGISTRY_ONLY blocks: the canary's pods can't call it."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.patterns import lazy_pattern
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import containers, namespace_of, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

_HOST = lazy_pattern(
    r"(?:https?|grpcs?|wss?)://(?:[^\s/@]*@)?(?P<host>[a-z0-9][a-z0-9.-]*\.[a-z]{2,})(?=[:/\s?\"']|$)", re.IGNORECASE
)
_IN_CLUSTER = lazy_pattern(r"\.(svc|svc\..+|local|internal|localhost)$", re.IGNORECASE)
_POLICY = ("outboundTrafficPolicy", "mode")


class EgressRegistryOnly(CanaryRule):
    id = "egress-registry-only"
    severity = Severity.WARNING
    summary = "external host without a ServiceEntry in a mesh that allows only known hosts"
    tags = ("istio", "routing")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target, source = target_of(canary, rendering), _restriction(canary, rendering)
        if source is None and self.cluster.registry_only:
            source = "the cluster's outboundTrafficPolicy"
        if canary.provider(self.cluster) != "istio" or target is None or source is None:
            return
        entries = (
            host for entry in rendering.of_kind("ServiceEntry") for host in as_list(entry.get(("spec", "hosts")))
        )
        known = [*(str(host) for host in entries), *self.cluster.service_entries]
        for manifest, at, text in _settings(target, rendering):
            for match in _HOST.finditer(text):
                host = match["host"].lower()
                if _is_outside(host) and not any(fnmatchcase(host, pattern) for pattern in known):
                    yield Problem(
                        f"{source} allows only hosts of the registry, and no ServiceEntry of the release has {host}: "
                        "calls to it may fail, and with them the canary's checks; add a ServiceEntry, or list the host "
                        "as cluster.service-entries in the configuration",
                        at=at,
                        manifest=manifest,
                    )
                    break


def _is_outside(host: str) -> bool:
    """Whether a host isn't a Service: `web.production` has two labels, too, but no public top-level domain."""
    return not _IN_CLUSTER.search(host) and (host.count(".") > 1 or host.rsplit(".", 1)[-1] in _PUBLIC)


_PUBLIC = {
    "com",
    "org",
    "net",
    "io",
    "dev",
    "eu",
    "de",
    "fr",
    "uk",
    "us",
    "cloud",
    "app",
    "co",
    "ai",
    "test",
    "example",
}


def _restriction(canary: Canary, rendering: Rendering) -> str | None:
    """The object of the release that sets REGISTRY_ONLY for the target's pods."""
    home = namespace_of(canary.manifest, rendering)
    for sidecar in rendering.of_kind("Sidecar"):
        reaches = namespace_of(sidecar, rendering) in {home, "istio-system"} and not sidecar.get(
            ("spec", "workloadSelector")
        )
        if reaches and sidecar.get(("spec", *_POLICY)) == "REGISTRY_ONLY":
            return f"Sidecar {sidecar.name}"
    for operator in rendering.of_kind("IstioOperator"):
        if operator.get(("spec", "meshConfig", *_POLICY)) == "REGISTRY_ONLY":
            return f"IstioOperator {operator.name}"
    for config in rendering.of_kind("ConfigMap"):
        if config.name.startswith("istio") and "REGISTRY_ONLY" in str(config.get(("data", "mesh"))):
            return f"ConfigMap {config.name}"
    return None


def _settings(target: Manifest, rendering: Rendering) -> Iterator[tuple[Manifest, Route, str]]:
    """The texts that configure the target: its environment and arguments, and the ConfigMaps that it reads."""
    pods = str(target.get(("spec", "template", "spec")))
    for at, container in containers(target):
        for key in ("args", "command"):
            yield from (
                (target, (*at, key, index), str(word)) for index, word in enumerate(as_list(container.get(key)))
            )
        for index, variable in enumerate(as_list(container.get("env"))):
            if isinstance(variable, dict) and isinstance(variable.get("value"), str):
                yield target, (*at, "env", index, "value"), variable["value"]
    for config in rendering.of_kind("ConfigMap"):
        data = config.get(("data",))
        if isinstance(data, dict) and config.name and f"'{config.name}'" in pods:
            yield from ((config, ("data", key), str(text)) for key, text in data.items())
