"""A cluster's API server, reached with the official `kubernetes` client (the extra `chartgen[cluster]`). Read-only."""

from __future__ import annotations

import json
import os
import shlex
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

from chartgen.cluster.access.resources import SECRETS
from chartgen.cluster.access.source import UnreadableError
from chartgen.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kubernetes.client import ApiClient

    from chartgen.cluster.access.resources import Resource
    from chartgen.cluster.access.source import Object

INSTALL = "pip install 'chartgen[cluster]'"
_PAGE = "500"
_SECONDS = 20
_REFUSED, _NOT_FOUND, _FORBIDDEN, _UNAUTHORIZED = 400, 404, 403, 401


def connect(kubeconfig: str = "", context: str = "") -> LiveSource:
    """The cluster of a kubeconfig's context, or the one that chartgen runs in; ClusterError if there is none."""
    try:
        import urllib3
        from kubernetes import config
        from kubernetes.client import ApiClient, Configuration
    except ImportError as error:
        raise ClusterError(
            f"the Kubernetes client isn't installed ({error.name})", hint=f"install it: {INSTALL}"
        ) from error
    configuration, client_config = Configuration(), cast("Any", config)
    # The client reads the variable only once, when it is imported.
    file = kubeconfig or os.environ.get("KUBECONFIG") or None
    try:
        client_config.load_kube_config(file, context or None, configuration, persist_config=False)
        name = context or client_config.list_kube_config_contexts(file)[1]["name"]
    except (config.ConfigException, OSError, TypeError, KeyError, ValueError) as error:
        name = "in-cluster"
        if kubeconfig or context or not _loaded_in_cluster(client_config, configuration):
            raise ClusterError(
                f"no cluster to ask: {' '.join(str(error).split())}",
                hint="name a kubeconfig with --kubeconfig or KUBECONFIG, and one of its contexts with --context",
            ) from error
    if not configuration.verify_ssl:
        # The kubeconfig says so; kubectl doesn't warn about it either.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return LiveSource(name, ApiClient(configuration))


def _loaded_in_cluster(client_config: Any, configuration: Any) -> bool:
    """Whether chartgen runs in a pod; fills in the configuration."""
    try:
        client_config.load_incluster_config(configuration)
    except client_config.ConfigException:
        return False
    return True


