"""Flagger as the cluster runs it: where, which release, with which flags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import DEPLOYMENTS
from chartgen.flagger.canary import DEFAULT_PROVIDER, as_int, as_list, as_mapping, as_str
from chartgen.flagger.names import SELECTOR_LABELS
from chartgen.manifests.manifest import value_at
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.cluster.access.source import Source

# The image's last path component; the load tester's is flagger-loadtester.
_IMAGE = lazy_pattern(r"(?:^|/)flagger(?::v?(?P<tag>[\w.-]+))?(?:@.*)?$")
_RELEASE = lazy_pattern(r"\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?")
_FLAG = lazy_pattern(r"--?([a-z][\w-]*)(?:=(.*))?", re.DOTALL)
# Boolean flags don't take the next argument (cmd/flagger/main.go).
_BOOLEAN = (
    "zap-replace-globals",
    "enable-leader-election",
    "enable-config-tracking",
    "version",
    "no-cross-namespace-refs",
)


@dataclass(frozen=True, slots=True)
class Installation:
    """One Deployment of Flagger. `version` is empty if the image's tag isn't a release (a digest, `main`).

    `flags` are those of its command line, without dashes; a boolean one without a value is "true". `container` is the
    index of its container, `command` and `arguments` that container's command and args, which may both hold flags.
    `helm`: name of the Helm release, empty without.
    """

    namespace: str
    name: str
    version: str
    flags: Mapping[str, str]
    command: tuple[str, ...]
    arguments: tuple[str, ...]
    container: int
    desired: int
    available: int
    helm: str = ""

    @property
    def provider(self) -> str:
        return self.flags.get("mesh-provider") or DEFAULT_PROVIDER

    @property
    def metrics_server(self) -> str:
        return self.flags.get("metrics-server") or "http://prometheus:9090"

    @property
    def selector_labels(self) -> tuple[str, ...]:
        given = self.flags.get("selector-labels", "")
        return tuple(name.strip() for name in given.split(",") if name.strip()) or SELECTOR_LABELS

    @property
    def cross_namespace_refs(self) -> bool:
        return self.flags.get("no-cross-namespace-refs", "false").lower() not in {"1", "t", "true"}

    def with_flag(self, flag: str, value: str) -> dict[str, list[str]]:
        """The changed `command` and `args` with a flag set, or without it if `value` is empty."""
        changed = {}
        for field, words in (("command", self.command), ("args", self.arguments)):
            without = _without(flag, words)
            if without != list(words):
                changed[field] = without
        if value:
            field, words = ("args", self.arguments) if self.arguments or not self.command else ("command", self.command)
            changed[field] = [*changed.get(field, words), f"-{flag}={value}"]
        return changed


def _without(flag: str, words: tuple[str, ...]) -> list[str]:
    at = next((index for index, word in enumerate(words) if re.match(rf"--?{flag}(=|$)", word)), None)
    if at is None:
        return list(words)
    return [*words[:at], *words[at + (1 if "=" in words[at] or flag in _BOOLEAN else 2) :]]


def installations(source: Source) -> list[Installation]:
    """Every Deployment of Flagger in the cluster, those that run first."""
    found = [each for body in source.items(DEPLOYMENTS) for each in _read(body)]
    return sorted(found, key=lambda each: (-each.available, each.namespace, each.name))


def _read(body: Mapping[str, Any]) -> Iterator[Installation]:
    containers = as_list(value_at(body, ("spec", "template", "spec", "containers")))
    for index, container in enumerate(map(as_mapping, containers)):
        image = _IMAGE.search(as_str(container.get("image")))
        if image is None:
            continue
        metadata, tag = as_mapping(body.get("metadata")), image["tag"] or ""
        command, arguments = (
            tuple(as_str(word) for word in as_list(container.get(key))) for key in ("command", "args")
        )
        replicas = value_at(body, ("spec", "replicas"))
        yield Installation(
            namespace=as_str(metadata.get("namespace")),
            name=as_str(metadata.get("name")),
            version=tag if _RELEASE.fullmatch(tag) else "",
            flags=flags_of([*command[1:], *arguments]),
            command=command,
            arguments=arguments,
            container=index,
            desired=as_int(replicas, 1),
            available=as_int(value_at(body, ("status", "availableReplicas"))),
            helm=as_str(as_mapping(metadata.get("annotations")).get("meta.helm.sh/release-name")),
        )


def flags_of(words: list[str]) -> dict[str, str]:
    """Flags as Go's `flag` reads them: one dash or two, `-name=value` or `-name value`."""
    flags: dict[str, str] = {}
    rest = list(words)
    while rest:
        match = _FLAG.fullmatch(rest.pop(0))
        if match is None:
            break
        name, value = match.groups()
        if value is None:
            value = "true" if name in _BOOLEAN or not rest else rest.pop(0)
        flags[name] = value
    return flags
