"""A cluster's API server, reached with the official `kubernetes` client (the extra `chartgen[cluster]`). Read-only."""

from __future__ import annotations

import json
import re
import shlex
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chartgen.cluster.access.address import address_of
from chartgen.cluster.access.kubeconfig import client_configuration, credentials_wanted
from chartgen.cluster.access.resources import SECRETS
from chartgen.cluster.access.source import UnreadableError
from chartgen.errors import ClusterError
from chartgen.flagger.canary import as_list, as_mapping, as_str

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kubernetes.client import ApiClient

    from chartgen.cluster.access.resources import Resource
    from chartgen.cluster.access.source import Object

_PAGE = "500"
_SECONDS = 20
# A query that Prometheus doesn't answer until then is not one that Flagger could use either.
_QUERY_SECONDS = 10
_LOGIN = "log in again, or choose another --context"
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
# How urllib3 begins what it says about a connection.
_CONNECTION = re.compile(r"^HTTPS?Connection(?:Pool)?\(.*?\): ")
_REFUSED, _NOT_FOUND, _FORBIDDEN, _UNAUTHORIZED = 400, 404, 403, 401


def connect(kubeconfig: str = "", context: str = "") -> LiveSource:
    """The cluster of a kubeconfig's context, or the one that chartgen runs in; ClusterError if there is none."""
    name, configuration = client_configuration(kubeconfig, context)
    from kubernetes.client import ApiClient

    try:
        return LiveSource(name, ApiClient(configuration))
    except (OSError, ValueError) as error:
        raise ClusterError(f"{name}: the kubeconfig's certificates can't be used: {error}", hint=_LOGIN) from error


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
            page = as_mapping(self.request(resource.path(namespace), query))
            found += [
                {**each, "apiVersion": resource.api_version, "kind": resource.kind}
                for each in as_list(page.get("items"))
                if isinstance(each, dict)
            ]
            token = as_str(as_mapping(page.get("metadata")).get("continue"))
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
        place = address_of(url)
        host = place.host.split(".")
        inside = len(host) == 2 or (len(host) > 2 and host[2] == "svc")  # noqa: PLR2004 - name.namespace.svc…
        if not inside or not all(map(_LABEL.fullmatch, host)) or ".." in place.path:
            raise UnreadableError(f"{url} isn't a Service of the cluster", "chartgen preflight CHART --prometheus URL")
        scheme = "https:" if place.scheme == "https" else ""
        service = f"{scheme}{host[0]}:{place.port}"
        proxy = f"/api/v1/namespaces/{host[1]}/services/{service}/proxy{place.path.rstrip('/')}{path}"
        try:
            return answer_of(url, self.request(proxy, query, quiet=True, seconds=_QUERY_SECONDS))
        except ClusterError as error:
            # Slow, or no JSON: that is Prometheus, the API server only forwards.
            raise UnreadableError(f"{url} doesn't answer through the API server's proxy") from error

    def request(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: object = None,
        accept: str = "application/json",
        quiet: bool = False,
        seconds: float = _SECONDS,
    ) -> Any:
        """The JSON of one answer, None for 404. `quiet`: other errors are UnreadableError too."""
        response = self.send(path, query, body=body, accept=accept, seconds=seconds)
        if response.status >= _REFUSED:
            return self._refused(response, path, quiet=quiet)
        return self.document(response.data)

    def document(self, data: bytes) -> Any:
        """An answer's JSON; ClusterError if it is something else, such as the login page of a proxy."""
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise ClusterError(
                f"{self.name}: {self.client.configuration.host} doesn't answer as an API server does",
                hint="check the address in the kubeconfig, and whether a proxy asks for a login",
            ) from error

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
        headers.update(self._credentials())
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
        except ValueError as error:
            # The message would quote the token.
            raise ClusterError(
                f"{self.name}: the kubeconfig's token has characters that HTTP can't send", hint=_LOGIN
            ) from error

    def _credentials(self) -> dict[str, str]:
        """The headers that say who asks; a plugin may be run for a new token."""
        with credentials_wanted(self.name):
            auths = self.client.configuration.auth_settings().values()
        return {auth["key"]: auth["value"] for auth in auths if auth["in"] == "header" and auth["value"]}

    def _refused(self, response: Any, path: str, *, quiet: bool) -> None:
        if response.status == _NOT_FOUND and not quiet:
            return
        reason = status_message(response.data) or f"status {response.status}"
        if response.status == _FORBIDDEN or quiet:
            raise UnreadableError(reason, self._grant() if response.status == _FORBIDDEN else "")
        hint = _LOGIN if response.status == _UNAUTHORIZED else f"look at {path}"
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
        reason = " ".join(str(getattr(error, "reason", None) or error).split()) or type(error).__name__
        reason = _CONNECTION.sub("", reason)
        return ClusterError(
            f"{self.name}: the API server {self.client.configuration.host} doesn't answer: {reason}",
            hint="check the address in the kubeconfig, the network or the VPN, and run again",
        )


def status_message(data: bytes) -> str:
    """The message of the Status object in an error answer; empty if it is none."""
    try:
        return str(json.loads(data)["message"])
    except (ValueError, TypeError, KeyError):
        return ""
