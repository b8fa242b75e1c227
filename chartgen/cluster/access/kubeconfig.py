"""Reads a kubeconfig with the official client, and turns what it can't use into one clear error."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from chartgen.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubernetes.client import Configuration

INSTALL = "pip install 'chartgen[cluster]'"
_HINT = "name a kubeconfig with --kubeconfig or KUBECONFIG, and one of its contexts with --context"
_LOGIN = "try kubectl with the same context; log in again, or choose another --context"
# Of a message that quotes the file.
_LONGEST = 300


def client_configuration(kubeconfig: str, context: str) -> tuple[str, Configuration]:
    """The name of a kubeconfig's context, and the client's configuration for it; that of the pod without a kubeconfig.

    ClusterError if there is neither, the client isn't installed, or the credentials can't be had.
    """
    try:
        import urllib3
        from kubernetes import config
        from kubernetes.client import Configuration
    except ImportError as error:
        raise ClusterError(
            f"the Kubernetes client isn't installed ({error.name})", hint=f"install it: {INSTALL}"
        ) from error
    configuration, client_config = Configuration(), cast("Any", config)
    # The client reads the variable only once, when it is imported.
    file = kubeconfig or os.environ.get("KUBECONFIG") or None
    try:
        with credentials_wanted(context or "the current context"):
            client_config.load_kube_config(file, context or None, configuration, persist_config=False)
        name = context or client_config.list_kube_config_contexts(file)[1]["name"]
    except ClusterError:
        raise
    except Exception as error:
        # Whatever a file that isn't a kubeconfig makes the client stumble over.
        name = "in-cluster"
        if context or _exists(file) or not _loaded_in_cluster(client_config, configuration):
            raise ClusterError(f"no cluster to ask: {_reason(error, config.ConfigException)}", hint=_HINT) from error
    _check_server(name, configuration)
    if not configuration.verify_ssl:
        # The kubeconfig says so; kubectl doesn't warn about it either.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return name, configuration


def _exists(file: str | None) -> bool:
    """Whether there is a kubeconfig: a broken one is never passed over for the cluster of the pod."""
    return any(Path(each).expanduser().exists() for each in (file or "~/.kube/config").split(os.pathsep))


def _reason(error: Exception, own: type[Exception]) -> str:
    text = " ".join(str(error).split())
    said = text if isinstance(error, (own, OSError)) else f"the kubeconfig can't be used: {text}"
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]} …"


def _check_server(name: str, configuration: Configuration) -> None:
    try:
        url = urlsplit(configuration.host)
        known = bool(url.scheme in {"http", "https"} and url.hostname)
    except ValueError:
        known = False
    if not known:
        raise ClusterError(
            f"{name}: {configuration.host!r} is not the address of an API server",
            hint="set clusters.cluster.server in the kubeconfig, with https://",
        )


def _loaded_in_cluster(client_config: Any, configuration: Any) -> bool:
    """Whether chartgen runs in a pod; fills in the configuration."""
    try:
        client_config.load_incluster_config(configuration)
    except client_config.ConfigException:
        return False
    return True


@contextmanager
def credentials_wanted(name: str) -> Iterator[None]:
    """ClusterError if the client can't get the credentials: it only logs that, and goes on as nobody."""
    complaints = _Complaints(logging.ERROR)
    root = logging.getLogger()
    root.addHandler(complaints)
    try:
        yield
    finally:
        root.removeHandler(complaints)
    if complaints.texts:
        raise ClusterError(f"{name}: no credentials: {complaints.texts[-1]}", hint=_LOGIN)


class _Complaints(logging.Handler):
    """What is logged as an error meanwhile."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(" ".join(record.getMessage().split())[:_LONGEST])
