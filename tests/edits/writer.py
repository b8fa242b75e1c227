"""A process that writes, and is killed or failed at its n-th call on the file system.

    python -m tests.edits.writer ROOT apply|recover kill|fail N

Every open, rename, link, mkdir, remove, chmod and chown of Python is an audit event; the hook counts those below ROOT
and sends SIGKILL, or lets the call fail with ENOSPC. It prints `done` where there were fewer than N calls, and the
error's message where there was one.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path

from chartgen.edits.plan import Plan
from chartgen.edits.transaction import apply, recover
from chartgen.errors import ChartgenError

_CALLS = {"open", "os.rename", "os.link", "os.mkdir", "os.rmdir", "os.remove", "os.chmod", "os.chown"}

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


def _interrupt(root: Path, how: str, at: int) -> None:
    calls = 0

    def hook(event: str, args: tuple[object, ...]) -> None:
        nonlocal calls
        if event not in _CALLS or not str(args[0]).startswith(str(root)):
            return
        calls += 1
        if calls == at and how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if calls == at:
            raise OSError(errno.ENOSPC, "No space left on device", str(args[0]))

    sys.addaudithook(hook)


def main() -> None:
    root, verb, how, at = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    _interrupt(root, how, at)
    try:
        if verb == "apply":
            apply(plan(root))
        else:
            recover(root)
    except ChartgenError as error:
        sys.stdout.write(f"{error}\n")
    else:
        sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
