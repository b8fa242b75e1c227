"""Apply a configuration to a finding: exempt it, or change its severity."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.config.config import Config
    from chartgen.lint.finding import Finding


def configured(config: Config, finding: Finding) -> Finding | None:
    """The finding with its configured severity, None if the configuration exempts it."""
    path = os.path.relpath(finding.path.partition("!")[0], config.folder).replace(os.sep, "/")
    about = f"{finding.object.kind}/{finding.object.name}" if finding.object else ""
    if any(exemption.covers(finding.rule, path, about) for exemption in config.exemptions):
        return None
    severity = config.severity.get(finding.rule)
    return replace(finding, severity=severity) if severity else finding
