"""A thin client of one API server: JSON in, JSON out, with Kubernetes' own verbs and paths."""

from __future__ import annotations

import http.client
import json
import ssl
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

JsonObject = dict[str, Any]

MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
NOT_FOUND = 404
_ALREADY_EXISTS = 409
_REFUSED = 400


class ApiError(Exception):
    """The API server said no: its status code, its message and the whole Status object."""

    def __init__(self, code: int, status: JsonObject) -> None:
        self.code = code
        self.status = status
        super().__init__(f"{code}: {status.get('message') or status.get('raw')}")


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    body: JsonObject
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Client:
    """Speaks as one user. Threads may share it: idle connections are kept for whoever asks next, until `close`."""

    port: int
    token: str
    _idle: deque[http.client.HTTPSConnection] = field(default_factory=deque)
    _plurals: dict[str, dict[str, tuple[str, bool]]] = field(default_factory=dict)

    def send(
        self, method: str, path: str, body: object = None, *, content_type: str = "application/json", **query: str
    ) -> Answer:
        """One request, whatever its answer. `body`: an object to encode, or text sent as it is."""
        data = body if isinstance(body, str) or body is None else json.dumps(body)
        target = f"{path}?{urlencode(query)}" if query else path
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type, "Accept": "application/json"}
        encoded = data.encode() if data is not None else None
        try:
            return self._exchange(self._idle.pop(), method, target, encoded, headers)
        except IndexError:
            pass
        except (http.client.HTTPException, OSError):
            pass  # An idle connection that the server has closed.
        return self._exchange(self.connect(), method, target, encoded, headers)

    def connect(self) -> http.client.HTTPSConnection:
        """A new connection. The server's certificate is its own; it listens on the loopback."""
        context = ssl._create_unverified_context()
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)

    def _exchange(
        self,
        connection: http.client.HTTPSConnection,
        method: str,
        target: str,
        data: bytes | None,
        headers: dict[str, str],
    ) -> Answer:
        try:
            connection.request(method, target, data, headers)
            response = connection.getresponse()
            raw = response.read()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        warnings = tuple(_warning_text(value) for value in response.headers.get_all("Warning") or ())
        return Answer(response.status, _decoded(raw), warnings)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def must(
        self, method: str, path: str, body: object = None, *, content_type: str = "application/json"
    ) -> JsonObject:
        answer = self.send(method, path, body, content_type=content_type)
        if answer.code >= _REFUSED:
            raise ApiError(answer.code, answer.body)
        return answer.body

    def path(self, api_version: str, kind: str, namespace: str = "default", name: str = "") -> str:
        """The path of a kind's collection, or of one object in it, from the server's discovery."""
        root = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        plural, namespaced = self._resource(root, kind)
        scope = f"/namespaces/{quote(namespace)}" if namespaced else ""
        return f"{root}{scope}/{plural}" + (f"/{quote(name)}" if name else "")

    def _resource(self, root: str, kind: str) -> tuple[str, bool]:
        known = self._plurals.get(root, {})
        if kind not in known:
            listed = self.must("GET", root)["resources"]
            known = {each["kind"]: (each["name"], each["namespaced"]) for each in listed if "/" not in each["name"]}
            self._plurals[root] = known
        if kind not in known:
            raise ApiError(NOT_FOUND, {"message": f"the server knows no {kind} in {root}"})
        return known[kind]

    def path_of(self, manifest: JsonObject, *, named: bool = True) -> str:
        metadata = manifest["metadata"]
        name = metadata["name"] if named else ""
        return self.path(manifest["apiVersion"], manifest["kind"], metadata.get("namespace", "default"), name)

    def create(self, manifest: JsonObject) -> JsonObject:
        return self.must("POST", self.path_of(manifest, named=False), manifest)

    def dry_run(self, manifest: JsonObject) -> Answer:
        """Create without storing, as Helm 3 and client libraries do: unknown fields are pruned with a warning."""
        path = self.path_of(manifest, named=False)
        return self.send("POST", path, manifest, dryRun="All", fieldValidation="Warn")

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> JsonObject | None:
        answer = self.send("GET", self.path(api_version, kind, namespace, name))
        if answer.code == NOT_FOUND:
            return None
        if answer.code >= _REFUSED:
            raise ApiError(answer.code, answer.body)
        return answer.body

    def items(self, api_version: str, kind: str, namespace: str, selector: str = "") -> list[JsonObject]:
        """A list, from the server's watch cache: what controllers see too."""
        path = self.path(api_version, kind, namespace)
        answer = self.send("GET", path, labelSelector=selector, resourceVersion="0")
        if answer.code >= _REFUSED:
            raise ApiError(answer.code, answer.body)
        items: list[JsonObject] = answer.body["items"]
        return items

    def patch(
        self, api_version: str, kind: str, namespace: str, name: str, patch: object, content_type: str = MERGE_PATCH
    ) -> JsonObject:
        path = self.path(api_version, kind, namespace, name)
        return self.must("PATCH", path, patch, content_type=content_type)

    def delete(self, api_version: str, kind: str, namespace: str, name: str) -> None:
        answer = self.send("DELETE", self.path(api_version, kind, namespace, name))
        if answer.code >= _REFUSED and answer.code != NOT_FOUND:
            raise ApiError(answer.code, answer.body)

    def ensure_namespace(self, name: str) -> None:
        answer = self.send("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        if answer.code >= _REFUSED and answer.code != _ALREADY_EXISTS:
            raise ApiError(answer.code, answer.body)


def _decoded(raw: bytes) -> JsonObject:
    try:
        body = json.loads(raw)
    except ValueError:
        return {"raw": raw.decode(errors="replace")}
    return body if isinstance(body, dict) else {"raw": raw.decode(errors="replace")}


def _warning_text(header: str) -> str:
    """The text in `299 - "text"`, unescaped."""
    return header.partition('"')[2].removesuffix('"').replace('\\"', '"').replace("\\\\", "\\")
