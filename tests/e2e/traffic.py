"""Users of the apps on the plane: an exporter that counts their requests as Istio would, and a real Prometheus that scrapes it.

Requests go to primary and canary by the VirtualService's weights; how many of the canary's fail or are slow is the test's
to say. Nothing is sent anywhere: counters grow with time.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.e2e.apiserver import tool
from tests.e2e.process import Child, PlaneError, free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.client import Client

# Istio's own bounds, in milliseconds.
_BOUNDS = (0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000)
_FAST, _SLOW = 50, 1000
_READY_WITHIN = 20.0


@dataclass(slots=True)
class Load:
    """Requests to one app. Shares are of the canary's requests, from 0 to 1; the primary serves all of its own well."""

    namespace: str
    target: str
    apex: str
    per_second: float = 50.0
    failing: float = 0.0
    slow: float = 0.0
    _counted: dict[tuple[str, str, int], float] = field(default_factory=dict)
    _at: float = field(default_factory=time.monotonic)

    def grow(self, primary_weight: float, canary_weight: float) -> None:
        """Count what came since the last call."""
        now = time.monotonic()
        came, self._at = (now - self._at) * self.per_second, now
        self._count(f"{self.target}-primary", came * primary_weight / 100, 0.0, 0.0)
        self._count(self.target, came * canary_weight / 100, self.failing, self.slow)

    def _count(self, workload: str, came: float, failing: float, slow: float) -> None:
        for code, share in (("200", 1 - failing), ("500", failing)):
            for bound, portion in ((_FAST, 1 - slow), (_SLOW, slow)):
                key = (workload, code, bound)
                self._counted[key] = self._counted.get(key, 0.0) + came * share * portion

    def lines(self) -> Iterator[str]:
        """Prometheus' text format."""
        for (workload, code, took), count in self._counted.items():
            labels = (
                f'reporter="destination",destination_workload_namespace="{self.namespace}",'
                f'destination_workload="{workload}",response_code="{code}",took="{took}"'
            )
            yield f"istio_requests_total{{{labels}}} {count}"
            for bound in _BOUNDS:
                within = count if took <= bound else 0.0
                yield f'istio_request_duration_milliseconds_bucket{{{labels},le="{bound}"}} {within}'
            yield f'istio_request_duration_milliseconds_bucket{{{labels},le="+Inf"}} {count}'


class Traffic:
    """The exporter; `url` is that of the Prometheus that `argv` starts."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._loads: list[Load] = []
        self._lock = threading.Lock()
        self._server = _Exporter(("127.0.0.1", 0), _Handler)
        self._server.traffic = self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        (self._port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self._port}"
        self._folder = folder

    def argv(self, flagger_port: int) -> list[str | Path]:
        """Prometheus, scraping the mesh and Flagger every second; JSON is YAML too."""
        ports = {"mesh": self._server.server_address[1], "flagger": flagger_port}
        jobs = [
            {"job_name": name, "scrape_interval": "1s", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
            for name, port in ports.items()
        ]
        config = self._folder / "prometheus.yaml"
        config.write_text(json.dumps({"scrape_configs": jobs}))
        return [
            tool("prometheus"),
            f"--config.file={config}",
            f"--storage.tsdb.path={self._folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{self._port}",
        ]

    def wait(self, prometheus: Child) -> None:
        end = time.monotonic() + _READY_WITHIN
        while "Server is ready to receive web requests" not in prometheus.tail():
            prometheus.must_live()
            if time.monotonic() > end:
                raise PlaneError(f"Prometheus is not ready:\n{prometheus.tail()}")
            time.sleep(0.1)

    def register(self, load: Load) -> Load:
        with self._lock:
            self._loads.append(load)
        return load

    def scraped(self) -> str:
        with self._lock:
            for load in self._loads:
                load.grow(*self._weights(load))
            return "".join(f"{line}\n" for load in self._loads for line in load.lines())

    def _weights(self, load: Load) -> tuple[float, float]:
        route = self._client.get("networking.istio.io/v1beta1", "VirtualService", load.namespace, load.apex)
        if route is None:
            return 100.0, 0.0
        weights = {each["destination"]["host"]: each.get("weight", 0) for each in route["spec"]["http"][-1]["route"]}
        return float(weights.get(f"{load.apex}-primary", 0)), float(weights.get(f"{load.apex}-canary", 0))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Exporter(ThreadingHTTPServer):
    daemon_threads = True
    traffic: Traffic


class _Handler(BaseHTTPRequestHandler):
    server: _Exporter

    def do_GET(self) -> None:
        body = self.server.traffic.scraped().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
        """Silence: a scrape a second."""
