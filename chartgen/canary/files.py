"""The files add-canary creates, filled in from their templates, and the checksum by which chartgen recognizes them."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from chartgen import __version__
from chartgen.canary import measures, provider_settings
from chartgen.canary.builtin_metrics import queries_application
from chartgen.canary.hooks import webhook_entries
from chartgen.canary.measures import alert_entries, metric_entries, window_of
from chartgen.canary.strategies import analysis_settings
from chartgen.edits.yaml_flow import format_scalar
from chartgen.patterns import lazy_pattern
from chartgen.resources import template_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template

    from chartgen.canary.options import AddCanaryOptions

_CHECKSUM = lazy_pattern(r"(?<=checksum )[0-9a-f]{16}")
_NO_CHECKSUM = "0" * 16
_CREATED_BY = lazy_pattern(r"`chartgen add-canary(?P<options>[^`\n]*)`")
# The settings of the analysis that the template comments.
_NO_METRIC_OF_PORT = "# no builtin metric of Flagger measures this port: add one with a MetricTemplate"
_COMMENTED = frozenset({"iterations", "stepWeights", "maxWeight", "stepWeight"})


def filled_in(template: str, variables: Mapping[str, Any]) -> str:
    """`template` filled in. Jinja's delimiters are `[[ ]]` and `[% %]`, since Helm uses `{{ }}`."""
    return str(_compiled(template).render(variables))


@cache
def _compiled(template: str) -> Template:
    import jinja2

    environment = jinja2.Environment(
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - Helm templates, not HTML
    )
    return environment.from_string(template_text("canary", template))


def with_checksum(template: str, variables: Mapping[str, Any]) -> str:
    """The filled-in template with its version and checksum in the header."""
    text = filled_in(template, {**variables, "version": __version__, "checksum": _NO_CHECKSUM})
    return _CHECKSUM.sub(_checksum(text), text, count=1)


def is_created_by_chartgen(text: str) -> bool:
    """Whether the file's header says that chartgen created it, edited afterwards or not."""
    return _CREATED_BY.search(text) is not None and _CHECKSUM.search(text) is not None


def command_of(text: str) -> str:
    """The options in the header of a file that chartgen created: those that shape the templates."""
    created_by = _CREATED_BY.search(text)
    return created_by["options"].strip() if created_by else ""


def is_edited(text: str) -> bool:
    """Whether a file was changed after chartgen created it. Line endings don't count: Git may have changed them."""
    checksum = _CHECKSUM.search(text)
    return checksum is None or checksum.group() != _checksum(text)


