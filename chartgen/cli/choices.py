"""The choices for options of the command line; Typer checks, lists and completes them.

They repeat the names of the reporters instead of importing them, so that help and completion are fast; a test
compares both.
"""

from __future__ import annotations

from typing import Literal

LintFormat = Literal["text", "concise", "json", "sarif", "github", "gitlab", "junit"]
PlanFormat = Literal["text", "json", "markdown", "svg", "html"]
PreflightFormat = Literal["text", "json", "markdown", "junit"]
DashboardFormat = Literal["json", "configmap"]
PageFormat = Literal["text", "markdown", "json"]
ColorChoice = Literal["auto", "always", "never"]
TextOrJson = Literal["text", "json"]
YamlOrJson = Literal["yaml", "json"]
SchemaName = Literal["values", "config", "lint-result", "plan"]
GitOpsTool = Literal["argocd", "flux"]
# Not a Literal: add-canary knows other names for some, and explains why it rejects others.
ADD_CANARY_PROVIDERS = (
    "apisix",
    "appmesh",
    "appmesh:v1beta2",
    "contour",
    "gatewayapi:v1",
    "gatewayapi:v1beta1",
    "gloo",
    "istio",
    "knative",
    "kubernetes",
    "kuma",
    "linkerd",
    "nginx",
    "osm",
    "skipper",
    "smi:v1alpha1",
    "smi:v1alpha2",
    "smi:v1alpha3",
    "traefik",
)
