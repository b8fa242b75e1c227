"""Rollouts nobody thought of: random strategies, providers, gates, metrics, surroundings and versions, from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.e2e.knative import API as KNATIVE
from tests.e2e.recording.surroundings import apisix_route, knative_service, reference, upstream

if TYPE_CHECKING:
    from random import Random

    from tests.e2e.client import JsonObject

_NAMESPACE = "rec"
_PROVIDERS = (
    ("istio",) * 12
    + ("kubernetes",) * 4
    + ("gatewayapi:v1",) * 3
    + ("linkerd", "nginx", "traefik", "contour", "skipper")
)
_INGRESSES = {"nginx": {}, "skipper": {"zalando.org/skipper-filter": ""}}
_GATES = (
    "confirm-rollout",
    "confirm-promotion",
    "confirm-traffic-increase",
    "rollback",
    "rollout",
    "pre-rollout",
    "post-rollout",
)
_BAD_STATUSES = (403, 404, 500, 203)
_MATCHES = (
    [{"headers": {"x-canary": {"exact": "insider"}}}],
    [{"headers": {"cookie": {"regex": "^(.*?;)?(canary=always)(;.*)?$"}}}, {"headers": {"x-user": {"exact": "test"}}}],
)


def invent(name: str, random: Random, provider: str | None = None) -> JsonObject:
    """A recording without ticks; of a random provider of those that are used most, unless one is given."""
    return _Invention(name, random, provider).recording()


class _Invention:
    def __init__(self, name: str, random: Random, provider: str | None) -> None:
        self.name = name
        self.random = random
        self.provider = provider or random.choice(_PROVIDERS)
        self.target = name if random.random() < 0.85 else f"{name}-app"
        self.metrics: dict[str, list[Any]] = {}
        self.hooks: dict[str, list[Any]] = {}
        self.objects: list[JsonObject] = []

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def recording(self) -> JsonObject:
        replicas = self.random.choice((1, 1, 1, 2, 3))
        self.objects.append(
            knative_service(_NAMESPACE, self.target) if self._is_knative else self._deployment(replicas)
        )
        spec = self._spec()
        canary = {
            "apiVersion": "flagger.app/v1beta1",
            "kind": "Canary",
            "metadata": self._metadata(self.name),
            "spec": spec,
        }
        return {
            "name": self.name,
            "about": "an invented run",
            "group": "random",
            "canary": canary,
            "objects": self.objects,
            "metrics": self.metrics,
            "hooks": self.hooks,
            "actions": self._actions(spec),
        }

    def _metadata(self, name: str) -> JsonObject:
        return {"name": name, "namespace": _NAMESPACE}

    def _deployment(self, replicas: int) -> JsonObject:
        labels = {"app": self.target}
        ports = [{"name": "http", "containerPort": 8080}]
        container = {"name": "app", "image": "registry.test/app:1", "ports": ports}
        template = {
            "metadata": {"labels": labels, "annotations": {"version": "1"}},
            "spec": {"containers": [container]},
        }
        spec: JsonObject = {"selector": {"matchLabels": labels}, "template": template, "replicas": replicas}
        if self.chance(0.15):
            spec["minReadySeconds"] = self.random.choice((3, 12))
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {**self._metadata(self.target), "labels": labels},
            "spec": spec,
        }

    @property
    def _is_knative(self) -> bool:
        return self.provider == "knative"

    def _spec(self) -> JsonObject:
        kind = {"apiVersion": KNATIVE, "kind": "Service"}
        target = kind if self._is_knative else {"apiVersion": "apps/v1", "kind": "Deployment"}
        spec: JsonObject = {
            "provider": self.provider,
            "targetRef": {**target, "name": self.target},
            "service": self._service(),
            "analysis": self._analysis(),
        }
        if self.provider == "apisix":
            spec["routeRef"] = self._sent(apisix_route(_NAMESPACE, self.name, spec["service"].get("name", self.target)))
        if self.provider == "gloo" and self.chance(0.5):
            config = upstream(_NAMESPACE, f"{self.name}-config")
            # One in two isn't there.
            spec["upstreamRef"] = {
                **(self._sent(config) if self.chance(0.5) else reference(config)),
                "namespace": _NAMESPACE,
            }
        if self.provider in _INGRESSES:
            spec["ingressRef"] = self._ingress(spec["service"].get("name", self.target))
        if self.chance(0.3):
            spec["progressDeadlineSeconds"] = self.random.choice((15, 30, 45, 60, 600))
        for key, probability in (("skipAnalysis", 0.06), ("revertOnDeletion", 0.1), ("suspend", 0.03)):
            # Flagger dies of a Knative Canary that reverts when it is deleted.
            if self.chance(probability) and (key, self.provider) != ("revertOnDeletion", "knative"):
                spec[key] = True
        if self.chance(0.1) and not self._is_knative:
            spec["autoscalerRef"] = self._autoscaler()
        return spec

    def _service(self) -> JsonObject:
        service: JsonObject = {"port": 80, "targetPort": 8080}
        if self.chance(0.15):
            service["name"] = f"{self.name}-svc"
        if self.provider == "appmesh":
            service["meshName"] = "global"
        if self.provider.startswith("gatewayapi"):
            service["gatewayRefs"] = [{"name": "gw", "namespace": "infra"}]
        if self.chance(0.15):
            service["hosts"] = [f"{self.name}.example.test"]
        if self.provider == "istio" and self.chance(0.1):
            service["match"] = [{"uri": {"prefix": "/"}}]
        return service

    def _ingress(self, apex: str) -> JsonObject:
        backend = {"service": {"name": apex, "port": {"number": 80}}}
        path = {"path": "/", "pathType": "Prefix", "backend": backend}
        metadata = {**self._metadata(self.name), "annotations": {"example.test/own": "1", **_INGRESSES[self.provider]}}
        rules = [{"host": f"{self.name}.example.test", "http": {"paths": [path]}}]
        reference = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress"}
        self.objects.append({**reference, "metadata": metadata, "spec": {"rules": rules}})
        return {**reference, "name": self.name}

    def _sent(self, manifest: JsonObject) -> JsonObject:
        """The reference to an object, which is created with the Canary."""
        self.objects.append(manifest)
        return reference(manifest)

    def _autoscaler(self) -> JsonObject:
        reference = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"}
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": self.target}
        usage = {
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
        }
        low = self.random.choice((1, 2, 3))
        spec = {"scaleTargetRef": target, "minReplicas": low, "maxReplicas": low + 2, "metrics": [usage]}
        self.objects.append({**reference, "metadata": self._metadata(self.target), "spec": spec})
        return {**reference, "name": self.target}

    def _analysis(self) -> JsonObject:
        analysis: JsonObject = {
            "interval": self.random.choice(("10s",) * 8 + ("5s", "12s", "15s")),
            "threshold": self.random.choice((0, 1, 1, 2, 2, 3, 4, 6)),
            **self._strategy(),
        }
        if self.chance(0.75):
            analysis["metrics"] = self._metrics()
        if self.chance(0.55):
            analysis["webhooks"] = self._webhooks()
        for key in ("primaryReadyThreshold", "canaryReadyThreshold"):
            if self.chance(0.12):
                analysis[key] = self.random.choice((0, 34, 50, 67, 100))
        return analysis

    def _strategy(self) -> JsonObject:
        kind = self.random.choice(("weights", "weights", "list", "iterations", "match"))
        if kind == "iterations":
            return {"iterations": self.random.choice((1, 2, 3, 4)), **({"mirror": True} if self.chance(0.25) else {})}
        if kind == "match":
            return {"iterations": self.random.choice((1, 2, 3)), "match": self.random.choice(_MATCHES)}
        strategy = self._step_weights() if kind == "list" else self._step_weight()
        if self.chance(0.25):
            strategy["stepWeightPromotion"] = self.random.choice((10, 30, 50, 100))
        if self.chance(0.15):
            strategy["mirror"] = True
            if self.chance(0.4):
                strategy["mirrorWeight"] = self.random.choice((20, 100))
        if self.provider in {"istio", "gatewayapi:v1"} and self.chance(0.12):
            strategy["sessionAffinity"] = {"cookieName": "c", "maxAge": 3600}
        return strategy

    def _step_weight(self) -> JsonObject:
        strategy: JsonObject = {"stepWeight": self.random.choice((5, 10, 15, 20, 25, 30, 33, 40, 50, 60, 100))}
        if self.chance(0.9):
            strategy["maxWeight"] = self.random.choice((10, 20, 30, 40, 50, 50, 60, 75, 99, 100))
        return strategy

    def _step_weights(self) -> JsonObject:
        weights = self.random.sample(range(1, 101), self.random.choice((1, 2, 3, 4, 5)))
        if self.chance(0.85):
            weights.sort()
        return {
            "stepWeights": weights,
            **({"maxWeight": self.random.choice((30, 50, 100))} if self.chance(0.2) else {}),
        }

    def _metrics(self) -> list[JsonObject]:
        builtin: list[JsonObject] = [
            {"name": "request-success-rate", "thresholdRange": {"min": 99}, "interval": "1m"},
            {"name": "request-duration", "thresholdRange": {"max": 500}, "interval": "30s"},
        ]
        bad: dict[str, tuple[Any, ...]] = {
            "request-success-rate": (42.5, "none", "nan", "error"),
            "request-duration": (900, "none", 501),
        }
        metrics = self.random.sample(builtin, self.random.choice((1, 1, 2)))
        for metric in metrics:
            good = 99.9 if "min" in metric["thresholdRange"] else 0.3 if self._in_seconds() else 120
            self.metrics[metric["name"]] = self._answers(good, bad[metric["name"]])
        if self.chance(0.25):
            metrics.insert(self.random.randrange(len(metrics) + 1), self._own_metric())
        return metrics

    def _in_seconds(self) -> bool:
        return self.provider in {"kubernetes", "gatewayapi:v1"}

    def _own_metric(self) -> JsonObject:
        self.metrics["errors"] = self._answers(1, (9, "none", "nan"))
        query = f'custom_errors{{app="{self.target}"}}'
        metric = {"name": "errors", "thresholdRange": {"max": 5}, "interval": "1m"}
        if self.chance(0.5):
            return {**metric, "query": query}
        provider = {"type": "prometheus", "address": "http://prometheus:9090"}
        template = {
            "apiVersion": "flagger.app/v1beta1",
            "kind": "MetricTemplate",
            "metadata": self._metadata(self.name),
        }
        query = 'custom_errors{workload="{{ target }}",ns="{{ namespace }}"}'
        self.objects.append({**template, "spec": {"provider": provider, "query": query}})
        return {**metric, "templateRef": {"name": self.name}}

    def _answers(self, good: float, bad: tuple[Any, ...]) -> list[Any]:
        failing = self.random.choice((0, 0, 0.1, 0.25, 0.6))
        return [self.random.choice(bad) if self.chance(failing) else good for _ in range(20)]

    def _webhooks(self) -> list[JsonObject]:
        return [self._webhook(kind) for kind in self.random.sample(_GATES, self.random.choice((1, 1, 2, 3)))]

    def _webhook(self, kind: str) -> JsonObject:
        name = f"h-{kind}"
        usual = 403 if kind == "rollback" else 200
        odd = (200,) if kind == "rollback" else _BAD_STATUSES
        share = self.random.choice((0, 0.15, 0.4)) * (0.4 if kind == "rollback" else 1)
        self.hooks[name] = [self.random.choice(odd) if self.chance(share) else usual for _ in range(20)]
        hook = {"name": name, "type": kind, "url": f"http://hooks.test:8088/{self.name}/{name}", "timeout": "5s"}
        return {**hook, **({"retries": 1} if self.chance(0.1) else {})}

    def _actions(self, spec: JsonObject) -> list[JsonObject]:
        at = 2
        actions: list[JsonObject] = [{"after_tick": at, "do": "new-version", **self._slowness()}]
        while self.chance(0.45) and at < 14:
            at += self.random.choice((1, 2, 3, 4, 6))
            actions.append({"after_tick": at, **self._later(spec)})
        return actions

    def _slowness(self) -> JsonObject:
        if self.chance(0.12):
            return {"annotations": {"example.test/ready-after": self.random.choice(("4s", "12s", "25s", "40s"))}}
        return {"annotations": {"example.test/ready": "never"}} if self.chance(0.05) else {}

    def _later(self, spec: JsonObject) -> JsonObject:
        new = {"do": "new-version"}
        changes: list[JsonObject] = [
            new,
            new,
            {"do": "new-version", "version": "1"},
            {
                "do": "patch",
                "kind": "Canary",
                "patch": {"spec": {"analysis": {"threshold": self.random.choice((1, 5))}}},
            },
            {"do": "patch", "kind": "Canary", "patch": {"spec": {"suspend": not spec.get("suspend", False)}}},
            {"do": "patch", "kind": "Canary", "patch": {"spec": {"skipAnalysis": True}}},
            {"do": "patch", "kind": "Canary", "patch": {"spec": {"analysis": {"interval": "14s"}}}},
        ]
        if "stepWeight" in spec["analysis"]:
            changes.append({"do": "patch", "kind": "Canary", "patch": {"spec": {"analysis": {"stepWeight": 35}}}})
        return self.random.choice(changes)
