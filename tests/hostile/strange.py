"""Strategies for inputs no author would write: charts, configurations, ignore comments and arguments, each near to what
is right, so that they get past the first check.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

    # Changes a document into another strange one.
    Mutated = st.SearchStrategy[Any]

ESCAPES = "a\n::error::INJECTED\r\n##[error]INJECTED%0A\x1b[31m\x9b2J\u202ex\u2028\x00\x07"
NASTY_TEXTS = (
    "", " ", "-", "~", "a" * 300, ESCAPES, "\x1b]0;x\x07", "a\nb", "\u202eevil", "\ud800", "\udcff", "é\u0301", "😀",
    "a: b", "#", "'", '"', "`", "|", "*x", "&x", "!!int", "{{ .Values }}", "}}", "%0A::error::x", "[red]x[/red]",
    "<script>", "](x)", "../..", "/etc/passwd", "1m", "0s", "-1m", "1h1h", "1e400m", "9" * 30 + "s", "10", "0", "y",
    "0x1f", "1e3", "*.example.com", "a/b/c", "mesh", "NaN", "$(x)", "\\", "\t", "100%", "2%:95%",
)  # fmt: skip
NASTY_NUMBERS = (0, 1, -1, 100, 101, 2**31, -(2**63), 2**63, 2**64, 10**30, 0.5, -0.0, 1e308, 1e-320, 5_000_000)
# Not JSON: put where a scalar is expected.
RAW_SCALARS = (
    "!!bool zz", "!!int x", "!!binary x", "!!float a", ".nan", ".inf", "-.inf", "1e999", "0o17", "0x" + "f" * 40, "1:30",
    "2001-99-99", "*nowhere", "&a [*a]", "<<", "{<<: *x}", "9" * 5000, "? x", "|\n  x", "{a: 1, a: 2}", "[" * 150 + "]" * 150,
    '{{ fail "\\x1b]0;x\\u202e\\n::error::INJECTED" }}', "{{ .Values.no.no }}", "{{ .Release.Namespace }}",
    '{{ required "a\\nb" .Values.none }}', "{{ toYaml .Values | nindent 4 }}", '{{ lookup "v1" "Pod" "" "" }}',
    "{{ randAlphaNum 5 }}", "{{ now }}", "{{", "\x1b[2J", "\tx", "\ud800",
)  # fmt: skip

_SCALARS = st.one_of(
    st.none(), st.booleans(), st.sampled_from(NASTY_NUMBERS), st.integers(), st.floats(allow_nan=False),
    st.sampled_from(NASTY_TEXTS), st.text(max_size=8),
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
_RAW = "RAW:"

CANARY: dict[str, Any] = {
    "apiVersion": "flagger.app/v1beta1",
    "kind": "Canary",
    "metadata": {"name": "web", "namespace": "live", "annotations": {"chartgen/ignore": "metrics-missing"}},
    "spec": {
        "provider": "istio",
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "autoscalerRef": {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "name": "web",
            "primaryScalerReplicas": {"minReplicas": 1, "maxReplicas": 3},
        },
        "ingressRef": {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "web"},
        "progressDeadlineSeconds": 60,
        "revertOnDeletion": True,
        "skipAnalysis": False,
        "service": {
            "name": "web",
            "port": 80,
            "portName": "http",
            "targetPort": "http",
            "portDiscovery": True,
            "hosts": ["web.example.com"],
            "gateways": ["istio-system/public", "mesh"],
            "gatewayRefs": [{"name": "gw", "namespace": "istio-system"}],
            "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}},
            "retries": {"attempts": 3, "perTryTimeout": "1s", "retryOn": "5xx"},
            "match": [{"uri": {"prefix": "/"}}],
            "headers": {"request": {"add": {"x": "y"}}},
            "corsPolicy": {"allowOrigins": [{"exact": "x"}], "allowMethods": ["GET"]},
            "apex": {"labels": {"a": "b"}},
            "timeout": "15s",
        },
        "analysis": {
            "interval": "1m",
            "iterations": 0,
            "threshold": 5,
            "maxWeight": 50,
            "stepWeight": 10,
            "stepWeights": [1, 5, 10],
            "stepWeightPromotion": 50,
            "primaryReadyThreshold": 100,
            "sessionAffinity": {"cookieName": "c", "maxAge": 60},
            "match": [{"headers": {"x": {"exact": "y"}}}],
            "metrics": [
                {"name": "request-success-rate", "thresholdRange": {"min": 99}, "interval": "1m"},
                {"name": "latency", "templateRef": {"name": "latency"}, "thresholdRange": {"max": 500}},
                {"name": "own", "query": "sum(rate(x[1m]))", "threshold": 5},
            ],
            "alerts": [{"name": "chat", "severity": "error", "providerRef": {"name": "chat"}}],
            "webhooks": [{"name": "load", "type": "rollout", "url": "http://x/", "timeout": "5s", "metadata": {"cmd": "x"}}],
        },
    },
}  # fmt: skip
_LABELS = {"app": "web"}
OBJECTS: dict[str, dict[str, Any]] = {
    "deployment": {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "replicas": 2, "minReadySeconds": 1, "progressDeadlineSeconds": 60,
            "selector": {"matchLabels": _LABELS},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": {
                "metadata": {"labels": _LABELS, "annotations": {"sidecar.istio.io/inject": "true"}},
                "spec": {"containers": [{
                    "name": "web", "image": "registry.internal/web:1", "ports": [{"name": "http", "containerPort": 8080}],
                    "readinessProbe": {"httpGet": {"path": "/", "port": "http"}, "initialDelaySeconds": 1, "periodSeconds": 2},
                    "envFrom": [{"configMapRef": {"name": "web"}}],
                }], "volumes": [{"name": "v", "secret": {"secretName": "web"}}]},
            },
        },
    },
    "service": {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web-x"},
        "spec": {"type": "ClusterIP", "selector": _LABELS, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    },
    "hpa": {
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "minReplicas": 1, "maxReplicas": 3},
    },
    "scaler": {
        "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "web", "annotations": {"autoscaling.keda.sh/paused-replicas": "0"}},
        "spec": {"scaleTargetRef": {"name": "web"}, "triggers": [{"type": "prometheus", "name": "x", "metadata": {"query": 'x{pod=~"web-.*"}'}}]},
    },
    "ingress": {
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web", "annotations": {"zalando.org/x": "y"}},
        "spec": {"ingressClassName": "nginx", "rules": [{"host": "x", "http": {"paths": [
            {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]},
    },
    "template": {
        "apiVersion": "flagger.app/v1beta1", "kind": "MetricTemplate", "metadata": {"name": "latency"},
        "spec": {"provider": {"type": "prometheus", "address": "http://p:9090", "secretRef": {"name": "p"}}, "query": 'x{{ "{{ target }}" }}[{{ "{{ interval }}" }}]'},
    },
    "alert": {
        "apiVersion": "flagger.app/v1beta1", "kind": "AlertProvider", "metadata": {"name": "chat"},
        "spec": {"type": "slack", "address": "https://hooks.example.com/x", "channel": "c", "secretRef": {"name": "s"}},
    },
    "route": {
        "apiVersion": "networking.istio.io/v1beta1", "kind": "VirtualService", "metadata": {"name": "web"},
        "spec": {"hosts": ["web.example.com"], "gateways": ["public"], "http": [{"route": [{"destination": {"host": "web"}}]}]},
    },
    "rule": {
        "apiVersion": "networking.istio.io/v1beta1", "kind": "DestinationRule", "metadata": {"name": "web"},
        "spec": {"host": "web", "trafficPolicy": {"tls": {"mode": "DISABLE"}}},
    },
    "http-route": {
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "web"},
        "spec": {"hostnames": ["x"], "parentRefs": [{"name": "gw"}], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]},
    },
    "config": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "annotations": {"helm.sh/hook": "test"}}, "data": {"a": "b"}},
    "daemon": {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "d"}, "spec": {"selector": {"matchLabels": _LABELS}, "template": {"metadata": {"labels": _LABELS}, "spec": {"containers": []}}}},
    "knative": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"template": {"metadata": {}, "spec": {"containers": [{"image": "x"}]}}}},
}  # fmt: skip
VALUES: dict[str, Any] = {
    "replicaCount": 2, "service": {"port": 80, "name": "web"}, "image": {"repository": "x", "tag": "1"},
    "canary": {"enabled": True, "analysis": CANARY["spec"]["analysis"], "host": "x"}, "autoscaling": {"enabled": False},
}  # fmt: skip
META: dict[str, Any] = {
    "apiVersion": "v2", "name": "web", "version": "1.0.0", "kubeVersion": ">=1.20.0", "appVersion": "1", "type": "application",
    "dependencies": [{"name": "sub", "version": "1", "repository": "", "condition": "sub.enabled"}], "annotations": {"a": "b"},
}  # fmt: skip
CONFIG: dict[str, Any] = {
    "select": ["error"], "ignore": ["step-weight-above-max", {"rule": "metrics", "path": "templates/*", "object": "Canary/*", "reason": "x"}],
    "severity": {"step-weight-above-max": "info"}, "fail-on": "error", "min-severity": "info", "namespaces": ["live", "other"],
    "releases": [{"name": "r", "namespaces": ["live"], "values": ["values.yaml", "prod.yaml#web"], "set": ["a=b"], "helmfile": "helmfile.yaml"}],
    "overrides": [{"paths": ["web*"], "select": ["web"], "cluster": {"provider": "nginx"}}],
    "policy": {
        "namespaces": ["li*"], "gateways": ["a/b"], "hosts": ["*.example.com"], "providers": ["istio"], "max-weight": 50, "max-step": 10,
        "max-exposure": 10, "max-duration": "30m", "max-rollback-time": "5m", "max-failed-requests": 5, "detect": ["2%:95%"],
        "metrics": {"request-success-rate": {"min": 99}}, "webhooks": ["rollout"], "alerts": True, "forbid-skip-analysis": True, "schema": "schema.json",
    },
    "traffic": {"rps": 10, "error-rate": "50%", "healthy-error-rate": "0.1%", "match-share": "5%", "synthetic-rps": 0},
    "cluster": {
        "flagger-version": "1.38.0", "provider": "istio", "selector-labels": ["app"], "scrape-interval": "30s", "metric-templates": ["a/b"],
        "alert-providers": ["x"], "gateways": ["a/b"], "injected-namespaces": ["*"], "registry-only": True,
        "service-entries": ["*"], "no-cross-namespace-refs": True,
    },
}  # fmt: skip
HELMFILE = {
    "releases": [{"name": "web", "namespace": "live", "chart": "./web", "values": ["values.yaml", {"a": 1}]}],
    "environments": {"default": {}},
}
SCHEMA = {
    "type": "object",
    "properties": {"spec": {"required": ["service"], "properties": {"provider": {"pattern": "^i"}}}},
}


def routes(document: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The keys that lead to each value of a document."""
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [route for key, value in items for route in [(*above, key), *routes(value, (*above, key))]]


