"""A webhook URL that Flagger can't call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.hosts import is_url
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class WebhookUrlInvalid(Rule):
    id = "webhook-url-invalid"
    severity = Severity.ERROR
    summary = "webhook URL that can't be called"
    tags = ("webhooks",)
    fixes = (Safety.UNSAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for hook in Canary(manifest).hooks:
            if isinstance(hook.body.get("url"), str) and not is_url(hook.url.strip()):
                with_scheme = f"http://{hook.url.strip()}"
                fault = "has no http:// or https://" if "://" not in hook.url else "isn't a valid URL"
                yield Problem(
                    f"url {hook.url!r} of webhook {hook.name} {fault}: every call fails",
                    at=(*hook.at, "url"),
                    fix=set_value((*hook.at, "url"), with_scheme, Safety.UNSAFE) if is_url(with_scheme) else None,
                )
