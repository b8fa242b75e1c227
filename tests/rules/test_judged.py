"""What was judged wrong in findings on charts people wrote, in small charts of the same shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.config.selection import selected
from chartgen.helm.request import RenderRequest
from chartgen.lint.matrix import render_matrix
from chartgen.lint.run_rules import report_findings
from tests.lint.charts import CANARY, DEPLOYMENT, files, in_memory
from tests.rules.harness import engine

if TYPE_CHECKING:
    from pathlib import Path

SWITCHED = f"{{{{- if .Values.canary.enabled }}}}\n{CANARY}{{{{- end }}}}\n"


def _told(content: dict[str, str], *rules: str) -> list[tuple[str, str, str]]:
    """Rule, severity and `path:line` of each finding of these rules."""
    releases = render_matrix(engine, in_memory(content), RenderRequest())
    found = report_findings(engine, releases, selected(rules))
    return sorted({(one.rule, one.severity.value, f"{one.path.removeprefix('web/')}:{one.line}") for one in found})


def _on_disk(folder: Path, content: dict[str, str], *rules: str) -> list[tuple[str, str, str]]:
    from chartgen.lint.engine import lint_paths
    from chartgen.lint.request import LintRequest
    from tests.lint.charts import on_disk

    result = lint_paths(engine, [on_disk(folder, content)], LintRequest(select=rules, no_config=True))
    root = f"{folder.as_posix()}/"
    return [(one.rule, one.severity.value, f"{one.path.removeprefix(root)}:{one.line}") for one in result.findings]


def test_what_a_pack_leaves_to_be_filled_in_is_no_refused_name() -> None:
    canary = CANARY.replace("  name: web\n", "  name: release-REPLACE_ME_APP_NAME\n")
    assert _told(files("{}\n", canary), "canary-refused") == []
    canary = CANARY.replace("  name: web\n", "  name: release-Web_1\n")
    assert _told(files("{}\n", canary), "canary-refused") == [("canary-refused", "error", "templates/canary.yaml:4")]


def test_a_host_whose_domain_the_environment_gives_is_a_warning() -> None:
    values = "other: ''\ndomain: ''\n"
    canary = CANARY.replace("    port: 80\n", "    port: 80\n    hosts: ['REPLACE_ME_APP_NAME.{{ .Values.domain }}']\n")
    found = _told(files(values, canary), "hosts-empty-or-placeholder")
    assert found == [("hosts-empty-or-placeholder", "warning", "values.yaml:2")]


def test_many_canaries_on_one_host_are_told_once_each() -> None:
    other = CANARY.replace("    port: 80\n", "    port: 80\n    gateways: [shared]\n    hosts:\n      - '*'\n")
    canary = "---\n".join(other.replace("  name: web\n", f"  name: {name}\n") for name in "abcd")
    found = _told(files("{}\n", canary), "duplicate-host-two-canaries")
    assert len(found) == 3


def test_defaults_that_need_a_values_file_are_an_info(tmp_path: Path) -> None:
    """A chart with values files only, as many teams keep them, is not broken."""
    content = files("{}\n", SWITCHED, **{"values-prod_yaml": "canary: {enabled: true}\n"})
    found = _on_disk(tmp_path, content, "chart-does-not-render", "values-defaults-missing")
    assert found == [("chart-does-not-render", "info", "templates/canary.yaml:1")]


def test_without_a_values_file_that_renders_it_is_an_error(tmp_path: Path) -> None:
    content = files("{}\n", SWITCHED, **{"values-prod_yaml": "canary: 5\n"})
    found = _on_disk(tmp_path, content, "chart-does-not-render", "values-defaults-missing")
    assert {(rule, severity) for rule, severity, _ in found} == {("chart-does-not-render", "error")}


def test_what_breaks_with_the_canary_off_too_is_not_the_switch_s(tmp_path: Path) -> None:
    """The switch is found in values-prod.yaml, and the defaults lack something that has nothing to do with it."""
    broken = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: '{{ .Values.settings.name }}'}\n"
    prod = "settings: {name: a}\n"
    content = files("canary: {enabled: false}\n", SWITCHED, templates__config_yaml=broken, **{"values-prod_yaml": prod})
    found = _on_disk(tmp_path, content, "chart-does-not-render", "values-defaults-missing")
    assert found == [("chart-does-not-render", "info", "templates/config.yaml:3")]


def test_an_old_deployment_takes_its_pods_labels_for_a_selector() -> None:
    old = DEPLOYMENT.replace("apps/v1", "extensions/v1beta1").replace("  selector:\n    matchLabels: {app: web}\n", "")
    content = {**files("{}\n", CANARY), "templates/deployment.yaml": old}
    assert _told(content, "selector-label-missing") == []


def test_what_collides_stands_at_the_object_not_where_its_name_comes_from() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\nspec: {ports: [{port: 80}]}\n"
    content = files("name: web\n", CANARY, templates__service_yaml=service)
    found = _told(content, "chart-service-collides-with-apex")
    assert found == [("chart-service-collides-with-apex", "error", "templates/service.yaml:2")]


def test_what_a_lookup_keeps_on_a_live_cluster_is_not_volatile() -> None:
    checksum = 'checksum/secret: {{ include (print $.Template.BasePath "/secret.yaml") . | sha256sum }}'
    deployment = DEPLOYMENT.replace(
        "      labels: {app: web}\n", f"      labels: {{app: web}}\n      annotations:\n        {checksum}\n"
    )
    kept = "{{- $live := lookup `v1` `Secret` .Release.Namespace `web` }}\n"
    secret = "kind: Secret\napiVersion: v1\nmetadata: {name: web}\nstringData: {key: {{ randAlphaNum 9 }}}\n"
    content = {**files("{}\n", CANARY), "templates/deployment.yaml": deployment, "templates/secret.yaml": secret}
    found = [("volatile-pod-template", "error", "templates/deployment.yaml:12")]
    assert _told(content, "volatile-pod-template") == found
    assert _told({**content, "templates/secret.yaml": kept + secret}, "volatile-pod-template") == []


def test_a_chart_that_asks_for_the_kind_gets_the_server_s_answer() -> None:
    """`helm template` tells groups and versions alone, so the chart would write the version of old."""
    version = (
        "{{ if .Capabilities.APIVersions.Has `autoscaling/v2/HorizontalPodAutoscaler` }}autoscaling/v2"
        "{{ else }}autoscaling/v2beta1{{ end }}"
    )
    scaler = (
        f"apiVersion: {version}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web}}\n"
        "spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n"
    )
    assert _told(files("{}\n", CANARY, templates__hpa_yaml=scaler), "autoscaling-api-removed") == []


def test_one_of_two_switches_need_not_remove_both_canaries() -> None:
    values = "canary:\n  enabled: true\ndark:\n  canary: {enabled: true}\n"
    dark = SWITCHED.replace(".canary.enabled", ".dark.canary.enabled").replace("web", "dark")
    service = "{{- if not .Values.canary.enabled }}\nkind: Service\nmetadata: {name: web}\n{{- end }}\n"
    chart = files(values, SWITCHED, templates__dark_yaml=dark, templates__service_yaml=service)
    assert _told(chart, "toggle-does-not-remove-canary") == []
    unguarded = {**chart, "templates/canary.yaml": CANARY}
    assert _told(unguarded, "toggle-does-not-remove-canary") == [
        ("toggle-does-not-remove-canary", "error", "values.yaml:2"),
    ]


def test_a_switch_below_an_alias_is_the_one_that_works() -> None:
    subchart = files("canary: {enabled: true}\n", SWITCHED.replace("name: web", "name: {{ .Chart.Name }}"))
    below = {f"charts/web/{path}": text for path, text in subchart.items()}
    aliases = (
        "dependencies:\n- {name: web, version: 1.0.0, alias: north}\n- {name: web, version: 1.0.0, alias: south}\n"
    )
    chart = {"Chart.yaml": f"apiVersion: v2\nname: fair\nversion: 1.0.0\n{aliases}", **below}
    assert _told({**chart, "values.yaml": "north: {canary: {enabled: true}}\n"}, "toggle-does-nothing") == []
    own = {**chart, "values.yaml": "web:\n  canary: {enabled: true}\n"}
    assert _told(own, "toggle-does-nothing") == [("toggle-does-nothing", "error", "values.yaml:2")]


def test_a_doubled_scheme_is_one_mistake() -> None:
    hooks = "    webhooks:\n      - {name: load, url: 'http://http://tester.flagger/'}\n"
    rules = ("webhook-url-invalid", "webhook-host-not-qualified")
    assert [rule for rule, *_ in _told(files("{}\n", CANARY + hooks), *rules)] == ["webhook-url-invalid"]


def test_a_dangling_reference_to_an_autoscaler_is_one_mistake(tmp_path: Path) -> None:
    reference = "  autoscalerRef: {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: gone}\n"
    canary = CANARY.replace("  revertOnDeletion: true\n", reference)
    scaler = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n"
        "spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n"
    )
    rules = ("autoscaler-ref-not-found", "hpa-without-autoscaler-ref", "two-autoscalers-on-one-target")
    found = _on_disk(tmp_path, files("{}\n", canary, templates__hpa_yaml=scaler), *rules)
    assert [rule for rule, *_ in found] == ["autoscaler-ref-not-found"]


def test_target_port_0_is_the_port_as_for_flagger() -> None:
    service = "    port: 8080\n    targetPort: 0\n    portDiscovery: true\n"
    canary = CANARY.replace("    port: 80\n    targetPort: http\n", service)
    assert service in canary
    rules = ("port-discovery-collision", "target-port-not-a-container-port")
    assert _told(files("{}\n", canary), *rules) == []
    assert _told(files("{}\n", canary.replace("targetPort: 0", "targetPort: web")), *rules) != []


def test_a_mirror_of_the_kubernetes_provider_mirrors_nothing_but_stalls_nothing() -> None:
    """It takes ten iterations in place of the weights, so that no run is stuck at weight 0."""
    canary = CANARY.replace("spec:\n", "spec:\n  provider: kubernetes\n", 1)
    canary = canary.replace("    stepWeight: 10\n", "    stepWeight: 10\n    mirror: true\n")
    assert _told(files("{}\n", canary), "mirror-unsupported") == [
        ("mirror-unsupported", "warning", "templates/canary.yaml:17"),
    ]


def test_an_analysis_of_null_leaves_it_to_canary_analysis() -> None:
    canary = CANARY.replace("  analysis:\n", "  analysis: null\n  canaryAnalysis:\n").replace("1m\n", "5s\n", 1)
    found = _told(files("{}\n", canary), "interval-below-ten-seconds")
    assert found == [("interval-below-ten-seconds", "warning", "templates/canary.yaml:13")]


def test_defaults_that_a_release_fills_in_are_warnings(tmp_path: Path) -> None:
    """Lint switches the canary on; who does that in a release sets its host, too."""
    host = SWITCHED.replace("    port: 80\n", "    port: 80\n    hosts: ['{{ .Values.canary.host }}']\n")
    for value in ("''", "acme.com"):
        content = files(f"canary: {{enabled: false, host: {value}}}\n", host)
        found = _told(content, "hosts-empty-or-placeholder")
        assert found == [("hosts-empty-or-placeholder", "warning", "values.yaml:1")]
        on = _told(files(f"canary: {{enabled: true, host: {value}}}\n", host), "hosts-empty-or-placeholder")
        assert on == [("hosts-empty-or-placeholder", "error", "values.yaml:1")]
    port = SWITCHED.replace("    port: 80\n", "    port: {{ .Values.canary.port }}\n")
    found = _told(files("canary: {enabled: false, port: null}\n", port), "canary-refused")
    assert found == [("canary-refused", "warning", "values.yaml:1")]
    content = files("canary: {enabled: false, port: null}\n", port, **{"values-prod_yaml": "canary: {enabled: true}\n"})
    found = _on_disk(tmp_path, content, "canary-refused")
    assert [severity for _, severity, _ in found] == ["error"]


def test_a_values_file_that_switches_the_canary_on_is_no_release_with_it_off() -> None:
    content = files("canary: {enabled: false}\n", SWITCHED, **{"values-prod_yaml": "canary: {enabled: true}\n"})
    releases = render_matrix(engine, in_memory(content), RenderRequest())
    labels = [each.label for each in releases.renderings if any(each.of_kind("Canary"))]
    assert "namespace default, values-prod.yaml" in labels
    assert not [label for label in labels if "canary off" in label]


def test_a_map_that_switches_the_canary_by_being_there_needs_no_defaults() -> None:
    canary = CANARY.replace("interval: 1m\n    threshold", "interval: {{ .Values.canary.interval }}\n    threshold")
    rules = ("values-defaults-missing", "chart-does-not-render", "gate-never-opens")
    for values, switch in (
        ("{}\n", "if .Values.canary"),
        ("canary: {}\n", "if .Values.canary"),
        ("{}\n", "with .Values.canary"),
    ):
        body = canary.replace(".Values.canary.interval", ".interval") if "with" in switch else canary
        found = _told(files(values, f"{{{{- {switch} }}}}\n{body}{{{{- end }}}}\n"), *rules)
        assert [(rule, severity) for rule, severity, _ in found] in ([], [("values-defaults-missing", "info")])
    deeper = canary.replace(".canary.interval", ".canary.analysis.interval")
    switched = f"{{{{- if .Values.canary.enabled }}}}\n{deeper}{{{{- end }}}}\n"
    found = _told(files("canary: {enabled: false}\n", switched), *rules)
    assert [(rule, severity) for rule, severity, _ in found] == [("values-defaults-missing", "warning")]


def test_what_flagger_never_sees_has_no_effect_yet() -> None:
    """The API server refuses the Canary first, for its version or for what it lacks."""
    from chartgen.lint.engine import lint_text
    from chartgen.lint.request import LintRequest

    old = CANARY.replace("v1beta1", "v1alpha3").replace("request-success-rate", "istio_requests_total")
    request = LintRequest(no_config=True, select=("custom-metric-without-source", "service-missing-or-port-zero"))
    (found,) = lint_text(engine, old, "a.yaml", request).findings
    assert "in flagger.app/v1beta1, which Flagger serves, every check fails" in found.message
    bare = "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: web}\nspec: {suspend: true}\n"
    assert lint_text(engine, bare, "a.yaml", request).findings == ()


def test_an_empty_host_is_one_mistake() -> None:
    canary = CANARY.replace("    port: 80\n", "    port: 80\n    gateways: [public]\n    hosts: ['']\n")
    found = _told(files("{}\n", canary), "istio-gateway-without-hosts", "hosts-empty-or-placeholder")
    assert [rule for rule, *_ in found] == ["hosts-empty-or-placeholder"]


def test_an_ingress_of_no_class_may_be_served_in_the_mesh() -> None:
    ingress = (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec:\n  ingressClassName: nginx\n"
        "  rules: [{http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]\n"
    )
    rule = "ingress-in-front-is-not-in-mesh"
    assert [severity for _, severity, _ in _told(files("{}\n", CANARY, templates__i_yaml=ingress), rule)] == ["error"]
    unnamed = ingress.replace("  ingressClassName: nginx\n", "")
    assert [severity for _, severity, _ in _told(files("{}\n", CANARY, templates__i_yaml=unnamed), rule)] == ["warning"]


def test_probes_may_count_where_the_application_itself_does() -> None:
    """Provider kubernetes reads http_request_duration_seconds of the application, and the kubelet's probes call it."""
    canary = CANARY.replace("    maxWeight: 50\n    stepWeight: 10\n", "    iterations: 5\n")
    rule = "iterations-without-synthetic-traffic"
    assert [severity for _, severity, _ in _told(files("{}\n", canary), rule)] == ["error"]
    canary = canary.replace("spec:\n", "spec:\n  provider: kubernetes\n", 1)
    assert [severity for _, severity, _ in _told(files("{}\n", canary), rule)] == ["warning"]


