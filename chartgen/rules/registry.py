"""All rules, by id, as data: a rule's module is imported only when the rule is needed.

A test fails when a rule's module is missing here, or when `kinds` differ from those of its class.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from chartgen.rules.rule import Rule

# Chart rules compare several renderings of a chart; they look at no kind of object.
CHARTS: tuple[str, ...] = ()
# The family of rules that report nothing without a policy of the organization.
POLICY = "policy"
FLAGGER_KINDS = ("Canary", "MetricTemplate", "AlertProvider")


class RuleEntry(NamedTuple):
    """One rule: `chartgen/rules/<family>/<id with underscores>.py`. `kinds` are those its class checks.

    `claims`: its class claims refusals of the API server, or fields it drops. `fields`: it reports nothing about a
    Canary without any of these fields of `spec`; empty if that can't be said. `about`: what a chart rule reports
    nothing without: a Canary (`canary`), releases that fail to render (`failures`) or exceed a limit (`limits`), or
    only the chart's files (`files`); `nothing` if the linter reports it itself.
    """

    id: str
    family: str
    kinds: tuple[str, ...] = ("Canary",)
    claims: bool = False
    fields: tuple[str, ...] = ()
    about: str = "canary"

    @property
    def module(self) -> str:
        """The dotted name of the rule's module."""
        return f"{__package__}.{self.family}.{self.id.replace('-', '_')}"

    def load(self) -> type[Rule]:
        """Import the rule's class: the one of its module that has this id."""
        return _class(self.module, self.id)


@cache
def _class(module: str, rule_id: str) -> type[Rule]:
    classes = vars(import_module(module)).values()
    rule: type[Rule] = next(each for each in classes if isinstance(each, type) and vars(each).get("id") == rule_id)
    return rule


@cache
def all_rules() -> tuple[type[Rule], ...]:
    """Every rule's class, sorted by id. This imports every rule: ask the registry where its data will do."""
    return tuple(entry.load() for entry in REGISTRY)


