"""The API server's handling of `metadata`: decoding, unknown fields, validation."""

from __future__ import annotations

import re
from datetime import date, time
from typing import TYPE_CHECKING, Any

from chartgen.flagger.crd.wording import shown
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.manifests.manifest import Route

Violation = tuple["Route", str]

# k8s.io/apimachinery/pkg/apis/meta/v1/types.go: ObjectMeta, OwnerReference, ManagedFieldsEntry.
_OWNER_NAMES = ("apiVersion", "kind", "name", "uid")
_OWNER = dict.fromkeys(_OWNER_NAMES, "string") | dict.fromkeys(("controller", "blockOwnerDeletion"), "boolean")
_MANAGED = dict.fromkeys(("manager", "operation", "apiVersion", "fieldsType", "subresource"), "string") | {
    "time": "time",
    "fieldsV1": "any",
}
_STRINGS = ("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion")
OBJECT_META: dict[str, Any] = dict.fromkeys(_STRINGS, "string") | {
    "generation": "integer",
    "creationTimestamp": "time",
    "deletionTimestamp": "time",
    "deletionGracePeriodSeconds": "integer",
    "labels": {"*": "string"},
    "annotations": {"*": "string"},
    "ownerReferences": [_OWNER],
    "finalizers": ["string"],
    "managedFields": [_MANAGED],
}

