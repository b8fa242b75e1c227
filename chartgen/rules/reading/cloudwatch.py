"""CloudWatch queries as Flagger reads them: JSON of the SDK's MetricDataQueries (providers/cloudwatch.go:RunQuery).

Types and required fields are those of aws-sdk-go (service/cloudwatch/api.go), which checks a query before it sends it.
"""

from __future__ import annotations

import json
from typing import Any

# encoding/json finds fields whatever their case. A list holds the shape of its items.
_QUERY: dict[str, Any] = {
    "AccountId": str,
    "Expression": str,
    "Id": str,
    "Label": str,
    "MetricStat": {
        "Metric": {"Dimensions": [{"Name": str, "Value": str}], "MetricName": str, "Namespace": str},
        "Period": int,
        "Stat": str,
        "Unit": str,
    },
    "Period": int,
    "ReturnData": bool,
}
_REQUIRED = {"": ("Id",), "MetricStat": ("Metric", "Period", "Stat"), "Dimensions": ("Name", "Value")}
_WORDS = {str: "a string", int: "a whole number", bool: "true or false"}


def fault_of_query(text: str) -> str | None:
    """Why Flagger can't send a rendered query to CloudWatch; None if it can."""
    try:
        queries = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return "it isn't JSON"
    if not isinstance(queries, list):
        return "it isn't a list of MetricDataQueries"
    return _fault(queries, [_QUERY], "")


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _fault(value: Any, shape: Any, at: str) -> str | None:
    if value is None:
        return None
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{at} isn't a list"
        found = (_fault(each, shape[0], f"{at}[{index}]") for index, each in enumerate(value))
        return next((fault for fault in found if fault), None)
    if isinstance(shape, dict):
        return _object_fault(value, shape, at) if isinstance(value, dict) else f"{at} isn't an object"
    return None if type(value) is shape else f"{at} isn't {_WORDS[shape]}"


def _object_fault(value: dict[str, Any], shape: dict[str, Any], at: str) -> str | None:
    names = {name.lower(): name for name in shape}
    given = {names[key.lower()]: each for key, each in value.items() if key.lower() in names}
    for name, each in given.items():
        fault = _fault(each, shape[name], f"{at}.{name}".lstrip("."))
        if fault:
            return fault
    kind = at.rsplit(".", 1)[-1].split("[", maxsplit=1)[0]
    missing = [name for name in _REQUIRED.get(kind, ()) if given.get(name) in (None, "")]
    return f"{at} has no {missing[0]}" if missing else None