REGISTRY: tuple[RuleEntry, ...] = (
    RuleEntry("ab-match-unsupported-key", "strategy", claims=True, fields=("analysis.match",)),
    RuleEntry("ab-query-params-lost-on-istio", "istio", fields=("analysis.match",)),
    RuleEntry("ab-unsupported-by-provider", "strategy"),
    RuleEntry("acceptance-test-as-rollout-hook", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("alert-provider-not-found", "alerts", fields=("analysis.alerts",)),
    RuleEntry("alert-without-severity", "alerts", fields=("analysis.alerts",)),
    RuleEntry("analysis-checks-nothing", "metrics"),
    RuleEntry("anti-affinity-not-rewritten", "target"),
    RuleEntry("apex-metadata-volatile", "service"),
    RuleEntry("apex-name-differs-from-chart-service", "service"),
    RuleEntry("api-version-not-served", "api", FLAGGER_KINDS, claims=True),
    RuleEntry("appmesh-settings", "service"),
    RuleEntry("authorizationpolicy-selector-misses-primary", "target"),
    RuleEntry("autoscaler-ref-legacy-version", "autoscaling", fields=("autoscalerRef",)),
    RuleEntry("autoscaler-ref-not-found", "autoscaling", fields=("autoscalerRef",)),
    RuleEntry("autoscaling-api-removed", "autoscaling", ("HorizontalPodAutoscaler",)),
    RuleEntry("builtin-metrics-on-l4-provider", "metrics"),
    RuleEntry("builtin-name-with-template", "metrics", fields=("analysis.metrics",)),
    RuleEntry("canary-analysis-field-renamed", "api", claims=True),
    RuleEntry("canary-ingress-copies-other-paths", "ingress"),
    RuleEntry("canary-not-guarded-by-crd-check", "chart", CHARTS),
    RuleEntry("canary-outside-gated-namespaces", "chart", CHARTS),
    RuleEntry("canary-refused", "api", FLAGGER_KINDS, claims=True),
    RuleEntry("canary-undersized", "autoscaling"),
    RuleEntry("canary-values-schema", "values", CHARTS),
    RuleEntry("chart-does-not-render", "chart", CHARTS, about="failures"),
    RuleEntry("chart-exceeds-limits", "chart", CHARTS, about="limits"),
    RuleEntry("chart-service-collides-with-apex", "service"),
    RuleEntry("config-reference-missing", "target"),
    RuleEntry("configmap-binary-data", "target"),
    RuleEntry("confirm-gate-path", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("contour-match-form", "ingress", fields=("analysis.match",)),
    RuleEntry("cross-namespace-ref-blocked", "target"),
    RuleEntry("curl-cannot-fail", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("custom-metric-without-limit", "metrics", fields=("analysis.metrics",)),
    RuleEntry("custom-metric-without-source", "metrics", fields=("analysis.metrics",)),
    RuleEntry("daemonset-builtin-metrics", "metrics"),
    RuleEntry("delegation-with-hosts", "istio", fields=("service.delegation",)),
    RuleEntry("destinationrule-for-apex-host", "istio"),
    RuleEntry("duplicate-canary-target", "target"),
    RuleEntry("duplicate-host-two-canaries", "istio"),
    RuleEntry("duration-in-seconds", "metrics", fields=("analysis.metrics",)),
    RuleEntry("duration-without-max", "metrics", fields=("analysis.metrics",)),
    RuleEntry("egress-registry-only", "istio"),
    RuleEntry("external-schema-reference", "chart", CHARTS, about="files"),
    RuleEntry("extra-service-ports-lost", "service"),
    RuleEntry("field-newer-than-installed-flagger", "api", FLAGGER_KINDS),
    RuleEntry("fixed-name-object-in-chart", "metrics", ("MetricTemplate", "AlertProvider")),
    RuleEntry("fractional-number", "strategy"),
    RuleEntry("gate-never-opens", "chart", CHARTS),
    RuleEntry("gate-timeout-does-not-end-wait", "webhooks"),
    RuleEntry("gateway-admits-no-route", "gateway_api"),
    RuleEntry("gateway-not-qualified", "istio", fields=("service.gateways",)),
    RuleEntry("gateway-refs-missing", "gateway_api"),
    RuleEntry("gatewayapi-cors-allow-origins", "gateway_api", fields=("service.corsPolicy",)),
    RuleEntry("gatewayapi-header-match-form", "gateway_api"),
    RuleEntry("gateways-without-mesh", "istio", fields=("service.gateways",)),
    RuleEntry("generated-object-collides", "target"),
    RuleEntry("generated-route-refused", "service"),
    RuleEntry("header-key-not-lowercase", "strategy", fields=("analysis.match",)),
    RuleEntry("histogram-quantile-without-le", "metrics", ("MetricTemplate", "Canary")),
    RuleEntry("hook-without-metadata-for-load-tester", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("hooks-never-called", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("hosts-empty-or-placeholder", "istio"),
    RuleEntry("hpa-without-autoscaler-ref", "autoscaling"),
    RuleEntry("http-metrics-on-grpc", "metrics"),
    RuleEntry("httproute-collides", "gateway_api"),
    RuleEntry("ignored-field-for-strategy", "strategy"),
    RuleEntry("image-tag-never-changes", "target"),
    RuleEntry("ingress-backend-not-apex", "ingress"),
    RuleEntry("ingress-in-front-is-not-in-mesh", "istio"),
    RuleEntry("ingress-ref-missing", "ingress"),
    RuleEntry("ingress-rule-without-http", "ingress"),
    RuleEntry("internal-error", "chart", CHARTS, about="nothing"),
    RuleEntry("interval-below-ten-seconds", "strategy"),
    RuleEntry("interval-not-parsable", "strategy", claims=True),
    RuleEntry("interval-or-threshold-missing", "strategy", claims=True),
    RuleEntry("istio-ambient-metrics", "istio"),
    RuleEntry("istio-gateway-without-hosts", "istio", fields=("service.gateways",)),
    RuleEntry("istio-injection-missing", "metrics"),
    RuleEntry("istio-tcp-with-http-settings", "istio"),
    RuleEntry("istio-tls-disabled", "istio"),
    RuleEntry("iterations-without-synthetic-traffic", "metrics"),
    RuleEntry("jx-internal-port", "jenkins_x"),
    RuleEntry("jx-knative-deploy-with-canary", "jenkins_x", CHARTS),
    RuleEntry("keda-paused-annotation", "autoscaling"),
    RuleEntry("keda-scaler-queries", "autoscaling"),
    RuleEntry("knative-first-revision", "target"),
    RuleEntry("knative-provider-mismatch", "target"),
    RuleEntry("knative-revert-on-deletion", "target"),
    RuleEntry("knative-service-replaced", "target"),
    RuleEntry("knative-skip-analysis", "target"),
    RuleEntry(
        "kubernetes-api-removed",
        "chart",
        (
            "Deployment",
            "DaemonSet",
            "ReplicaSet",
            "StatefulSet",
            "Ingress",
            "NetworkPolicy",
            "PodDisruptionBudget",
            "CronJob",
        ),
    ),
    RuleEntry("kubernetes-provider-with-weights", "strategy"),
    RuleEntry("load-test-hits-apex", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("load-test-of-another-app", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("load-test-without-target", "webhooks"),
    RuleEntry("match-without-iterations", "strategy", fields=("analysis.match",)),
    RuleEntry("max-weight-over-100", "strategy"),
    RuleEntry("metric-interval-below-scrape", "metrics", fields=("analysis.metrics",)),
    RuleEntry("metric-template-secret", "metrics", ("MetricTemplate",)),
    RuleEntry("metric-threshold-deprecated", "metrics", fields=("analysis.metrics",)),
    RuleEntry("metric-window-mismatch", "metrics", fields=("analysis.metrics",)),
    RuleEntry("metrics-server-address", "metrics", fields=("metricsServer",)),
    RuleEntry("metrics-without-traffic", "metrics"),
    RuleEntry("mirror-unsupported", "strategy", fields=("analysis.mirror",)),
    RuleEntry("multiple-ingresses-for-one-app", "ingress"),
    RuleEntry("names-too-long", "target"),
    RuleEntry("networkpolicy-selector-misses-primary", "target"),
    RuleEntry("nginx-match-form", "ingress", fields=("analysis.match",)),
    RuleEntry("no-alert-on-deadline", "alerts"),
    RuleEntry("no-graceful-shutdown", "target"),
    RuleEntry("other-service-selects-target-label", "service"),
    RuleEntry("pdb-selector-misses-primary", "target"),
    RuleEntry("policy-budget", "policy"),
    RuleEntry("policy-hook", "policy"),
    RuleEntry("policy-metric", "policy"),
    RuleEntry("policy-placement", "policy"),
    RuleEntry("policy-schema", "policy"),
    RuleEntry("policy-skip-analysis", "policy"),
    RuleEntry("policy-weight", "policy"),
    RuleEntry("port-discovery-collision", "service"),
    RuleEntry("port-discovery-with-gateway", "istio"),
    RuleEntry("port-name-protocol", "service"),
    RuleEntry("pre-rollout-tests-wrong-service", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("primary-cookie-needs-interval", "strategy", fields=("analysis.sessionAffinity",)),
    RuleEntry("progress-deadline-below-startup", "strategy"),
    RuleEntry("provider-not-recognised", "strategy", claims=True),
    RuleEntry("query-empty", "metrics", ("MetricTemplate",)),
    RuleEntry("query-not-parsable", "metrics", ("MetricTemplate", "Canary")),
    RuleEntry("query-not-renderable", "metrics", ("MetricTemplate", "Canary")),
    RuleEntry("query-with-dashboard-variable", "metrics", ("MetricTemplate", "Canary")),
    RuleEntry("query-zero-without-traffic", "metrics"),
    RuleEntry("readiness-probe-missing", "target"),
    RuleEntry("ready-threshold-too-low", "autoscaling"),
    RuleEntry("recreate-strategy", "target"),
    RuleEntry("release-not-checked", "chart", CHARTS, about="nothing"),
    RuleEntry("release-not-promoted", "strategy"),
    RuleEntry("reloader-annotation-on-target", "target"),
    RuleEntry("replicas-hardcoded-on-target", "autoscaling"),
    RuleEntry("revert-on-deletion-missing", "target"),
    RuleEntry("rollback-hook-always-true", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("rotated-secret-tracked", "target"),
    RuleEntry("route-bypasses-canary", "service"),
    RuleEntry("route-without-weights", "service"),
    RuleEntry("routes-to-generated-service", "service"),
    RuleEntry("same-apex-two-canaries", "service"),
    RuleEntry("selector-label-missing", "target"),
    RuleEntry("selector-label-not-unique", "target"),
    RuleEntry("service-misses-target-pods", "service"),
    RuleEntry("service-missing-or-port-zero", "service"),
    RuleEntry("service-name-differs-breaks-metrics", "metrics"),
    RuleEntry("service-port-changed-by-canary", "service"),
    RuleEntry("service-target-builtin-metrics", "metrics"),
    RuleEntry("service-type-not-clusterip", "service"),
    RuleEntry("servicemonitor-selector-misses-primary", "metrics"),
    RuleEntry("session-affinity-cookie-names", "strategy", fields=("analysis.sessionAffinity",)),
    RuleEntry("session-affinity-unsupported", "strategy", fields=("analysis.sessionAffinity",)),
    RuleEntry("setting-ignored-by-provider", "strategy"),
    RuleEntry("skip-analysis-left-on", "target", fields=("skipAnalysis",)),
    RuleEntry("skip-analysis-needs-analysis-block", "strategy", claims=True, fields=("skipAnalysis",)),
    RuleEntry("skipper-ingress-without-annotations", "ingress"),
    RuleEntry("source-labels-without-mesh", "strategy", fields=("analysis.match",)),
    RuleEntry("step-missing-or-zero", "strategy", claims=True),
    RuleEntry("step-overshoots-max", "strategy"),
    RuleEntry("step-weight-above-max", "strategy"),
    RuleEntry("step-weights-not-ascending", "strategy", fields=("analysis.stepWeights",)),
    RuleEntry("strategy-ambiguous", "strategy", claims=True),
    RuleEntry("success-rate-as-fraction", "metrics", fields=("analysis.metrics",)),
    RuleEntry("success-rate-without-min", "metrics", fields=("analysis.metrics",)),
    RuleEntry("suspend-left-on", "target", fields=("suspend",)),
    RuleEntry("target-kind-unsupported", "target", claims=True),
    RuleEntry("target-not-found", "target"),
    RuleEntry("target-owned-by-rollout", "target"),
    RuleEntry("target-port-not-a-container-port", "service"),
    RuleEntry("template-braces-eaten-by-helm", "metrics", CHARTS, about="failures"),
    RuleEntry("template-metric-without-interval", "metrics", fields=("analysis.metrics",)),
    RuleEntry("template-query-not-about-canary", "metrics", ("MetricTemplate",)),
    RuleEntry("template-query-not-single-value", "metrics", ("MetricTemplate", "Canary")),
    RuleEntry("template-ref-not-found", "metrics", fields=("analysis.metrics",)),
    RuleEntry("threshold-not-below-analysis-ticks", "strategy"),
    RuleEntry("threshold-one", "strategy"),
    RuleEntry("toggle-does-not-remove-canary", "chart", CHARTS),
    RuleEntry("toggle-does-nothing", "chart", CHARTS),
    RuleEntry("toggle-leaves-app-unexposed", "service"),
    RuleEntry("traefik-old-api-group", "ingress"),
    RuleEntry("traffic-increase-gate-ineffective", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("traffic-policy-field-pruned", "istio", claims=True, fields=("service.trafficPolicy",)),
    RuleEntry("two-autoscalers-on-one-target", "autoscaling"),
    RuleEntry("udp-port-discovered", "service"),
    RuleEntry("unknown-field-pruned", "api", FLAGGER_KINDS, claims=True),
    RuleEntry("upstream-ref-not-found", "target"),
    RuleEntry("values-defaults-missing", "values", CHARTS, about="failures"),
    RuleEntry("values-type-mismatch", "values", FLAGGER_KINDS, claims=True),
    RuleEntry("virtualservice-collides", "istio"),
    RuleEntry("volatile-pod-template", "target", CHARTS),
    RuleEntry("webhook-host-not-qualified", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("webhook-timeout-below-command", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("webhook-timeout-sum", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("webhook-type-invalid", "webhooks", claims=True, fields=("analysis.webhooks",)),
    RuleEntry("webhook-url-hardcoded-namespace", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("webhook-url-invalid", "webhooks", fields=("analysis.webhooks",)),
    RuleEntry("wildcard-host-in-mesh", "istio"),
)
