"""The watches behind `watch`, on servers that break off, forget, or answer nonsense."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.cluster.access.live import connect
from chartgen.cluster.watching import feed
from chartgen.cluster.watching.feed import Feed
from chartgen.errors import ChartgenError, ClusterError
from tests.cluster.test_kubeconfig import LOGIN_PAGE, kubeconfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chartgen.cluster.watching.feed import Change


def canary(version: str, phase: str = "Progressing") -> dict[str, Any]:
    metadata = {"name": "web", "namespace": "prod", "resourceVersion": version}
    return {"kind": "Canary", "metadata": metadata, "status": {"phase": phase}}


def listed(*items: Any, version: str = "1") -> bytes:
    return json.dumps({"metadata": {"resourceVersion": version}, "items": items}).encode()


def message(kind: str, body: Any) -> bytes:
    return json.dumps({"type": kind, "object": body}).encode() + b"\n"


class Script:
    """What the server answers to lists and to watches of Canaries, one after the other; the last one again and again.

    A watch is a list of messages, and of seconds to wait; it breaks off after them, in the middle of the answer.
    """

    def __init__(self, lists: list[bytes], watches: list[list[bytes | float]]) -> None:
        self.lists, self.watches = lists, watches
        self.versions: list[str] = []

    @staticmethod
    def following(queue: list[Any]) -> Any:
        return queue.pop(0) if len(queue) > 1 else queue[0]


@contextmanager
def served(script: Script, folder: Path) -> Iterator[Feed]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if "/events" in self.path:
                self.whole(listed())
            elif "watch=true" in self.path:
                script.versions.append(self.path.partition("resourceVersion=")[2].partition("&")[0])
                self.chunks(script.following(script.watches))
            else:
                self.whole(script.following(script.lists))

        def whole(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def chunks(self, parts: list[bytes | float]) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in parts:
                if isinstance(part, bytes):
                    self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                    self.wfile.flush()
                else:
                    time.sleep(part)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A client may end its watch."""

    with Quiet(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            kubeconfig(folder, f"http://127.0.0.1:{server.server_address[1]}")
            yield Feed(connect(str(folder / "config")), "prod", "web")
        finally:
            server.shutdown()


def until(changes: Feed, wanted: Callable[[Change], bool]) -> Change:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        change = changes.next(1)
        if wanted(change):
            return change
    pytest.fail("it never happened")


def is_phase(phase: str) -> Callable[[Change], bool]:
    return lambda change: change.canary is not None and change.canary["status"]["phase"] == phase


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_PATIENCE", 0.5)
    monkeypatch.setattr(feed, "_PAUSE", 0.05)


def test_a_watch_that_breaks_off_late_is_resumed(tmp_path: Path) -> None:
    # Longer than the patience: what counts is the time since the server's last word.
    beats: list[bytes | float] = [0.2, message("BOOKMARK", canary("7"))] * 5
    script = Script([listed(canary("1"))], [beats, [message("MODIFIED", canary("8", "Succeeded")), 1.0]])
    with served(script, tmp_path) as changes:
        until(changes.start(), is_phase("Succeeded"))
    assert script.versions[:2] == ["1", "7"]


def test_what_the_server_has_forgotten_is_listed_again(tmp_path: Path) -> None:
    gone = message("ERROR", {"kind": "Status", "code": 410, "message": "too old resource version"})
    script = Script([listed(canary("1")), listed(canary("50", "Failed"), version="51")], [[gone], [1.0]])
    with served(script, tmp_path) as changes:
        until(changes.start(), is_phase("Failed"))
        until(changes, lambda _: len(script.versions) > 1)
    assert script.versions[:2] == ["1", "51"]


def test_a_canary_that_was_deleted_while_the_watch_was_broken(tmp_path: Path) -> None:
    gone = message("ERROR", {"kind": "Status", "code": 410})
    with served(Script([listed(canary("1")), listed()], [[gone], [1.0]]), tmp_path) as changes:
        until(changes.start(), lambda change: change.deleted)


@pytest.mark.parametrize("nonsense", [LOGIN_PAGE + b"\n", b"[]\n", b"null\n", b'{"type": "ADDED"}\n', b'{"type": 5}\n'])
def test_nonsense_in_a_watch_is_survived(nonsense: bytes, tmp_path: Path) -> None:
    script = Script([listed(canary("1"))], [[nonsense], [message("MODIFIED", canary("2", "Succeeded")), 1.0]])
    with served(script, tmp_path) as changes:
        until(changes.start(), is_phase("Succeeded"))


def test_a_server_that_never_answers_sensibly_again_is_an_error(tmp_path: Path) -> None:
    gone = message("ERROR", {"kind": "Status", "code": 410})
    with served(Script([listed(canary("1")), LOGIN_PAGE], [[gone]]), tmp_path) as changes:
        changes.start()
        with pytest.raises(ClusterError, match="doesn't answer as an API server does"):
            until(changes, lambda _: False)


def test_a_thread_that_crashes_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(Script([listed(canary("1"))], [[1.0]]), tmp_path) as changes:
        monkeypatch.setattr(feed, "_lines", lambda _: 5)
        changes.start()
        with pytest.raises(ChartgenError, match="internal error"):
            until(changes, lambda _: False)


@pytest.mark.parametrize("answer", [LOGIN_PAGE, b"[]", b"{}", b'{"items": null}'])
def test_the_first_list_must_have_the_canary(answer: bytes, tmp_path: Path) -> None:
    with served(Script([answer], [[1.0]]), tmp_path) as changes, pytest.raises(ClusterError):
        changes.start()
