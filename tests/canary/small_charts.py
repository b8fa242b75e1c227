"""Small charts for one test: a Deployment and its Service, with the files that the test replaces or adds."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 2
  selector:
    matchLabels:
      app: shop
  template:
    metadata:
      labels:
        app: shop
    spec:
      containers:
        - name: shop
          image: example.com/shop:1
          ports:
            - name: http
              containerPort: 8080
"""
SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: shop
spec:
  selector:
    app: shop
  ports:
    - name: http
      port: 80
      targetPort: http
"""
KNATIVE_SERVICE = """apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
spec:
  template:
    spec:
      containers:
        - image: example.com/shop:1
"""
# A chart whose workload is a Knative Service.
KNATIVE = {
    "templates/deployment.yaml": None,
    "templates/service.yaml": None,
    "templates/ksvc.yaml": KNATIVE_SERVICE,
}
DEFAULTS = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "values.yaml": "{}\n",
    "templates/deployment.yaml": DEPLOYMENT,
    "templates/service.yaml": SERVICE,
}


def small_chart(folder: Path, files: Mapping[str, str | None] | None = None) -> Path:
    """A chart `shop` in `folder`; None in `files` leaves a default file out."""
    for path, text in {**DEFAULTS, **(files or {})}.items():
        if text is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
    return folder


def added(folder: Path, *options: str) -> str:
    """Run add-canary, which must succeed and have nothing to do the second time; returns its stderr."""
    done = chartgen("add-canary", str(folder), *options)
    assert done.returncode == 0, done.stderr
    again = chartgen("add-canary", str(folder), *options)
    assert again.stdout.startswith("nothing to do"), again.stderr
    return done.stderr


def refused(folder: Path, *options: str) -> str:
    """Run add-canary, which must write nothing; returns its stderr."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = chartgen("add-canary", str(folder), *options)
    assert done.returncode == 2, done.stdout
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return done.stderr


def canary_of(folder: Path, *options: str, only: bool = True) -> Any:
    """The only object that `chartgen emit` prints for the chart, a Canary; all objects if not `only`."""
    done = chartgen("emit", str(folder), *options)
    assert done.returncode == 0, done.stderr
    objects = list(YAML(typ="safe").load_all(done.stdout))
    assert not only or len(objects) == 1
    return objects[0] if only else objects


def helm_template(helm: Path, folder: Path, *options: str, namespace: str = "jx-production") -> str:
    """What a helm program prints for the chart."""
    command = [str(helm), "template", "r", str(folder), "--namespace", namespace, *options]
    environment = {**os.environ, "KUBECONFIG": os.devnull}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
