"""Kubeconfigs that can't be used, and servers that aren't an API server: one clear line each, and exit code 2."""

from __future__ import annotations

import copy
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.cluster.access.live import connect
from chartgen.cluster.access.resources import CANARIES, METRIC_TEMPLATES
from chartgen.cluster.access.source import UnreadableError
from chartgen.errors import ClusterError, UsageError
from chartgen.escaping import json_text
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_EXEC = "client.authentication.k8s.io/v1"
# A port on which nothing listens.
_NOBODY = "http://127.0.0.1:1"


def kubeconfig(folder: Path, server: object = _NOBODY, **user: Any) -> dict[str, Any]:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "ann"}}],
        "clusters": [{"name": "test", "cluster": {"server": server}}],
        "users": [{"name": "ann", "user": user}],
    }
    (folder / "config").write_text(json_text(config))
    return config


def plugin(*words: str) -> dict[str, Any]:
    command, *arguments = words
    return {"exec": {"apiVersion": _EXEC, "command": command, "args": arguments, "interactiveMode": "Never"}}


def failure(folder: Path) -> str:
    """The error of a command; `chartgen` fails if it shows a traceback."""
    done = chartgen("drift", "--kubeconfig", str(folder / "config"))
    assert (done.returncode, done.stdout) == (2, "")
    error, hint = done.stderr.splitlines()
    assert error.startswith("error: ")
    assert "internal error" not in error
    assert hint.startswith("help: ")
    return error


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "file is empty"),
        ("hello\n", "the kubeconfig can't be used"),
        ("- a\n- b\n", "the kubeconfig can't be used"),
        ("clusters: [\n", "while parsing a flow node"),
        ("\x00\x01", "the kubeconfig can't be used"),
        ("current-context: x\ncontexts:\n", "x"),
    ],
)
def test_a_file_that_is_no_kubeconfig(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(text)
    assert reason in failure(tmp_path)


@pytest.mark.parametrize("part", ["contexts", "clusters", "current-context"])
@pytest.mark.parametrize("value", [None, 5, "x", [], [None]])
def test_a_kubeconfig_with_a_broken_part(part: str, value: object, tmp_path: Path) -> None:
    config = copy.deepcopy(kubeconfig(tmp_path))
    config[part] = value
    (tmp_path / "config").write_text(json_text(config))
    failure(tmp_path)


@pytest.mark.parametrize("server", ["", "https://", "not an address", 5, "ftp://x", "http://["])
def test_an_address_that_is_none(server: object, tmp_path: Path) -> None:
    kubeconfig(tmp_path, server)
    failure(tmp_path)


def test_a_server_that_is_away(tmp_path: Path) -> None:
    kubeconfig(tmp_path)
    assert failure(tmp_path).endswith(
        "test: the API server http://127.0.0.1:1 doesn't answer: "
        "Failed to establish a new connection: [Errno 111] Connection refused"
    )


@pytest.mark.parametrize(
    ("user", "reason"),
    [
        (plugin("no-such-plugin"), "no credentials: [Errno 2] No such file or directory: 'no-such-plugin'"),
        (plugin("false"), "no credentials: exec: process returned 1"),
        (plugin("echo", "login please"), "no credentials: exec: failed to decode process output"),
        (plugin("echo", "{}"), "no credentials: exec: malformed response"),
        ({"tokenFile": "/nowhere/token"}, "/nowhere/token"),
        ({"client-certificate": "/nowhere/a", "client-key": "/nowhere/b"}, "/nowhere/a"),
        ({"auth-provider": {"name": "gcp"}}, "the kubeconfig can't be used"),
    ],
)
def test_credentials_that_cannot_be_had(user: dict[str, Any], reason: str, tmp_path: Path) -> None:
    # The client only logs that a plugin failed, and would ask as system:anonymous.
    kubeconfig(tmp_path, "https://127.0.0.1:1", **user)
    assert reason in failure(tmp_path)


@pytest.mark.parametrize("token", ["to\nken", "to€ken"])
def test_a_token_is_never_quoted(token: str, tmp_path: Path) -> None:
    kubeconfig(tmp_path, token=token)
    error = failure(tmp_path)
    assert "characters that HTTP can't send" in error
    assert "ken'" not in error


def test_a_broken_kubeconfig_is_not_passed_over_for_the_cluster_of_the_pod(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("clusters: [\n")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    with pytest.raises(ClusterError, match="while parsing"):
        connect()


@contextmanager
def answering(answer: Callable[[str], tuple[int, bytes]]) -> Iterator[tuple[str, list[str]]]:
    """A server on the loopback that answers paths; its address, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


LOGIN_PAGE = b"<html><body>Please log in</body></html>"


@pytest.mark.parametrize("status", [200, 500, 503])
def test_the_login_page_of_a_proxy(status: int, tmp_path: Path) -> None:
    with answering(lambda _: (status, LOGIN_PAGE)) as (server, _):
        kubeconfig(tmp_path, server)
        assert "answer" in failure(tmp_path)


@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b'{"items": 5}', b'{"items": [null]}', b'{"metadata": null}'])
def test_answers_without_objects(body: bytes, tmp_path: Path) -> None:
    with answering(lambda _: (200, body)) as (server, _):
        kubeconfig(tmp_path, server)
        assert connect(str(tmp_path / "config")).items(CANARIES) == []


def test_an_expired_token(tmp_path: Path) -> None:
    with answering(lambda _: (401, b'{"kind": "Status", "message": "Unauthorized"}')) as (server, _):
        kubeconfig(tmp_path, server, token="old")
        assert failure(tmp_path) == "error: test: the API server answers 401: Unauthorized"


def test_a_name_from_a_chart_is_one_segment_of_the_path(tmp_path: Path) -> None:
    with answering(lambda _: (404, b"{}")) as (server, asked):
        kubeconfig(tmp_path, server)
        source = connect(str(tmp_path / "config"))
        for name in ("../../secrets/login", "..", "a?watch=true"):
            assert source.get(METRIC_TEMPLATES, "prod", name) is None
    root = "/apis/flagger.app/v1beta1/namespaces/prod/metrictemplates/"
    assert asked == [f"{root}..%2F..%2Fsecrets%2Flogin", f"{root}%2E%2E", f"{root}a%3Fwatch%3Dtrue"]


@pytest.mark.parametrize(
    "url",
    ["http://[", "http://prometheus", "http://a.b.example.com", "http://a.b/../../secrets", "http://a%2fb.c", "x"],
)
def test_an_address_outside_the_cluster_is_not_asked_through_the_proxy(url: str, tmp_path: Path) -> None:
    with answering(lambda _: (200, b"{}")) as (server, asked):
        kubeconfig(tmp_path, server)
        with pytest.raises(UnreadableError, match="isn't a Service"):
            connect(str(tmp_path / "config")).prometheus(url, "/api/v1/query", {})
    assert asked == []


@pytest.mark.parametrize("body", [LOGIN_PAGE, b"[1]", b'{"status": "ok"}', b"[" * 100_000])
@pytest.mark.parametrize("direct", [False, True])
def test_a_prometheus_that_answers_something_else(body: bytes, direct: bool, tmp_path: Path) -> None:
    with answering(lambda _: (200, body)) as (server, _):
        kubeconfig(tmp_path, server)
        source = connect(str(tmp_path / "config"))
        source.prometheus_url = server if direct else ""
        with pytest.raises(UnreadableError, match="doesn't answer"):
            source.prometheus("http://prometheus.monitoring:9090", "/api/v1/query", {})


@pytest.mark.parametrize("url", ["", "prometheus:9090", "http://", "http://[", "http://127.0.0.1:99999", "file:///x"])
def test_prometheus_option_that_is_no_address(url: str, tmp_path: Path) -> None:
    kubeconfig(tmp_path)
    source = connect(str(tmp_path / "config"))
    source.prometheus_url = url or "/"
    with pytest.raises(UsageError, match="is not an address"):
        source.prometheus("http://prometheus.monitoring:9090", "/api/v1/query", {})


def test_a_namespace_without_canaries_has_nothing_to_compare(tmp_path: Path) -> None:
    with answering(lambda _: (200, b'{"kind": "CanaryList", "items": []}')) as (server, _):
        kubeconfig(tmp_path, server)
        assert failure(tmp_path) == "error: namespace default has no Canary"
