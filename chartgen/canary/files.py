"""The files add-canary creates, filled in from their templates, and the checksum by which chartgen recognizes them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from chartgen import __version__
from chartgen.flagger.go_durations import duration_seconds
from chartgen.resources import template_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.canary.options import AddCanaryOptions

CANARY = "templates/canary.yaml"
HELPERS = "templates/_canary.tpl"
_CHECKSUM = re.compile(r"(?<=checksum )[0-9a-f]{16}")
_NO_CHECKSUM = "0" * 16
_CREATED_BY = "`chartgen add-canary`"
_SHORTEST_WINDOW = 60


def filled_in(template: str, variables: Mapping[str, Any]) -> str:
    """`template` filled in. Jinja's delimiters are `[[ ]]` and `[% %]`, since Helm uses `{{ }}`."""
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
    return environment.from_string(template_text("canary", template)).render(variables)


def with_checksum(template: str, variables: Mapping[str, Any]) -> str:
    """The filled-in template with its version and checksum in the header."""
    text = filled_in(template, {**variables, "version": __version__, "checksum": _NO_CHECKSUM})
    return _CHECKSUM.sub(_checksum(text), text, count=1)


def is_created_by_chartgen(text: str) -> bool:
    """Whether the file's header says that chartgen created it, edited afterwards or not."""
    return _CREATED_BY in text and _CHECKSUM.search(text) is not None


def is_edited(text: str) -> bool:
    """Whether a file was changed after chartgen created it. Line endings don't count: Git may have changed them."""
    checksum = _CHECKSUM.search(text)
    return checksum is None or checksum.group() != _checksum(text)


def _checksum(text: str) -> str:
    without_checksum = _CHECKSUM.sub(_NO_CHECKSUM, text.replace("\r\n", "\n"), count=1)
    return hashlib.sha256(without_checksum.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def values_block(options: AddCanaryOptions) -> str:
    """The block below `canary:` in values.yaml with the seed page's keys and comments, two spaces per level."""
    seconds = duration_seconds(options.interval) or 0
    variables = {
        "toggle": options.toggle,
        "hosts": options.hosts,
        "gateways": options.effective_gateways,
        "host_comment": "Istio virtual service host names" if options.provider == "istio" else "host names",
        "interval": options.interval,
        "threshold": options.threshold,
        "iterations": None if options.shifts_weights else 10,
        "step_weights": options.step_weights,
        "max_weight": options.max_weight or 50,
        "step_weight": options.step_weight or 10,
        "alpha": options.api_version != "v1beta1",
        # A window below a minute has too few scrapes for a meaningful metric.
        "window": options.interval if seconds >= _SHORTEST_WINDOW else f"{_SHORTEST_WINDOW}s",
    }
    return filled_in("values.yaml.j2", variables)


def gate(options: AddCanaryOptions) -> list[str]:
    """The conditions for the namespace and the switch, outermost first."""
    names = " ".join(f'"{name}"' for name in options.namespaces)
    conditions = []
    if len(options.namespaces) == 1:
        conditions.append(f"eq .Release.Namespace {names}")
    elif options.namespaces:
        conditions.append(f"has .Release.Namespace (list {names})")
    # `canary: null` in a release, or --reuse-values on a release older than the canary, leaves no map to look into.
    return [*conditions, f"and .Values.canary .Values.canary.{options.toggle}"]
