"""A process that writes, and is killed or failed at its n-th call on the file system (run by tests/forks.py).

    ROOT apply|remove|recover EFFECT N [NAME…]

EFFECT is the name of an error or of a signal, the NAMEs those of functions (tests/faults.py). It prints `done` where
there were fewer than N calls or the write ended well all the same, and the error's message where there was one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from chartgen.edits.plan import Plan
from chartgen.edits.transaction import apply, recover
from chartgen.errors import ChartgenError
from tests.faults import inject

BEFORE = {
    "Chart.yaml": b"apiVersion: v2\nname: shop\nversion: 1.2.3\n",
    "values.yaml": b"service:\r\n  port: 80\r\n",
    "templates/service.yaml": (
        b"kind: Service\napiVersion: v1\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: {{ .Values.service.port }}\n"
    ),
}
AFTER = {
    **BEFORE,
    "values.yaml": b"service:\r\n  port: 80\r\n\r\ncanary:\r\n  enable: true\r\n",
    "templates/service.yaml": b"{{- if not .Values.canary.enable }}\n"
    + BEFORE["templates/service.yaml"]
    + b"{{- end }}\n",
    "templates/_canary.tpl": b'{{- define "shop.canary" }}web{{ end }}\n',
    "templates/canary/canary.yaml": (
        b"{{- if .Values.canary.enable }}\nkind: Canary\napiVersion: flagger.app/v1beta1\n"
        b'metadata:\n  name: {{ include "shop.canary" . }}\n{{- end }}\n'
    ),
}


def plan(root: Path) -> Plan:
    """The write that is broken off: two files changed, one new, one new in a new folder."""
    return Plan.of(root, BEFORE, AFTER)


def removal(root: Path) -> Plan:
    """The write taken back: two files changed, two deleted."""
    return Plan.of(root, AFTER, {**dict.fromkeys(AFTER), **BEFORE})


def main(arguments: list[str]) -> None:
    """One write or recovery, which the fault interrupts."""
    root, verb, effect, at = Path(arguments[0]), *arguments[1:3], int(arguments[3])
    inject(effect, at, *arguments[4:])
    try:
        if verb == "apply":
            apply(plan(root))
        elif verb == "remove":
            apply(removal(root))
        else:
            recover(root)
    except ChartgenError as error:
        sys.stdout.write(f"{error}\n")
    else:
        sys.stdout.write("done\n")
