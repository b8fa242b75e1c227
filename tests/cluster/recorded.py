"""A sound cluster, recorded from a real API server (`python -m tests.e2e.record_dumps`), to be changed in memory."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.dump import DumpSource
from chartgen.cluster.preflight.run import preflight
from chartgen.inputs.yaml import yaml_document
from chartgen.manifests.documents import split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.cluster.preflight.check import Check, Result

FIXTURES = Path(__file__).parents[2] / "fixtures"
DUMPS = FIXTURES / "cluster"
CHART = FIXTURES / "cluster-chart.yaml"
NAMESPACE, NAME = "jx-production", "ready"


def _documents(text: str) -> list[dict[str, Any]]:
    return [body for _, _, each in split(text) if (body := yaml_document(each))]


@cache
def _recorded() -> tuple[dict[str, Any], ...]:
    found = [each for path in sorted(DUMPS.glob("*.json")) for each in json.loads(path.read_text())["items"]]
    return (*found, *_documents((DUMPS / "secrets.yaml").read_text()))


@cache
def _rendered() -> tuple[dict[str, Any], ...]:
    documents = _documents(CHART.read_text())
    for body in documents:
        body["metadata"].setdefault("namespace", NAMESPACE)
    return tuple(documents)


@dataclass(slots=True)
class Facts(DumpSource):
    """Dumps that answer what only a live cluster can: DNS, rights and Prometheus."""

    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    denied: frozenset[tuple[str, str]] = frozenset()
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def resolve(self, host: str) -> tuple[str, ...]:
        return self.addresses.get(host, ())

    def allowed(self, verb: str, group: str, plural: str, namespace: str) -> bool:
        assert namespace == NAMESPACE
        assert ("." in group) or not group or group in {"apps", "autoscaling", "policy"}
        return (verb, plural) not in self.denied

    def user(self) -> str:
        return "ann"

    def prometheus(self, url: str, path: str, query: Mapping[str, str]) -> Any:
        text = query.get("query", "")
        self.asked.append(f"{url}{path} {text}")
        answer = next((value for part, value in self.answers.items() if part in text), 42.0)
        if isinstance(answer, Exception):
            raise answer
        result = [] if answer is None else [{"metric": {}, "value": [0, str(answer)]}]
        return {"resultType": "vector", "result": result}


@dataclass(slots=True)
class Recorded:
    """The recorded cluster and chart; tests change `objects` and `chart` before they ask."""

    objects: list[dict[str, Any]] = field(default_factory=lambda: copy.deepcopy(list(_recorded())))
    chart: list[dict[str, Any]] = field(default_factory=lambda: copy.deepcopy(list(_rendered())))
    source: Facts = field(init=False)

    def __post_init__(self) -> None:
        self.source = Facts("dumps", (), frozenset(path.stem for path in DUMPS.iterdir()) | {"scaledobjects.keda.sh"})

    def get(self, kind: str, name: str) -> dict[str, Any]:
        found = [each for each in self.objects if each["kind"] == kind and each["metadata"]["name"] == name]
        assert len(found) == 1, (kind, name)
        return found[0]

    def remove(self, kind: str, name: str) -> None:
        self.objects.remove(self.get(kind, name))

    @property
    def canary(self) -> dict[str, Any]:
        return next(each for each in self.chart if each["kind"] == "Canary")

    def add(self, api_version: str, kind: str, place: str, **content: Any) -> dict[str, Any]:
        namespace, _, name = place.rpartition("/")
        metadata: dict[str, Any] = {"name": name, **({"namespace": namespace} if namespace else {})}
        metadata.update(content.pop("metadata", {}))
        body = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}
        self.objects.append(body)
        return body

    def result(self, release: str = NAME, *, keeps_service: bool = True) -> Result:
        self.source.objects = tuple(self.objects)
        return preflight(
            self.canary,
            tuple(self.chart),
            self.source,
            release=release,
            kubectl=("kubectl",),
            keeps_service=keeps_service,
        )

    def problems(self) -> list[Check]:
        return [check for check in self.result().checks if check.status.name != "OK"]
