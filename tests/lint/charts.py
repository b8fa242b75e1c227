"""Small charts for the linter's tests, written into a folder or kept in memory."""

from __future__ import annotations

from pathlib import Path

from chartgen.charts.chart import Chart

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.internal/web:1.2.3
          ports:
            - {name: http, containerPort: 8080}
          readinessProbe:
            httpGet: {path: /ready, port: http}
"""
CANARY = """\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: web
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  revertOnDeletion: true
  service:
    port: 80
    targetPort: http
  analysis:
    interval: 1m
    threshold: 5
    maxWeight: 50
    stepWeight: 10
    metrics:
      - name: request-success-rate
        thresholdRange: {min: 99}
        interval: 1m
"""


def files(values: str, canary: str, **more: str) -> dict[str, str]:
    """A chart with a Deployment, these values and this templates/canary.yaml."""
    return {
        "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "values.yaml": values,
        "templates/deployment.yaml": DEPLOYMENT,
        "templates/canary.yaml": canary,
        **{
            path.replace("__", "/").replace("_yaml", ".yaml").replace("_tpl", ".tpl"): text
            for path, text in more.items()
        },
    }


def in_memory(content: dict[str, str], name: str = "web") -> Chart:
    """The chart without a folder."""
    return Chart(Path(name), name, {path: text.encode() for path, text in content.items()})


def on_disk(folder: Path, content: dict[str, str]) -> Path:
    """The chart written below `folder`."""
    for path, text in content.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    return folder