@st.composite
def mutated(draw: st.DrawFn, document: Any, most: int = 3, *, raw: bool = True) -> Any:
    """The document with some of its values replaced, taken away, repeated, or put under another name."""
    result = copy.deepcopy(document)
    for _ in range(draw(st.integers(0, most))):
        found = routes(result)
        if not found:
            return result
        *above, key = draw(st.sampled_from(found))
        parent = result
        for step in above:
            parent = parent[step]
        _change(draw, parent, key, raw=raw)
    return result


def _change(draw: st.DrawFn, parent: Any, key: Any, *, raw: bool) -> None:
    how = draw(
        st.sampled_from(["value", "value", "value", "nasty", "remove", "rename", "wrap", *(["raw"] if raw else [])])
    )
    if how == "remove":
        del parent[key]
    elif how == "rename" and isinstance(parent, dict):
        parent[draw(st.sampled_from(NASTY_TEXTS))] = parent.pop(key)
    elif how == "wrap":
        parent[key] = draw(st.sampled_from([[parent[key]], {"x": parent[key]}, [parent[key]] * 2]))
    elif how == "raw":
        parent[key] = _RAW + draw(st.sampled_from(RAW_SCALARS))
    elif how == "nasty":
        parent[key] = draw(st.sampled_from(NASTY_TEXTS))
    else:
        parent[key] = draw(_VALUES)