def test_an_object_without_a_name_is_one_mistake() -> None:
    command = "'hey -z 1m http://-canary.test/'"
    hook = f"    webhooks: [{{name: load, url: 'http://tester.test/', metadata: {{cmd: {command}}}}}]\n"
    canary = CANARY.replace("  name: web\n", "  name: null\n").replace("name: web}", "name: null}") + hook
    deployment = DEPLOYMENT.replace("  name: web\n", "  name: null\n").replace("spec:\n", "spec:\n  replicas: 2\n", 1)
    content = {**files("{}\n", canary), "templates/deployment.yaml": deployment}
    rules = ("load-test-without-target", "replicas-hardcoded-on-target", "canary-refused")
    assert {rule for rule, *_ in _told(content, *rules)} == {"canary-refused"}


def test_no_port_discovery_is_advised_for_pods_with_a_udp_port() -> None:
    """Flagger publishes each discovered port as TCP."""
    service = (
        "kind: Service\napiVersion: v1\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n"
        "  ports: [{name: http, port: 80, targetPort: http}, {name: admin, port: 9090}]\n"
    )
    chart = files("canary: {enabled: true}\n", SWITCHED)
    gated = "{{- if not .Values.canary.enabled }}\n" + service + "{{- end }}\n"
    udp = DEPLOYMENT.replace(
        "containerPort: 8080}", "containerPort: 8080}\n            - {containerPort: 53, protocol: UDP}"
    )
    messages = []
    for deployment in (DEPLOYMENT, udp):
        content = {**chart, "templates/service.yaml": gated, "templates/deployment.yaml": deployment}
        releases = render_matrix(engine, in_memory(content), RenderRequest())
        found = report_findings(engine, releases, selected(("extra-service-ports-lost",)))
        messages.append({one.message for one in found})
    assert [["portDiscovery" in each for each in told] for told in messages] == [[True], [False]]
