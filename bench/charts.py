"""The charts that `bench/speed.py` measures with."""

from __future__ import annotations

import shutil
import subprocess
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_DEPENDENCIES = ("proxy", "cache", "queue")
# One dependency has the size of a large public chart: some 20 templates, 1,000 lines of values.
_WORKLOADS = 8
_SETTINGS = 120


def plain_chart(helm: str, target: Path) -> None:
    """The chart that `helm create` makes, as `target`."""
    subprocess.run([helm, "create", target.name], cwd=target.parent, check=True, capture_output=True)


def many_charts(canary: Path, plain: Path, target: Path, count: int) -> None:
    """`count` charts in `target`, every tenth with a canary, each under its own name."""
    target.mkdir(parents=True)
    for number in range(count):
        source = plain if number % 10 else canary
        chart = target / f"app-{number:04}"
        shutil.copytree(source, chart)
        for file in chart.rglob("*"):
            if file.is_file():
                text = file.read_text(encoding="utf-8")
                file.write_text(text.replace(source.name, chart.name), encoding="utf-8")


def large_chart(helm: str, target: Path) -> None:
    """A chart with three vendored dependencies, each with the size of a large public chart."""
    plain_chart(helm, target)
    dependencies = "".join(f"- name: {name}\n  version: 0.1.0\n" for name in _DEPENDENCIES)
    with (target / "Chart.yaml").open("a", encoding="utf-8") as file:
        file.write(f"dependencies:\n{dependencies}")
    for name in _DEPENDENCIES:
        _dependency(helm, target / "charts" / name)


def _dependency(helm: str, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    plain_chart(helm, target)
    with (target / "values.yaml").open("a", encoding="utf-8") as file:
        for number in range(_WORKLOADS):
            file.write(f"\nworkload{number}:\n  enabled: {str(number % 2 == 0).lower()}\n  settings:\n")
            file.writelines(f"    # Setting {each}\n    setting{each}: value-{each}\n" for each in range(_SETTINGS))
    for number in range(_WORKLOADS):
        text = dedent("""\
            {{- if .Values.workloadN.enabled }}
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: {{ include "NAME.fullname" . }}-workloadN
              labels:
                {{- include "NAME.labels" . | nindent 4 }}
            spec:
              selector:
                matchLabels:
                  app: {{ include "NAME.fullname" . }}-workloadN
              template:
                metadata:
                  labels:
                    app: {{ include "NAME.fullname" . }}-workloadN
                  annotations:
                    checksum/config: {{ toYaml .Values.workloadN.settings | sha256sum }}
                spec:
                  containers:
                    - name: workload
                      image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
                      envFrom:
                        - configMapRef:
                            name: {{ include "NAME.fullname" . }}-workloadN
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: {{ include "NAME.fullname" . }}-workloadN
            data:
              {{- range $key, $value := .Values.workloadN.settings }}
              {{ $key }}: {{ tpl $value $ | quote }}
              {{- end }}
            {{- end }}
            """)
        text = text.replace("workloadN", f"workload{number}").replace("NAME", target.name)
        (target / "templates" / f"workload{number}.yaml").write_text(text, encoding="utf-8")


def counting_helm(helm: Path, target: Path, log: Path) -> Path:
    """A program that adds a line to `log` and then becomes `helm`."""
    target.parent.mkdir(parents=True)
    target.write_text(f'#!/bin/sh\necho run >> "{log}"\nexec "{helm}" "$@"\n', encoding="utf-8")
    target.chmod(0o755)
    return target
