"""One rollout on the plane: its objects are sent, its actions done, and what each tick did is kept."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.e2e.answers import Script
from tests.e2e.client import MERGE_PATCH, NOT_FOUND, ApiError
from tests.e2e.knative import API as KNATIVE
from tests.e2e.recording.state import Names, state

if TYPE_CHECKING:
    from tests.e2e.client import Client, JsonObject

_VERSIONS = {
    "Canary": "flagger.app/v1beta1",
    "VirtualService": "networking.istio.io/v1beta1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "Ingress": "networking.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "Deployment": "apps/v1",
    "DaemonSet": "apps/v1",
}
# A Canary that is gone, or that Flagger never saw, has no more ticks; so long is waited for the next one.
_PATIENCE = 75.0


@dataclass(slots=True)
class Beat:
    """A tick as it is recorded."""

    at: float
    after: JsonObject | None = None


@dataclass(slots=True)
class Rollout:
    """`given` is a recording of which only canary, objects, metrics, hooks and actions are read."""

    given: JsonObject
    wanted: int
    script: Script = field(init=False)
    names: Names = field(init=False)
    beats: list[Beat] = field(default_factory=list)
    refused: str | None = None
    begun: float = 0.0
    ended: float = float("inf")
    _version: int = 1

    def __post_init__(self) -> None:
        spec = self.given["canary"]["spec"]
        self.names = Names.of(self.given["canary"])
        self.script = Script(
            canary=self.names.canary,
            target=self.names.target,
            namespace=self.names.namespace,
            metrics=self.given["metrics"],
            hooks=self.given["hooks"],
            queries=_inline_queries(spec),
        )

    def send(self, client: Client) -> None:
        """Create the objects and the Canary; a refusal of the Canary is a result."""
        for manifest in self.given["objects"]:
            client.create(manifest)
        try:
            client.create(self.given["canary"])
        except ApiError as error:
            self.refused = str(error.status.get("message"))

    def begin(self, at: float) -> int:
        """A tick began; its number."""
        self.beats.append(Beat(at))
        return len(self.beats) - 1

    def finished(self, now: float) -> bool:
        if self.refused is not None:
            return True
        last = self.beats[-1].at if self.beats else self.begun
        if now - last > self._patience():
            return True
        return len(self.beats) >= self.wanted and all(beat.after is not None for beat in self.beats[: self.wanted])

    def _patience(self) -> float:
        if len(self.beats) < 2:
            return _PATIENCE
        return 2.5 * (self.beats[-1].at - self.beats[-2].at) + 10

    def look(self, client: Client, number: int) -> None:
        self.beats[number].after = state(client, self.names)

    def act(self, client: Client, number: int) -> None:
        """What the script does after this tick; what is not there cannot be changed."""
        for action in self.given["actions"]:
            if action["after_tick"] == number:
                try:
                    self._do(client, action)
                except ApiError as error:
                    if error.code != NOT_FOUND:
                        raise

    def _do(self, client: Client, action: JsonObject) -> None:
        if action["do"] == "new-version":
            self._new_version(client, action)
            return
        kind = action["kind"]
        version, name = self._object(kind)
        if action["do"] == "delete":
            client.delete(version, kind, self.names.namespace, name)
        else:
            content_type = action.get("type", MERGE_PATCH)
            client.patch(version, kind, self.names.namespace, name, action["patch"], content_type)

    def _new_version(self, client: Client, action: JsonObject) -> None:
        self._version += 1
        version = str(action.get("version", self._version))
        annotations = {"version": version, **action.get("annotations", {})}
        patch = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
        api = KNATIVE if self.names.provider == "knative" else "apps/v1"
        client.patch(api, self.names.kind, self.names.namespace, self.names.target, patch)

    def _object(self, kind: str) -> tuple[str, str]:
        """apiVersion and name of the rollout's object of a kind: the Canary, one it was sent with, or Flagger's."""
        if kind == "Canary":
            return _VERSIONS[kind], self.names.canary
        for manifest in self.given["objects"]:
            if manifest["kind"] == kind:
                return manifest["apiVersion"], manifest["metadata"]["name"]
        return _VERSIONS.get(kind, "v1"), self.names.apex

    def clean_up(self, client: Client) -> None:
        """Delete the Canary (with the objects Flagger created) and the sent objects; events from now on aren't recorded."""
        self.ended = time.time()
        for manifest in [self.given["canary"], *self.given["objects"]]:
            metadata = manifest["metadata"]
            client.delete(manifest["apiVersion"], manifest["kind"], metadata["namespace"], metadata["name"])

    def recorded(self, flagger: str, kubernetes: str) -> JsonObject:
        """The recording, in the format it was read in."""
        kept = {key: copy.deepcopy(value) for key, value in self.given.items() if key not in {"ticks", "refused"}}
        kept["flagger"], kept["kubernetes"] = flagger, kubernetes
        if self.refused is not None:
            kept["refused"] = self.refused
        beats = self.beats[: self.wanted]
        return {**kept, "ticks": [self._tick(number, beat) for number, beat in enumerate(beats)]}

    def _tick(self, number: int, beat: Beat) -> JsonObject:
        end = self.beats[number + 1].at if number + 1 < len(self.beats) else self.ended
        tick: JsonObject = {"tick": number, "second": round(beat.at - self.beats[0].at, 1)}
        tick["events"] = [[each.type, each.text] for each in self.script.events if beat.at <= each.at < end]
        metrics = [[each.metric, each.answer] for each in self.script.metric_calls if beat.at <= each.at < end]
        hooks = [[each.hook, each.phase, each.answer] for each in self.script.hook_calls if beat.at <= each.at < end]
        if metrics:
            tick["metrics"] = metrics
        if hooks:
            tick["hooks"] = hooks
        return {**tick, "after": beat.after}


def _inline_queries(spec: JsonObject) -> frozenset[str]:
    """Inline queries without template actions: a request contains them as written."""
    metrics: list[dict[str, Any]] = (spec.get("analysis") or {}).get("metrics") or []
    queries = (str(each.get("query") or "") for each in metrics)
    return frozenset(" ".join(query.split()) for query in queries if query and "{{" not in query)