def as_yaml(value: Any, indent: str = "", comments: tuple[str, ...] = ()) -> str:
    """Block YAML with one scalar a line, in JSON's spelling; `comments` follow the first lines, one each."""
    lines = [*_lines(value, indent)]
    for number, comment in enumerate(comments):
        if lines:
            at = number * 3 % len(lines)
            lines[at] += f" {comment}"
    return "\n".join(lines) + "\n"


def _lines(value: Any, indent: str) -> list[str]:
    if isinstance(value, dict) and value:
        items = [(f"{indent}{_scalar(key)}:", inner) for key, inner in value.items()]
    elif isinstance(value, list) and value:
        items = [(f"{indent}-", inner) for inner in value]
    else:
        return [f"{indent}{_scalar(value)}"]
    lines: list[str] = []
    for head, inner in items:
        if isinstance(inner, dict | list) and inner:
            lines += [head, *_lines(inner, indent + "  ")]
        else:
            lines.append(f"{head} {_scalar(inner)}")
    return lines


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        if value.startswith(_RAW):
            return value.removeprefix(_RAW)
        return value if value.isidentifier() and value.isascii() and len(value) > 1 else json.dumps(value)
    return json.dumps(value)


@dataclass(frozen=True)
class Case:
    """Files below the working directory, and a command line."""

    files: dict[str, bytes]
    arguments: tuple[str, ...]

    def write(self, folder: Path) -> None:
        for path, data in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)