@dataclass(slots=True)
class LiveSource:
    """One API server; ClusterError when it is away. `prometheus_url` replaces the cluster's own addresses."""

    name: str
    client: ApiClient
    prometheus_url: str = ""
    _groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _lists: dict[tuple[str, str], list[Object]] = field(default_factory=dict)
    _user: str = ""

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        body = self.request(resource.path(namespace, name))
        return body if isinstance(body, dict) else None

    def items(self, resource: Resource, namespace: str = "") -> Sequence[Object]:
        """Asked for once: every check sees the same list."""
        key = (resource.path(), namespace)
        if key not in self._lists:
            self._lists[key] = self._listed(resource, namespace)
        return self._lists[key]

    def _listed(self, resource: Resource, namespace: str) -> list[Object]:
        found: list[Object] = []
        token = ""
        while True:
            query = {"limit": _PAGE, **({"continue": token} if token else {})}
            page = self.request(resource.path(namespace), query)
            if page is None:
                return found
            found += [
                {**each, "apiVersion": resource.api_version, "kind": resource.kind} for each in page.get("items") or []
            ]
            token = page.get("metadata", {}).get("continue") or ""
            if not token:
                return found

    def secret_exists(self, namespace: str, name: str) -> bool:
        """Asks for the metadata only, so the content never leaves the API server."""
        accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
        return self.request(SECRETS.path(namespace, name), accept=accept) is not None

    def served(self, group: str) -> tuple[str, ...]:
        if not self._groups:
            listed = (self.request("/apis") or {}).get("groups") or []
            self._groups = {each["name"]: tuple(one["version"] for one in each["versions"]) for each in listed}
        return self._groups.get(group, ())

    def allowed(self, verb: str, group: str, plural: str, namespace: str) -> bool:
        """A review creates nothing: the API server only answers it."""
        attributes = {"verb": verb, "group": group, "resource": plural, "namespace": namespace}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        answer = self.request("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body=review)
        return bool((answer or {}).get("status", {}).get("allowed"))

    def user(self) -> str:
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        answer = self.request("/apis/authentication.k8s.io/v1/selfsubjectreviews", body=review)
        return str((answer or {}).get("status", {}).get("userInfo", {}).get("username") or "")

    def resolve(self, host: str) -> tuple[str, ...]:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return ()
        return tuple(dict.fromkeys(str(each[4][0]) for each in found))

    def prometheus(self, url: str, path: str, query: Mapping[str, str]) -> Any:
        """Through the API server's proxy of the Service, or from `prometheus_url`."""
        from chartgen.cluster.access.prometheus import answer_of, fetched

        if self.prometheus_url:
            return fetched(self.prometheus_url, path, query)
        place = urlsplit(url)
        host = (place.hostname or "").split(".")
        if len(host) < 2 or (len(host) > 2 and host[2] != "svc"):  # noqa: PLR2004 - name.namespace.svc…
            raise UnreadableError(f"{url} isn't a Service of the cluster", "chartgen preflight CHART --prometheus URL")
        port = place.port or (443 if place.scheme == "https" else 80)
        scheme = "https:" if place.scheme == "https" else ""
        proxy = f"/api/v1/namespaces/{host[1]}/services/{scheme}{host[0]}:{port}/proxy{place.path.rstrip('/')}{path}"
        return answer_of(url, self.request(proxy, query, quiet=True))

    def request(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: object = None,
        accept: str = "application/json",
        quiet: bool = False,
    ) -> Any:
        """The JSON of one answer, None for 404. `quiet`: other errors are UnreadableError too."""
        response = self.send(path, query, body=body, accept=accept)
        if response.status >= _REFUSED:
            return self._refused(response, path, quiet=quiet)
        try:
            return json.loads(response.data)
        except ValueError as error:
            raise self.away(error) from error

    def send(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: object = None,
        accept: str = "application/json",
        stream: bool = False,
        seconds: float = _SECONDS,
    ) -> Any:
        """urllib3's response, whatever its status; ClusterError if there is none within `seconds`."""
        from urllib3 import Retry, Timeout
        from urllib3.exceptions import HTTPError

        headers = {"Accept": accept, "Content-Type": "application/json", "User-Agent": "chartgen"}
        for auth in self.client.configuration.auth_settings().values():
            if auth["in"] == "header" and auth["value"]:
                headers[auth["key"]] = auth["value"]
        target = f"{self.client.configuration.host}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            return self.client.rest_client.pool_manager.request(
                "GET" if body is None else "POST",
                target,
                body=None if body is None else json.dumps(body),
                headers=headers,
                timeout=Timeout(connect=_SECONDS, read=seconds),
                retries=Retry(1, redirect=0, status=0, backoff_factor=0.2),
                preload_content=not stream,
            )
        except (HTTPError, OSError) as error:
            raise self.away(error) from error

    def _refused(self, response: Any, path: str, *, quiet: bool) -> None:
        if response.status == _NOT_FOUND and not quiet:
            return
        reason = status_message(response.data) or f"status {response.status}"
        if response.status == _FORBIDDEN or quiet:
            raise UnreadableError(reason, self._grant() if response.status == _FORBIDDEN else "")
        hint = "log in again, or choose another --context" if response.status == _UNAUTHORIZED else f"look at {path}"
        raise ClusterError(f"{self.name}: the API server answers {response.status}: {reason}", hint=hint)

    def _grant(self) -> str:
        """What an administrator runs, so that the caller may read."""
        if not self._user:
            self._user = "NAME"
            with suppress(UnreadableError, ClusterError):
                self._user = self.user() or self._user
        return f"chartgen preflight --rbac --subject {shlex.quote(self._user)} | kubectl apply -f -"

    def away(self, error: Exception) -> ClusterError:
        """The error of an API server that doesn't answer."""
        reason = str(error).rpartition("Caused by ")[2] or type(error).__name__
        return ClusterError(
            f"{self.name}: the API server {self.client.configuration.host} doesn't answer: {' '.join(reason.split())}",
            hint="check the address in the kubeconfig, the network or the VPN, and run again",
        )


def status_message(data: bytes) -> str:
    """The message of the Status object in an error answer; empty if it is none."""
    try:
        return str(json.loads(data)["message"])
    except (ValueError, TypeError, KeyError):
        return ""