def _checksum(text: str) -> str:
    without_checksum = _CHECKSUM.sub(_NO_CHECKSUM, text.replace("\r\n", "\n"), count=1)
    return hashlib.sha256(without_checksum.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def values_block(options: AddCanaryOptions) -> str:
    """The block below the Canary's key in values.yaml: the seed page's keys and comments, two spaces per level."""
    measured = window_of(options.interval)
    service = provider_settings.service_values(options)
    settings = analysis_settings(options)
    metrics = metric_entries(options, measured)
    variables = {
        "toggle": options.toggle,
        "enabled": options.enabled,
        "namespaces": [format_scalar(name) for name in options.namespaces],
        "provider": None if options.api_version == "v1alpha2" else format_scalar(options.provider),
        "progress_deadline": options.progress_deadline if provider_settings.reads_deadline(options) else None,
        "writes_hosts": provider_settings.writes_hosts(options),
        "writes_gateways": provider_settings.writes_gateways(options),
        "hosts": [format_scalar(host) for host in options.hosts],
        "gateways": [format_scalar(gateway) for gateway in options.effective_gateways],
        "host_comment": "Istio virtual service host names" if options.provider == "istio" else "host names",
        "service_lines": "".join(yaml_lines(key, value) for key, value in service.items()).splitlines(),
        "interval": format_scalar(options.interval),
        "threshold": options.threshold,
        "metrics": options.metrics,
        "no_metric": no_metric_comment(options.provider) if queries_application(options) else _NO_METRIC_OF_PORT,
        "settings": settings,
        "setting_lines": {
            key: yaml_lines(key, value).splitlines() for key, value in settings.items() if key not in _COMMENTED
        },
        "alpha": options.api_version != "v1beta1",
        "window": format_scalar(measured),
        "metric_lines": _item_lines(metrics),
        "hook_lines": _listed("alerts", alert_entries(options)) + _listed("webhooks", webhook_entries(options)),
        "object_lines": [
            line
            for key, objects in measures.objects_of(options).items()
            for line in yaml_lines(key, objects).splitlines()
        ],
    }
    return filled_in("values.yaml.j2", variables)


def no_metric_comment(provider: str) -> str:
    """The comment above an empty list of metrics, for a provider whose builtin metrics ask the application."""
    return f"# no builtin metric of Flagger measures provider {provider}: add one with a MetricTemplate"


def builtin_metric_lines(options: AddCanaryOptions) -> str:
    """The items of the analysis's metrics with their comments, not indented."""
    lines = values_block(options).partition("  metrics:\n")[2].splitlines(keepends=True)
    end = next((number for number, line in enumerate(lines) if not line.startswith(("  -", "   "))), len(lines))
    return "".join(line[2:] for line in lines[:end])


def _listed(key: str, entries: list[dict[str, Any]]) -> list[str]:
    return yaml_lines(key, entries).splitlines() if entries else []


def _item_lines(entries: list[dict[str, Any]]) -> list[str]:
    return yaml_lines("items", entries).splitlines()[1:] if entries else []


def setting_lines(key: str, value: Any, options: AddCanaryOptions) -> str:
    """The lines of one setting of the block with its comments, for a block that lacks it."""
    if key in {"namespaces", "provider", "progressDeadlineSeconds"}:
        lines = values_block(options).splitlines(keepends=True)
        start = next(number for number, line in enumerate(lines) if line.startswith(f"{key}:"))
        first = next(number for number in range(start, -1, -1) if not lines[number - 1].startswith("#"))
        end = next(number for number in range(start + 1, len(lines)) if not lines[number].startswith("- "))
        return "".join(lines[first:end])
    return yaml_lines(key, value)


def comments_above(key: str) -> tuple[str, ...]:
    """The lines of comments (not indented) that chartgen writes above a setting of the analysis, none for most."""
    lines = [line.strip() for line in template_text("canary", "values.yaml.j2").splitlines()]
    end = next((number for number, line in enumerate(lines) if line.startswith(f"{key}:")), 0)
    start = end
    while start and lines[start - 1].startswith("# "):
        start -= 1
    return tuple(line for line in lines[start:end] if "[[" not in line)


def yaml_lines(key: str, value: Any) -> str:
    """`key: value` as YAML: maps and lists of maps in block style, lists of scalars on one line."""
    if isinstance(value, dict):
        below = "".join(yaml_lines(inner, item) for inner, item in value.items())
        return f"{key}:\n" + "".join(f"  {line}\n" for line in below.splitlines())
    if isinstance(value, (list, tuple)) and any(isinstance(item, dict) for item in value):
        return f"{key}:\n" + "".join(item_lines(item) for item in value)
    if isinstance(value, (list, tuple)):
        return f"{key}: [{', '.join(format_scalar(item) for item in value)}]\n"
    return f"{key}: {format_scalar(value)}\n"


def item_lines(item: Mapping[str, Any]) -> str:
    """An item of a block sequence: its first entry after the dash."""
    lines = [line for key, value in item.items() for line in yaml_lines(key, value).splitlines()]
    return "".join(f"{'  ' if number else '- '}{line}\n" for number, line in enumerate(lines))


def gate(options: AddCanaryOptions) -> str:
    """The condition for the switch and the namespace, the same for every setting in the values.

    `canary: null` in a release, or --reuse-values on a release older than the canary, leaves no map to look into.
    """
    key = options.slot.key
    namespaces = f".Values.{key}.namespaces"
    in_namespace = f"(or (has .Release.Namespace {namespaces}) (not {namespaces}))"
    served = f'(.Capabilities.APIVersions.Has "flagger.app/{options.api_version}") ' if options.crd_guard else ""
    return f"and {served}(.Values.{key}).{options.toggle} {in_namespace}"