_RULES = ("step-weight-above-max", "metrics", "no-such-rule", "a" * 200, "canary-refused", "chart-does-not-render", "é")
_COMMENTS = st.one_of(
    st.builds(
        "# chartgen: {}[{}]{}".format,
        st.sampled_from(["ignore", "ignore-file", "ignored"]),
        st.lists(st.sampled_from(_RULES), min_size=1, max_size=3).map(", ".join),
        st.sampled_from(
            ["", " until 2027-01-01", " until 2027-99-99", " -- why", " until 0000-00-00 -- \x1b[2J", " x", " " * 3000]
        ),
    ),
    st.just("# \x1b[2J\u202e"),
    st.just("# chartgen: ignore[" + "a," * 500 + "]"),
)
_NAMES = st.sampled_from([
    "templates/a\n::error::INJECTED%0A.yaml", "templates/\x1b[2J.yaml", "templates/x y.yaml", "templates/\u202e.yaml", "templates/a:1:2.yaml",
    "templates/%s{0}.yaml", "templates/[red]x.yaml", "templates/\udcff.yaml", "ci/a-values.yaml", "values-prod.yaml", "templates/_x.tpl",
    "templates/tests/t.yaml", "crds/c.yaml", "charts/sub/templates/s.yaml", "templates/NOTES.txt", ".helmignore", "values.schema.json",
    "charts/sub/Chart.yaml", "templates/'x'.yaml", "templates/a\\b.yaml", "charts/x-1.tgz", "Chart.lock", "requirements.yaml",
])  # fmt: skip
_CONTENTS = st.one_of(
    st.sampled_from(NASTY_TEXTS), st.sampled_from(RAW_SCALARS), mutated(VALUES).map(as_yaml), mutated(CANARY).map(as_yaml),
    mutated(META).map(as_yaml), st.sampled_from(["- a\n", "a: 1\n---\nb: 2\n", "\ufeffa: 1\n", "a: 1\r\n", "{}", "[]", "1", "a:\n\tb: 1\n", "\x00"]),
)  # fmt: skip
_SPEC = "spec"


def _as_bytes(text: str) -> bytes:
    return (
        text.encode("utf-8", "surrogateescape")
        if not any("\ud800" <= letter < "\udc80" for letter in text)
        else text.encode("utf-8", "surrogatepass")
    )


