"""The world around Flagger, scripted: a metrics server (Prometheus' API), hooks, and the receiver of its events."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

# A number, "none" (no series), "nan" or "error" (HTTP 500).
MetricAnswer = float | int | str
# A status, or a status and the seconds before it is sent.
HookAnswer = int | list[float]

SUCCESS_RATE, DURATION = "request-success-rate", "request-duration"
_DEFAULTS: dict[str, MetricAnswer] = {SUCCESS_RATE: 99.9, DURATION: 120}
_ONLINE_QUERY = "vector(1)"
_FIRST_CLOSED = 400


@dataclass(frozen=True, slots=True)
class Event:
    at: float
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class HookCall:
    at: float
    hook: str
    phase: str
    answer: HookAnswer


@dataclass(frozen=True, slots=True)
class MetricCall:
    at: float
    metric: str
    answer: MetricAnswer


@dataclass(slots=True)
class Script:
    """What one Canary's metrics and hooks answer, in the order of the calls, and what came in."""

    canary: str
    target: str
    # Empty where the Canary's name is its own in the whole cluster.
    namespace: str = ""
    metrics: dict[str, list[MetricAnswer]] = field(default_factory=dict)
    hooks: dict[str, list[HookAnswer]] = field(default_factory=dict)
    queries: frozenset[str] = frozenset()
    # The address of a real Prometheus that answers in place of the script.
    prometheus: str = ""
    events: list[Event] = field(default_factory=list)
    hook_calls: list[HookCall] = field(default_factory=list)
    metric_calls: list[MetricCall] = field(default_factory=list)
    _asked: dict[str, int] = field(default_factory=dict)

    def metric(self, name: str) -> MetricAnswer:
        answer: MetricAnswer = self._next(f"metric {name}", self.metrics.get(name) or [_DEFAULTS.get(name, 1)])
        self.metric_calls.append(MetricCall(time.time(), name, answer))
        return answer

    def hook(self, name: str, payload: dict[str, Any]) -> HookAnswer:
        answer: HookAnswer = self._next(f"hook {name}", self.hooks.get(name) or [200])
        self.hook_calls.append(HookCall(time.time(), name, payload.get("phase", ""), answer))
        return answer

    def record_event(self, payload: dict[str, Any]) -> None:
        """Record an event; its content is in the metadata of the payload."""
        metadata = payload.get("metadata") or {}
        if "eventMessage" in metadata:
            self.events.append(Event(time.time(), metadata["eventType"], metadata["eventMessage"]))

    def _next(self, what: str, answers: list[Any]) -> Any:
        """The next answer; the last one repeats."""
        asked = self._asked.get(what, 0)
        self._asked[what] = asked + 1
        return answers[min(asked, len(answers) - 1)]


def metric_of(query: str) -> str:
    """Which metric a query asks for: `custom_some_name{…}` is some-name, the others are Flagger's built-in ones."""
    if custom := re.search(r"custom_(\w+)", query):
        return custom[1].replace("_", "-")
    # Every provider's success rate leaves 5xx or failures out (pkg/metrics/observers); durations do not.
    return SUCCESS_RATE if re.search(r'!~"5|!="failure"', query) else DURATION


class Answers:
    """The server. Flagger reaches it as its HTTP proxy, so Canaries may name any host, and events contain it unchanged."""

    def __init__(self) -> None:
        self._scripts: dict[tuple[str, str], Script] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.answers = self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def proxy(self) -> dict[str, str]:
        """The environment that sends a process's HTTP (not its HTTPS, not the loopback's) here."""
        nothing = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"), "")
        return {**nothing, "HTTP_PROXY": f"http://{self.address}", "http_proxy": f"http://{self.address}"}

    def register(self, script: Script) -> Script:
        with self._lock:
            self._scripts[script.namespace, script.canary] = script
        return script

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def script(self, canary: str, namespace: str = "") -> Script:
        """The script of a Canary; one that nobody has written answers with success."""
        with self._lock:
            known = self._scripts.get((namespace, canary))
            return known or self._scripts.setdefault(("", canary), Script(canary, canary))

    def script_for(self, query: str) -> Script | None:
        """Whose query this is: the one whose inline query it is, else its namespace's, else the longest name in it.

        A template's query needn't contain the namespace.
        """
        with self._lock:
            scripts = list(self._scripts.values())
        squeezed = _squeezed(query)
        for script in scripts:
            if squeezed in script.queries:
                return script
        named = [script for script in scripts if _longest_name(squeezed, script)]
        return max(named, key=lambda script: _nearness(squeezed, script), default=None)

    def answer(self, query: str) -> tuple[int, bytes]:
        """Status and body, as Prometheus' instant query API has them."""
        if _ONLINE_QUERY in query:
            return 200, _vector("1")
        script = self.script_for(query)
        if script and script.prometheus:
            return _forward(script.prometheus, query)
        answer = script.metric(metric_of(query)) if script else _DEFAULTS.get(metric_of(query), 1)
        if answer == "error":
            return 500, b"backend down"
        if answer == "none":
            return 200, _body([])
        return 200, _vector("NaN" if answer == "nan" else str(answer))


def _nearness(query: str, script: Script) -> tuple[int, int]:
    in_namespace = bool(script.namespace) and _names(query, script.namespace)
    return len(script.namespace) if in_namespace else 0, _longest_name(query, script)


def _longest_name(query: str, script: Script) -> int:
    """How long the longest of the script's names in the query is, 0 without any."""
    return max((len(name) for name in (script.target, script.canary) if _names(query, name)), default=0)


def _names(query: str, name: str) -> bool:
    """Whether a query contains a name, alone or with prefixes and suffixes (as pods, upstreams and routes have)."""
    # Skipper's routes are called with underscores (pkg/metrics/observers/skipper.go).
    spelt = re.escape(name).replace(r"\-", "[-_]")
    return re.search(rf"(?<![a-z0-9]){spelt}(?![a-z0-9])", query) is not None


def _squeezed(query: str) -> str:
    return " ".join(query.split())


def _body(result: list[dict[str, Any]]) -> bytes:
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


def _vector(value: str) -> bytes:
    return _body([{"metric": {}, "value": [time.time(), value]}])


def _forward(url: str, query: str) -> tuple[int, bytes]:
    data = f"query={urllib.parse.quote(query)}".encode()
    with urllib.request.urlopen(f"{url}/api/v1/query", data, timeout=5) as response:
        return response.status, response.read()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    answers: Answers


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query).get("query", [""])[0]
        self._reply(*self.server.answers.answer(query))

    def do_POST(self) -> None:
        payload = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        url = urlsplit(self.path)
        words = url.path.strip("/").split("/")
        answers, name, namespace = self.server.answers, payload.get("name", ""), payload.get("namespace", "")
        if words == ["event"]:
            answers.script(name, namespace).record_event(payload)
            self._reply(200, b"OK")
        elif len(words) > 1:
            # /CANARY/HOOK, as in the recordings.
            self._hook(answers.script(words[0], namespace), words[-1], payload)
        else:
            self._hook(answers.script(name, namespace), words[-1] or str(url.hostname), payload)

    def _hook(self, script: Script, name: str, payload: dict[str, Any]) -> None:
        answer = script.hook(name, payload)
        script.record_event(payload)
        status, seconds = answer if isinstance(answer, list) else (answer, 0)
        time.sleep(seconds)
        self._reply(int(status), b"gate closed" if status >= _FIRST_CLOSED else b"" if status == 204 else b"OK")

    def _reply(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # Flagger's own timeout was shorter than the answer took.

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
        """Silence: the calls are kept by the scripts."""
