"""`cluster:` of chartgen.yaml, as a cluster says it: what lint needs to know about it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.prometheus import QueryError
from chartgen.cluster.access.resources import ALERT_PROVIDERS, ISTIO_GATEWAYS, METRIC_TEMPLATES, NAMESPACES
from chartgen.cluster.access.source import UnreadableError
from chartgen.cluster.preflight.context import Context, name_of, namespace_of
from chartgen.cluster.preflight.flagger_checks import crd_release
from chartgen.cluster.preflight.mesh_checks import is_injected
from chartgen.cluster.preflight.metric_checks import metrics_server_url
from chartgen.edits.yaml_text import add_top_level_block, delete_key, insert_key
from chartgen.flagger.names import SELECTOR_LABELS
from chartgen.inputs.files import text_of
from chartgen.inputs.yaml import yaml_document
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "cluster"
_SCRAPE_INTERVAL = lazy_pattern(r"^global:\n(?: .*\n)*? +scrape_interval: (\S+)$", re.MULTILINE)


def cluster_settings(context: Context) -> dict[str, Any]:
    """The settings, without those that can't be had or equal the default."""
    flagger, source = context.flagger, context.source
    readers: dict[str, Callable[[], Any]] = {
        "flagger-version": lambda: _version(context),
        "provider": lambda: flagger.provider if flagger else None,
        "selector-labels": lambda: _changed_labels(context),
        "scrape-interval": lambda: _scrape_interval(context),
        "metric-templates": lambda: _names(source.items(METRIC_TEMPLATES)),
        "alert-providers": lambda: _names(source.items(ALERT_PROVIDERS)),
        "gateways": lambda: _names(source.items(ISTIO_GATEWAYS)),
        "injected-namespaces": lambda: _injected(context),
        "no-cross-namespace-refs": lambda: True if flagger and not flagger.cross_namespace_refs else None,
    }
    settings = {}
    for key, read in readers.items():
        try:
            value = read()
        except (UnreadableError, QueryError):
            continue
        if value:
            settings[key] = value
    return settings


def _version(context: Context) -> str | None:
    if context.flagger and context.flagger.version:
        return context.flagger.version
    releases = crd_release(context.source)
    return releases.last if releases else None


def _changed_labels(context: Context) -> list[str] | None:
    labels = context.flagger.selector_labels if context.flagger else SELECTOR_LABELS
    return None if labels == SELECTOR_LABELS else list(labels)


def _scrape_interval(context: Context) -> str | None:
    answer = context.source.prometheus(metrics_server_url(context), "/api/v1/status/config", {})
    found = _SCRAPE_INTERVAL.search(str(answer.get("yaml"))) if isinstance(answer, dict) else None
    return found[1] if found else None


def _names(items: Any) -> list[str]:
    return sorted(f"{namespace_of(each)}/{name_of(each)}" for each in items)


def _injected(context: Context) -> list[str]:
    injection = context.provider.injection
    if injection is None:
        return []
    namespaces = context.source.items(NAMESPACES)
    return sorted(name_of(each) for each in namespaces if is_injected(each, context.provider.name, injection))


def with_settings(data: bytes | None, settings: dict[str, Any], path: str) -> bytes:
    """The configuration file with these settings in `cluster:`; its other settings and comments stay.

    ConflictError or InputError if the file can't be edited.
    """
    texts = {key: json.dumps(value, ensure_ascii=False) for key, value in settings.items()}
    block = "".join(f"{key}: {text}\n" for key, text in texts.items())
    if data is None:
        return f"{KEY}:\n{''.join(f'  {line}' for line in block.splitlines(keepends=True))}".encode()
    document = yaml_document(text_of(data, path))
    if not isinstance(document, dict) or KEY not in document:
        return add_top_level_block(data, KEY, block, path=path)
    current = document[KEY] or {}
    for key, text in texts.items():
        if key in current and current[key] != settings[key]:
            data = delete_key(data, (KEY, key), path=path)
        if current.get(key) != settings[key]:
            data = insert_key(data, (KEY,), key, text, path=path)
    return data
