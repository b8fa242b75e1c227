"""Random documents of a CRD's own schema, as the API server serves it, then broken in a few places."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from tests.e2e.client import Client, JsonObject

_STRINGS = ("", "x", "a-b", "http", "10s", "5m", "1h", "30", "1m30s", "example.test", "A_b", "é", "a\nb")
_NUMBERS = (0, 1, 10, 50, 99, 100, 101, -1, 2.5, 1e9, 65535, 65536, 2147483648, 0.1)
_ODD: tuple[Any, ...] = (None, True, 1, 2.5, "", "x", [], {}, [None], {"a": None}, -1, "10s")
_UNKNOWN = ("foo", "Interval", "thresholdrange", "step-weight", "x.y", "", "spec", "é")


def schemas(client: Client, crd: str, version: str) -> JsonObject:
    """The schema of one version of an installed CRD."""
    path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{crd}"
    versions = client.must("GET", path)["spec"]["versions"]
    schema: JsonObject = next(each for each in versions if each["name"] == version)["schema"]["openAPIV3Schema"]
    return schema


def document(schema: JsonObject, kind: str, random: Random) -> JsonObject:
    """One that fits the schema more often than not, broken in none to three places."""
    made = {
        "apiVersion": "flagger.app/v1beta1",
        "kind": kind,
        "metadata": {"name": "x"},
        "spec": _value(schema["properties"]["spec"], random, random.choice((0.1, 0.25, 0.5))),
    }
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        _break(made, random)
    return made


def _value(schema: JsonObject, random: Random, share: float) -> Any:
    """`share`: of the optional keys, how many are there."""
    if "enum" in schema:
        return random.choice(schema["enum"])
    if schema.get("x-kubernetes-int-or-string"):
        return random.choice((80, "http"))
    return _MAKERS.get(schema.get("type", "object"), _object)(schema, random, share)


def _object(schema: JsonObject, random: Random, share: float) -> JsonObject:
    properties, required = schema.get("properties") or {}, set(schema.get("required") or ())
    made = {
        key: _value(value, random, share)
        for key, value in properties.items()
        if key in required or random.random() < share
    }
    if isinstance(more := schema.get("additionalProperties"), dict):
        made |= {
            key: _value(more, random, share) for key in random.sample(("a", "b-c", "d.e/f"), random.choice((0, 1, 2)))
        }
    _choose(schema, made, random, share)
    return made


def _choose(schema: JsonObject, made: JsonObject, random: Random, share: float) -> None:
    """Most of the time keep to exactly one branch of a oneOf."""
    branches = [set(branch["required"]) for branch in schema.get("oneOf") or () if "required" in branch]
    if not branches or random.random() < 0.15:
        return
    chosen = random.choice(branches)
    for key in set().union(*branches) - chosen:
        made.pop(key, None)
    for key in chosen - set(made):
        made[key] = _value(schema["properties"][key], random, share)


def _array(schema: JsonObject, random: Random, share: float) -> list[Any]:
    return [_value(schema.get("items") or {}, random, share) for _ in range(random.choice((0, 1, 1, 2)))]


def _string(schema: JsonObject, random: Random, _share: float) -> str:
    return (
        random.choice(("10s", "1m", "90s", "5min")) if "(m|s)" in schema.get("pattern", "") else random.choice(_STRINGS)
    )


def _number(_schema: JsonObject, random: Random, _share: float) -> float:
    return random.choice(_NUMBERS)


def _integer(_schema: JsonObject, random: Random, _share: float) -> int:
    return random.choice((0, 1, 80, 8080, 65535))


def _boolean(_schema: JsonObject, random: Random, _share: float) -> bool:
    return random.random() < 0.5


_MAKERS: dict[str, Callable[[JsonObject, Random, float], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
}


def _break(made: JsonObject, random: Random) -> None:
    if "spec" not in made:
        return
    holder, key = random.choice([(made, "spec"), *_places(made["spec"])])
    how = random.random()
    if how < 0.4:
        holder[key] = copy.deepcopy(random.choice(_ODD))
    elif how < 0.6:
        del holder[key]
    elif isinstance(holder, dict):
        unknown = random.choice((*_UNKNOWN, f"{key}x", str(key).upper()))
        holder[unknown] = holder.pop(key) if how < 0.8 else copy.deepcopy(random.choice(_ODD))
    else:
        holder.append(copy.deepcopy(random.choice(_ODD)))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    entries = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, inner in entries:
        yield value, key
        yield from _places(inner)
