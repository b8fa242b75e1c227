"""What the Canary refers to: MetricTemplates, AlertProviders, their Secrets, and the receivers of its webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.cluster.access.address import address_of
from chartgen.cluster.access.resources import ALERT_PROVIDERS, METRIC_TEMPLATES
from chartgen.cluster.preflight.context import Context, blocker, ok, warning
from chartgen.cluster.preflight.pods import has_port, ready_behind, scale_up
from chartgen.flagger.canary import analysis_key, as_list, as_mapping, as_str
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from chartgen.cluster.preflight.check import Check

LOAD_TESTER = "oci://ghcr.io/fluxcd/charts/loadtester"
# The keys that each metrics provider reads from its Secret (pkg/metrics/providers).
_SECRET_KEYS = {
    "prometheus": ("username", "password"),
    "graphite": ("username", "password"),
    "datadog": ("datadog_api_key", "datadog_application_key"),
    "newrelic": ("newrelic_account_id", "newrelic_query_key"),
    "influxdb": ("token",),
    "dynatrace": ("dynatrace_token",),
    "splunk": ("sf_token_key",),
}
_EVENT_HOOKS = ("event", "post-rollout")


def check_metric_templates(context: Context) -> Iterator[Check]:
    """Each MetricTemplate exists, may be referred to, and has its Secret."""
    references = dict.fromkeys(metric.template for metric in context.canary.analysis.metrics if metric.template)
    for name, namespace in references:
        subject = f"MetricTemplate {namespace}/{name}"
        yield from _cross_namespace(context, namespace, subject)
        template = context.find(METRIC_TEMPLATES, namespace, name)
        if template is None:
            command = context.command("get", METRIC_TEMPLATES.full_name, "-A", namespace="")
            message = "neither the chart nor the cluster has it: every check of this metric fails"
            yield blocker("metric-template", subject, message, command)
            continue
        yield ok("metric-template", subject, "exists")
        provider = as_mapping(value_at(template, ("spec", "provider")))
        keys = _SECRET_KEYS.get(as_str(provider.get("type")), ("KEY",))
        yield from _secret(context, provider, namespace, subject, keys, fails="every check of this metric fails")


def check_alert_providers(context: Context) -> Iterator[Check]:
    """Each AlertProvider exists, may be referred to, and has its Secret."""
    spec = context.canary.spec
    alerts = as_list(as_mapping(spec.get(analysis_key(spec))).get("alerts"))
    references = [as_mapping(as_mapping(alert).get("providerRef")) for alert in alerts]
    places = dict.fromkeys(
        (as_str(ref.get("namespace")) or context.namespace, as_str(ref.get("name"))) for ref in references
    )
    for namespace, name in places:
        subject = f"AlertProvider {namespace}/{name}"
        yield from _cross_namespace(context, namespace, subject)
        provider = context.find(ALERT_PROVIDERS, namespace, name)
        if provider is None:
            command = context.command("get", ALERT_PROVIDERS.full_name, "-A", namespace="")
            message = "neither the chart nor the cluster has it: Flagger sends no alert"
            yield warning("alert-provider", subject, message, command)
            continue
        yield ok("alert-provider", subject, "exists")
        yield from _secret(
            context, as_mapping(provider.get("spec")), namespace, subject, ("address",), fails="Flagger sends no alert"
        )


def _cross_namespace(context: Context, namespace: str, subject: str) -> Iterator[Check]:
    flagger = context.flagger
    if flagger and not flagger.cross_namespace_refs and namespace != context.namespace:
        message = f"Flagger runs with -no-cross-namespace-refs: a Canary in {context.namespace} can't refer to it"
        yield blocker("cross-namespace", subject, message)


def _secret(
    context: Context, owner: Mapping[str, Any], namespace: str, subject: str, keys: tuple[str, ...], *, fails: str
) -> Iterator[Check]:
    name = as_str(as_mapping(owner.get("secretRef")).get("name"))
    if not name or context.rendered("Secret", namespace, name):
        return
    if context.source.secret_exists(namespace, name):
        yield ok("secret", f"Secret {namespace}/{name}", f"exists for {subject}")
        return
    words = ("create", "secret", "generic", name, *(f"--from-literal={key}=VALUE" for key in keys))
    message = f"doesn't exist, but {subject} needs it: {fails}"
    yield blocker("secret", f"Secret {namespace}/{name}", message, context.command(*words, namespace=namespace))


def secrets_of(objects: tuple[Mapping[str, Any], ...]) -> list[tuple[str, str]]:
    """Namespace and name of each Secret that MetricTemplates and AlertProviders among the objects refer to."""
    routes = (("spec", "provider", "secretRef", "name"), ("spec", "secretRef", "name"))
    owners = [each for each in objects if each.get("kind") in {METRIC_TEMPLATES.kind, ALERT_PROVIDERS.kind}]
    named = [
        (as_str(value_at(body, ("metadata", "namespace"))), as_str(value_at(body, at)))
        for body in owners
        for at in routes
    ]
    return [(namespace, name) for namespace, name in named if name]


def check_webhooks(context: Context) -> Iterator[Check]:
    """Each webhook that names a Service: it exists, has the port, and ready pods."""
    for hook in context.canary.analysis.webhooks:
        address = address_of(hook.url)
        place = context.service_of_host(address.host, context.namespace)
        if place is None:
            continue
        namespace, name = place
        subject, report = f"Service {namespace}/{name}", warning if hook.type in _EVENT_HOOKS else blocker
        service = context.service(namespace, name)
        effect = f"webhook {hook.name} ({hook.type}) fails"
        if service is None:
            yield report("webhook", subject, f"doesn't exist: {effect}", _install_receiver(context, namespace, name))
            continue
        if not has_port(service, address.port):
            command = context.command("get", "service", name, "-o", "yaml", namespace=namespace)
            yield report("webhook", subject, f"doesn't listen on port {address.port}: {effect}", command)
        elif context.rendered("Service", namespace, name):
            yield ok("webhook", subject, f"is part of the chart, for webhook {hook.name}")
        elif not ready_behind(context, service, namespace):
            selector = value_at(service, ("spec", "selector"))
            command = scale_up(context, namespace, selector)
            command = command or context.command("get", "pods", namespace=namespace)
            yield report("webhook", subject, f"has no ready pod: {effect}", command)
        else:
            yield ok("webhook", subject, f"has ready pods for webhook {hook.name}")


def _install_receiver(context: Context, namespace: str, name: str) -> str:
    if "loadtest" not in name.replace("-", ""):
        return context.command("get", "services", namespace=namespace)
    return context.helm(
        "upgrade", "--install", name, LOAD_TESTER, "--namespace", namespace, "--set", f"fullnameOverride={name}"
    )
