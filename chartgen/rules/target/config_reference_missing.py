"""A ConfigMap or Secret named after the target that the release doesn't render."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_list
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import containers, pod_route, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_REFERENCES = (("configMapRef", "ConfigMap"), ("secretRef", "Secret"), ("configMapKeyRef", "ConfigMap"),
               ("secretKeyRef", "Secret"))  # fmt: skip


class ConfigReferenceMissing(CanaryRule):
    id = "config-reference-missing"
    severity = Severity.WARNING
    summary = "reference to a ConfigMap or Secret of the target that the release doesn't render"
    tags = ("references",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        if target is None or target.kind == "Service" or not rendering.chart.files:
            return
        for at, kind, name in _references(target):
            if name.startswith(target.name) and not self._is_rendered(kind, name, rendering):
                yield Problem(
                    f"the release doesn't render {kind} {name}: if it doesn't exist, Flagger fails at every tick; "
                    "render it, or set optional: true",
                    at=at,
                    manifest=target,
                )

    def _is_rendered(self, kind: str, name: str, rendering: Rendering) -> bool:
        """Whether the release renders the object, or one from which an operator creates it."""
        if rendering.named(kind, name):
            return True
        text = "\n".join(rendering.texts.values())
        return kind == "Secret" and bool(
            re.search(rf"kind: (?:ExternalSecret|SealedSecret|Certificate)\b.*{name}", text, re.DOTALL)
        )


def _references(target: Manifest) -> Iterator[tuple[Route, str, str]]:
    for at, container in containers(target):
        for index, source in enumerate(as_list(container.get("envFrom"))):
            yield from _named(source, (*at, "envFrom", index))
        for index, variable in enumerate(as_list(container.get("env"))):
            if isinstance(variable, dict):
                yield from _named(variable.get("valueFrom"), (*at, "env", index, "valueFrom"))
    volumes = (*pod_route(target), "spec", "volumes")
    for index, volume in enumerate(as_list(target.get(volumes))):
        for key, kind, name in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
            source = volume.get(key) if isinstance(volume, dict) else None
            if isinstance(source, dict) and source.get(name) and source.get("optional") is not True:
                yield (*volumes, index, key, name), kind, str(source[name])


def _named(source: Any, at: Route) -> Iterator[tuple[Route, str, str]]:
    for key, kind in _REFERENCES:
        ref = source.get(key) if isinstance(source, dict) else None
        if isinstance(ref, dict) and ref.get("name") and ref.get("optional") is not True:
            yield (*at, key, "name"), kind, str(ref["name"])