_INT64 = (-(2**63), 2**63 - 1)
_TIME = lazy_pattern(r"(\d{4})-(\d{2})-(\d{2})T(\d{1,2}):(\d{2}):(\d{2})([.,]\d+)?(?:Z|[+-](\d{2}):(\d{2}))")

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS_LABEL = lazy_pattern(_LABEL)
_DNS_SUBDOMAIN = lazy_pattern(rf"{_LABEL}(\.{_LABEL})*")
_GROUP_VERSION = lazy_pattern(r"([^/]*/)?[^/]+")
_QUALIFIED = lazy_pattern(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_LONGEST_LABEL, _LONGEST_SUBDOMAIN, _LARGEST_ANNOTATIONS = 63, 253, 256 * 1024
# names/generate.go: a generated name is this much of the prefix and five more characters.
_LONGEST_PREFIX = 58
_LARGEST_OFFSET_HOURS, _LARGEST_OFFSET_MINUTES = 24, 60


def undecodable(value: Any, shape: Any = OBJECT_META, route: Route = ("metadata",)) -> Iterator[Violation]:
    """Values that don't decode into their Go type. A null always does: it is the type's zero value."""
    if value is None or shape == "any":
        return
    match shape, value:
        case str(), _:
            if not _fits(value, shape):
                yield route, f"{shown(value)} is not a {shape}"
        case [inner], list():
            for index, item in enumerate(value):
                yield from undecodable(item, inner, (*route, index))
        case {}, dict():
            for key, held in value.items():
                yield from undecodable(held, shape.get(key, shape.get("*", "any")), (*route, key))
        case _:
            yield route, f"{shown(value)} is not {'a list' if isinstance(shape, list) else 'an object'}"


def unknown(value: Any, shape: Any = OBJECT_META, route: Route = ("metadata",)) -> Iterator[Route]:
    """The fields of a decodable `metadata` that ObjectMeta doesn't define; the server drops them."""
    if isinstance(shape, list):
        for index, item in enumerate(value or ()):
            yield from unknown(item, shape[0], (*route, index))
    elif isinstance(shape, dict) and "*" not in shape:
        for key, held in (value or {}).items():
            if key in shape:
                yield from unknown(held, shape[key], (*route, key))
            else:
                yield (*route, key)


def invalid(metadata: Mapping[str, Any]) -> Iterator[Violation]:
    """k8s.io/apimachinery/pkg/api/validation/objectmeta.go:ValidateObjectMetaAccessor, on create."""
    yield from _names(metadata)
    for key, value in (metadata.get("labels") or {}).items():
        yield from _at(("metadata", "labels", key), _qualified_name(key))
        if value and (len(value) > _LONGEST_LABEL or not _QUALIFIED.fullmatch(value)):
            yield ("metadata", "labels", key), f"{shown(value)} is not a label value"
    yield from _annotations(metadata.get("annotations") or {})
    yield from _owners(metadata.get("ownerReferences") or ())
    for index, finalizer in enumerate(metadata.get("finalizers") or ()):
        yield from _at(("metadata", "finalizers", index), _qualified_name(finalizer or ""))
    if {"orphan", "foregroundDeletion"} <= set(metadata.get("finalizers") or ()):
        yield ("metadata", "finalizers"), "orphan and foregroundDeletion exclude each other"
    # etcd3/store.go:Create, so not in a dry run. A version that isn't a number is ignored.
    if re.match(r"0*[1-9]", metadata.get("resourceVersion") or ""):
        yield ("metadata", "resourceVersion"), "cannot be set on an object to be created"


def _names(metadata: Mapping[str, Any]) -> Iterator[Violation]:
    name, prefix = metadata.get("name"), metadata.get("generateName")
    if prefix:
        # generatename.go:maskTrailingDash: a suffix follows the dash.
        masked = prefix[:-2] + "a" if prefix.endswith("-") and len(prefix) > 1 else prefix
        yield from _at(("metadata", "generateName"), _subdomain(masked))
        name = name or f"{prefix[:_LONGEST_PREFIX]}-suffix"
    yield from _at(("metadata", "name"), _subdomain(name) if name else "is required")
    namespace = metadata.get("namespace")
    if namespace and (len(namespace) > _LONGEST_LABEL or not _DNS_LABEL.fullmatch(namespace)):
        yield ("metadata", "namespace"), f"{shown(namespace)} is not a DNS label (lower case letters, digits, `-`)"


def _annotations(annotations: Mapping[str, str | None]) -> Iterator[Violation]:
    for key in annotations:
        yield from _at(("metadata", "annotations", key), _qualified_name(key.lower()))
    size = sum(len(text.encode(errors="replace")) for item in annotations.items() for text in item if text)
    if size > _LARGEST_ANNOTATIONS:
        yield ("metadata", "annotations"), f"{size} bytes are more than {_LARGEST_ANNOTATIONS}"


def _owners(owners: Any) -> Iterator[Violation]:
    for index, owner in enumerate(owner or {} for owner in owners):
        route = ("metadata", "ownerReferences", index)
        yield from (((*route, field), "is required") for field in _OWNER_NAMES if not owner.get(field))
        version = owner.get("apiVersion") or ""
        if version and not _GROUP_VERSION.fullmatch(version):
            yield (*route, "apiVersion"), f"{shown(version)} is not an API version"
        if (version, owner.get("kind")) == ("v1", "Event"):
            yield route, "an Event cannot own"
    if sum(bool((owner or {}).get("controller")) for owner in owners) > 1:
        yield ("metadata", "ownerReferences"), "only one of them can be the controller"


def _at(route: Route, message: str | None) -> Iterator[Violation]:
    if message:
        yield route, message


def _subdomain(name: str) -> str | None:
    if len(name) <= _LONGEST_SUBDOMAIN and _DNS_SUBDOMAIN.fullmatch(name):
        return None
    return f"{shown(name)} is not a DNS subdomain (lower case letters, digits, `-` and `.`, at most 253 characters)"


def _qualified_name(key: str) -> str | None:
    """k8s.io/apimachinery/pkg/util/validation:IsQualifiedName."""
    prefix, slash, name = key.rpartition("/")
    prefix_fits = not slash or (len(prefix) <= _LONGEST_SUBDOMAIN and _DNS_SUBDOMAIN.fullmatch(prefix))
    if prefix_fits and len(name) <= _LONGEST_LABEL and _QUALIFIED.fullmatch(name):
        return None
    return f"{shown(key)} is not a qualified name (`name` or `domain/name`, the name at most 63 characters)"


def _fits(value: Any, shape: str) -> bool:
    match shape:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            whole = not isinstance(value, bool) and isinstance(value, (int, float)) and value == int(value)
            return whole and _INT64[0] <= value <= _INT64[1]
        case "time":
            return isinstance(value, str) and _is_time(value)
        case _:
            return isinstance(value, str)


def _is_time(text: str) -> bool:
    """RFC 3339 as Go's time.Parse reads it."""
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    year, month, day, hour, minute, second, _, offset_hours, offset_minutes = match.groups(default="0")
    try:
        # Go's years begin with 0, which is a leap year.
        date(int(year) or 4, int(month), int(day))
        time(int(hour), int(minute), int(second))
    except ValueError:
        return False
    return int(offset_hours) <= _LARGEST_OFFSET_HOURS and int(offset_minutes) <= _LARGEST_OFFSET_MINUTES
