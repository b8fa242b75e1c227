"""References of values.schema.json to a server or a file: no Helm follows them, and the rest is still checked."""

from __future__ import annotations

import io
import json
import socket
import tarfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.charts.chart import Chart
from chartgen.errors import LimitExceeded, RenderError
from chartgen.helm.embedded import EmbeddedEngine
from chartgen.helm.limits import RenderLimits
from chartgen.helm.request import RenderRequest
from chartgen.helm.safe_schemas import schema_references, with_safe_schemas
from chartgen.helm.schema_references import references_outside, without_references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.helm.engine import Engine


class Listener:
    """A loopback server that answers `{}` and counts."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            caller, _ = self._socket.accept()
            with caller:
                asked = caller.recv(4096)
                if asked == b"end":
                    return
                self.requests.append(asked)
                caller.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    def close(self) -> None:
        with socket.create_connection(self._socket.getsockname()) as caller:
            caller.sendall(b"end")
        self._thread.join()
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def port(schema: Any, **more: Any) -> dict[str, Any]:
    return {**more, "properties": {"port": schema}}


# URL stands for the listener.
OUTSIDE: dict[str, Any] = {
    "url": port({"$ref": "URL/a"}),
    "file": port({"$ref": "file:///proc/self/status"}),
    "relative": port({"$ref": "other.json"}),
    "absolute": port({"$ref": "/proc/self/status"}),
    "no scheme": port({"$ref": "//127.0.0.1/a"}),
    "blank before": port({"$ref": " #/x"}),
    "dynamic": port({"$dynamicRef": "URL/a"}),
    "recursive": port({"$recursiveRef": "URL/a"}, **{"$schema": "https://json-schema.org/draft/2019-09/schema"}),
    "dialect": {"$schema": "URL/meta", "type": "object"},
    "old dialect": {"$schema": "http://json-schema.org/draft-03/schema#", "type": "object"},
    "nested dialect": port({"$schema": "URL/meta", "$id": "http://example.com/x", "type": "integer"}),
    "base": port({"$ref": "y.json"}, **{"$id": "URL/base/x.json"}),
    "unknown keyword": port({"$ref": "#/foo"}, foo={"$ref": "URL/a"}),
    "pointer into const": port({"$ref": "#/c/const"}, c={"const": {"$ref": "URL/a"}}),
    "pointer into enum": port({"$ref": "#/c/%65num/0"}, c={"enum": [{"$ref": "URL/a"}]}),
    "draft 3.17 has not": port({"$ref": "https://json-schema.org/draft/2020-12/schema#/$defs/URL"}),
}
WITHIN: dict[str, Any] = {
    "pointer": port({"$ref": "#/definitions/p"}, definitions={"p": {"type": "string"}}),
    "pointer below an id": port(
        {"$ref": "#/definitions/p"}, **{"$id": "URL/x.json", "definitions": {"p": {"type": "string"}}}
    ),
    "draft": port({"type": "string"}, **{"$schema": "http://json-schema.org/draft-07/schema#"}),
    "property called $ref": {"properties": {"$ref": {"type": "string"}, "port": {"type": "string"}}},
}


def chart_with(schema: str | bytes, path: str = "values.schema.json", files: dict[str, bytes] | None = None) -> Chart:
    data = schema if isinstance(schema, bytes) else schema.encode()
    return Chart(
        Path("app"),
        "app",
        {
            "Chart.yaml": b"apiVersion: v2\nname: app\nversion: 0.1.0\n",
            "values.yaml": b"port: 80\n",
            "templates/a.yaml": b"port: {{ .Values.port }}\n",
            path: data,
            **(files or {}),
        },
    )


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_is_fetched_or_opened(name: str, any_engine: Engine, listener: Listener) -> None:
    schema = json.dumps(OUTSIDE[name]).replace("URL", listener.url)
    assert any_engine.render(chart_with(schema), RenderRequest())
    assert listener.requests == []
    assert len(references_outside(schema)) == 1


@pytest.mark.parametrize("name", WITHIN)
def test_the_rest_is_still_checked(name: str, any_engine: Engine, listener: Listener) -> None:
    schema = json.dumps(WITHIN[name]).replace("URL", listener.url)
    assert references_outside(schema) == []
    with pytest.raises(RenderError, match="port"):
        any_engine.render(chart_with(schema), RenderRequest())
    assert listener.requests == []


def test_what_is_beside_a_reference_is_still_checked(any_engine: Engine, listener: Listener) -> None:
    schema = json.dumps(port({"allOf": [{"$ref": f"{listener.url}/a"}, {"type": "string"}]}))
    with pytest.raises(RenderError, match="port"):
        any_engine.render(chart_with(schema), RenderRequest())
    assert listener.requests == []


@pytest.mark.parametrize(
    "spelling",
    [
        '{"properties": {"port": {"\\u0024ref": "URL/a"}}}',
        '{"properties": {"port": {"$ref": "\\u0068ttp:URL/a"}}}',
        '{"properties": {"port": {"$ref": "URL/a", "$ref": "#"}}, "properties": {"port": {"$ref": "URL/a"}}}',
        '\ufeff{"properties": {"port": {"$ref": "URL/a"}}}',
    ],
    ids=["escaped key", "escaped value", "keys written twice", "byte order mark"],
)
def test_other_spellings(spelling: str, any_engine: Engine, listener: Listener) -> None:
    schema = spelling.replace("URL", listener.url)
    try:
        any_engine.render(chart_with(schema), RenderRequest())
    except RenderError:
        assert "ufeff" in ascii(spelling)  # helm 3.17 refuses a byte order mark
    assert listener.requests == []
    assert references_outside(schema)


def archived(path: str, data: bytes, **members: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in {path: data, **members}.items():
            member = tarfile.TarInfo(f"sub/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


SUB = b"apiVersion: v2\nname: sub\nversion: 0.1.0\n"


def test_schemas_of_subcharts_in_folders_and_archives(any_engine: Engine, listener: Listener) -> None:
    schema = json.dumps(port({"$ref": f"{listener.url}/a"})).encode()
    files = {"Chart.yaml": SUB, "values.yaml": b"port: 1\n"}
    inner = archived("values.schema.json", schema, **files)
    for chart in (
        chart_with(
            schema, "charts/sub/values.schema.json", files={f"charts/sub/{name}": text for name, text in files.items()}
        ),
        chart_with("{}", files={"charts/sub-0.1.0.tgz": inner}),
        chart_with("{}", files={"charts/sub-0.1.0.tgz": archived("charts/sub-0.1.0.tgz", inner, **files)}),
    ):
        assert any_engine.render(chart, RenderRequest())
        assert [reference.keyword for _, _, reference in schema_references(chart)] == ["$ref"]
    assert listener.requests == []


def test_a_name_with_a_backslash_that_helm_takes_for_a_slash(engine: Engine, listener: Listener) -> None:
    schema = json.dumps(port({"$ref": f"{listener.url}/a"}))
    assert engine.render(chart_with(schema, "x\\values.schema.json"), RenderRequest())
    assert listener.requests == []


def test_an_invalid_schema_is_helms_to_report(any_engine: Engine) -> None:
    with pytest.raises(RenderError):
        any_engine.render(chart_with('{"properties": {"port": {"$ref": "http://127.0.0.1/a"}'), RenderRequest())


def test_a_schema_nested_5000_deep(listener: Listener) -> None:
    deep = '{"not":' * 5000 + json.dumps({"$ref": f"{listener.url}/a"}) + "}" * 5000
    engine = EmbeddedEngine(RenderLimits(seconds=1))
    with pytest.raises((RenderError, LimitExceeded)):
        engine.render(chart_with(deep), RenderRequest())
    engine.close()
    assert listener.requests == []
    assert len(references_outside(deep)) == 1


def test_files_that_are_no_schema_of_helms_stay_as_they_are() -> None:
    chart = chart_with(json.dumps(port({"$ref": "http://127.0.0.1/a"})), "files/values.schema.json")
    assert with_safe_schemas(chart) is chart


def test_data_may_look_like_a_reference() -> None:
    for text in ('{"const": {"$ref": "http://x"}}', '{"enum": [{"$schema": "http://x"}]}'):
        assert without_references(text) == text
    named = '{"properties": {"const": {"$ref": "http://x"}}}'
    assert without_references(named) == named.replace("$ref", "$comment")


@pytest.mark.parametrize("text", ['"' + '\\"' * 200_000, "{" * 200_000, '{"a":' * 100_000, "\\" * 200_000])
def test_the_scan_is_linear(text: str) -> None:
    assert references_outside(text) == []