@st.composite
def charts(draw: st.DrawFn) -> dict[str, bytes]:
    """A chart: a Canary with its neighbours, some of them mutated, gated and switched in some way."""
    canary = draw(mutated(CANARY))
    if draw(st.booleans()):
        canary.get("metadata", {}).pop("namespace", None) if isinstance(canary.get("metadata"), dict) else None
    text = as_yaml(canary, comments=tuple(draw(st.lists(_COMMENTS, max_size=2))))
    if draw(st.booleans()) and isinstance(canary.get(_SPEC), dict):
        canary[_SPEC]["analysis"] = _RAW + "{{- toYaml .Values.canary.analysis | nindent 4 }}"
        text = as_yaml(canary)
    gate = draw(st.sampled_from([
        "", "if .Values.canary.enabled", 'if eq .Release.Namespace "live"', "if has .Release.Namespace .Values.names",
        'if .Capabilities.APIVersions.Has "flagger.app/v1beta1"', 'if and .Values.canary.enabled (ne .Release.Namespace "x")', "range .Values.list", "with .Values.canary",
    ]))  # fmt: skip
    if gate:
        text = "{{- " + gate + " }}\n" + text + "{{- end }}\n"
    files = {
        "Chart.yaml": as_yaml(draw(mutated({**META, "dependencies": []} if draw(st.booleans()) else META, 1))),
        "values.yaml": as_yaml(draw(mutated(VALUES, 2)), comments=tuple(draw(st.lists(_COMMENTS, max_size=1)))),
        "templates/canary.yaml": text,
        "templates/deployment.yaml": as_yaml(draw(mutated(OBJECTS["deployment"], 2))),
    }
    for name in draw(st.lists(st.sampled_from(sorted(OBJECTS)), max_size=4, unique=True)):
        files[f"templates/{name}.yaml"] = as_yaml(draw(mutated(OBJECTS[name], 2)))
    for name in draw(st.lists(_NAMES, max_size=1)):
        files[name] = draw(_CONTENTS)
    return {name: _as_bytes(content) for name, content in files.items()}


_TEXT = st.sampled_from(NASTY_TEXTS).map(lambda text: text.replace("\0", ""))
_AMOUNTS = st.sampled_from(
    ["0", "1", "-1", "10", "1e3", "nan", "inf", "1e400", "", "50%", "0.5", "101%", "x", "5m", "0s", "-1m", "9" * 30]
)


def _option(name: str, value: str | None) -> tuple[str, ...]:
    return (name,) if value is None else (f"{name}={value}",)


def _options(**given: Mutated) -> st.SearchStrategy[tuple[str, ...]]:
    """Some of these options, each with a value; one whose value is None is a flag."""
    pairs = [value.map(partial(_option, f"--{name.replace('_', '-')}")) for name, value in given.items()]
    return st.lists(st.one_of(pairs), max_size=3, unique=True).map(
        lambda found: tuple(word for pair in found for word in pair)
    )


_RENDER = {
    "set": st.sampled_from(["a=b", "a", "a[", "a[99999999]=1", "canary.enabled=false", "=", "a.b.c={1,2", "canary.analysis=null", "canary=1", "a\\", "a=\x1b[2J"]),
    "set_string": st.sampled_from(["a=b", "a[-1]=x", "x=\u202e"]), "set_json": st.sampled_from(["a=1", "a={", "canary={}", "a=" + "[" * 500]),
    "set_file": st.sampled_from(["a=/dev/null", "a=nowhere", "a=.", "a"]), "release_name": _TEXT,
    "values": st.sampled_from(["web/values.yaml", "nowhere", "/dev/null", ".", "chartgen.yaml", "web/templates/canary.yaml"]),
}  # fmt: skip
_FLAG = st.none()
_SERVED = {"kube_version": _TEXT, "api_versions": _TEXT}
_FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")
_LINT = _options(
    namespace=_TEXT, select=st.sampled_from(_RULES), ignore=st.sampled_from(_RULES), fail_on=st.sampled_from(["never", "info", "x"]),
    min_severity=st.sampled_from(["error", "x"]), baseline=st.sampled_from(["chartgen.yaml", "nowhere", "web/values.schema.json"]), config=st.sampled_from(["chartgen.yaml", "nowhere", "web/values.yaml"]),
    no_config=_FLAG, show_config=_FLAG, allow_empty=_FLAG, flagger_version=_TEXT, diff=_FLAG, fix=_FLAG, unsafe_fixes=_FLAG, color=st.sampled_from(["always", "never"]), **_RENDER, **_SERVED,
)  # fmt: skip
_PLAN = _options(
    namespace=_TEXT, scenario=st.sampled_from(["success", "fail@10", "fail@", "flaky:5%", "flaky:x", "no-traffic", "fail@101", "x", "detect", "gate:x"]), bootstrap=_FLAG, pod_start=_AMOUNTS,
    flagger_version=_TEXT, canary=_TEXT, compare=st.sampled_from(["chart:web", "values:web/values.yaml", "git:x", "git:--output=x", "x", "chart:", "values:nowhere"]), rps=_AMOUNTS,
    error_rate=_AMOUNTS, error_rates=_AMOUNTS, slow_rate=_AMOUNTS, healthy_error_rate=_AMOUNTS, match_share=_AMOUNTS, synthetic_rps=_AMOUNTS,
    scrape_interval=_AMOUNTS, seed=st.sampled_from(["0", "-1", "9" * 30]), runs=st.just("20"), max_exposure=_AMOUNTS, max_duration=_AMOUNTS,
    max_rollback_time=_AMOUNTS, max_failed_requests=_AMOUNTS, detect=st.sampled_from(["2%:95%", "x", "2%:", "0:0"]), no_config=_FLAG, **_RENDER, **_SERVED,
)  # fmt: skip
_ADD = _options(
    target=_TEXT, namespace=_TEXT, any_namespace=_FLAG, host=_TEXT, gateway=_TEXT, provider=_TEXT, interval=_AMOUNTS, threshold=_AMOUNTS, max_weight=_AMOUNTS,
    step_weight=_AMOUNTS, step_weights=st.sampled_from(["1,2", "2,1", "x", "", "1,,2", "101"]), progress_deadline=_AMOUNTS, toggle=st.sampled_from(["enable", "enabled"]),
    api_version=st.sampled_from(["v1beta1", "v1alpha3"]), keep_service=_FLAG, keep_replicas=_FLAG, diff=_FLAG, check=_FLAG, format=st.sampled_from(["json", "text"]), **_RENDER,
)  # fmt: skip


