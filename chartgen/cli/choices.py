"""The values that options of the command line choose from; Typer checks, lists and completes them.

The reporters' modules are not imported for their names, so that help and completion stay fast; a test compares both.
"""

from __future__ import annotations

from typing import Literal

LintFormat = Literal["text", "concise", "json", "sarif", "github", "gitlab", "junit"]
PlanFormat = Literal["text", "json", "markdown", "svg", "html"]
PageFormat = Literal["text", "markdown", "json"]
ColorChoice = Literal["auto", "always", "never"]
FailOn = Literal["error", "warning", "info", "never"]
MinSeverity = Literal["error", "warning", "info"]
TextOrJson = Literal["text", "json"]
YamlOrJson = Literal["yaml", "json"]
ApiVersion = Literal["v1beta1", "v1alpha3", "v1alpha2"]
Toggle = Literal["enable", "enabled"]
