"""Knative's validating webhook, as far as Flagger meets it: weights of `spec.traffic` that don't add up to 100 are refused.

The name, the code and the words are those of serving v0.49.1 (pkg/apis/serving/v1/route_validation.go:validateTrafficList,
knative.dev/pkg webhook/resourcesemantics/validation/validation_admit.go).
"""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.client import Client, JsonObject

_NAME = "validation.webhook.serving.knative.dev"
_ADDRESS = "127.0.0.1"
_TOTAL = 100


class KnativeWebhook:
    """Serves on loopback, and is registered with the API server, from its making to `stop`."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._server = ThreadingHTTPServer((_ADDRESS, 0), _Handler)
        certificate = _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, folder / "knative-webhook.key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        client.create(_configuration(self._server.server_address[1], certificate.read_bytes()))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {"apiVersion": review["apiVersion"], "kind": review["kind"], "response": verdict(review["request"])}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so.
        """Nothing: a request isn't worth a line among the test's output."""


def verdict(request: JsonObject) -> JsonObject:
    """The AdmissionResponse to an AdmissionRequest for a Knative Service."""
    traffic = (request["object"].get("spec") or {}).get("traffic") or []
    total = sum(each.get("percent") or 0 for each in traffic)
    if not traffic or total == _TOTAL:
        return {"uid": request["uid"], "allowed": True}
    message = f"validation failed: Traffic targets sum to {total}, want {_TOTAL}: spec.traffic"
    status = {"status": "Failure", "message": message, "reason": "BadRequest", "code": 400}
    return {"uid": request["uid"], "allowed": False, "status": status}


def _certificate(folder: Path) -> Path:
    """A self-signed one for the address; its key is beside it."""
    path, key = folder / "knative-webhook.crt", folder / "knative-webhook.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={_ADDRESS}"]
    files = ["-addext", f"subjectAltName=IP:{_ADDRESS}", "-keyout", str(key), "-out", str(path)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return path


def _configuration(port: int, certificate: bytes) -> JsonObject:
    webhook = {
        "name": _NAME,
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "clientConfig": {"url": f"https://{_ADDRESS}:{port}/", "caBundle": base64.b64encode(certificate).decode()},
        "rules": [
            {
                "apiGroups": ["serving.knative.dev"],
                "apiVersions": ["v1"],
                "operations": ["CREATE", "UPDATE"],
                "resources": ["services"],
            }
        ],
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": _NAME},
        "webhooks": [webhook],
    }