def _command(
    *words: str, options: st.SearchStrategy[tuple[str, ...]], formats: tuple[str, ...] = ()
) -> st.SearchStrategy[tuple[str, ...]]:
    form = st.sampled_from(formats).map(lambda name: ("--format", name)) if formats else st.just(())
    return st.builds(lambda chosen, rest: (*words, *chosen, *rest), form, options)


ARGUMENTS: st.SearchStrategy[tuple[str, ...]] = st.one_of(
    _command("lint", "web", "good", options=st.just(()), formats=_FORMATS),
    _command("lint", "web", "good", options=_LINT, formats=_FORMATS),
    _command("lint", "web", "good", options=_LINT, formats=_FORMATS),
    _command("lint", "web/templates/canary.yaml", "manifest.yaml", options=_LINT, formats=_FORMATS),
    _command("lint", "-", options=_LINT, formats=_FORMATS),
    _command("emit", "web", options=_options(namespace=_TEXT, **_RENDER, **_SERVED), formats=("yaml", "json")),
    _command("plan", "web", options=_PLAN, formats=("text", "json", "markdown", "html")),
    _command("plan", "manifest.yaml", options=_PLAN, formats=("text", "json", "markdown", "html")),
    _command("add-canary", "web", options=_ADD),
    st.tuples(st.sampled_from(["explain", "rules", "recover", "lint", "emit", "x"]), _TEXT),
)


def _config(draw: st.DrawFn) -> dict[str, str]:
    if draw(st.integers(0, 3)):
        return {}
    chosen = draw(st.lists(st.sampled_from(sorted(CONFIG)), min_size=1, max_size=4, unique=True))
    return {
        "chartgen.yaml": as_yaml(draw(mutated({key: CONFIG[key] for key in chosen}, 2))),
        "helmfile.yaml": as_yaml(draw(mutated(HELMFILE, 2))),
        "schema.json": json.dumps(draw(mutated(SCHEMA, 1, raw=False))),
    }


@st.composite
def cases(draw: st.DrawFn, good: dict[str, str], arguments: st.SearchStrategy[tuple[str, ...]] = ARGUMENTS) -> Case:
    """A strange chart `web`, a good one beside it, manifests, perhaps a configuration, and a command line."""
    chart = {f"web/{path}": data for path, data in draw(charts()).items()}
    documents = [
        draw(mutated(CANARY)),
        *(draw(mutated(OBJECTS[name], 1)) for name in draw(st.lists(st.sampled_from(sorted(OBJECTS)), max_size=2))),
    ]
    others = {
        "manifest.yaml": "---\n".join(map(as_yaml, documents)),
        **{f"good/{path}": text for path, text in good.items()},
        **_config(draw),
    }
    return Case(chart | {path: _as_bytes(text) for path, text in others.items()}, draw(arguments))
