"""One run of a helm program, with limits on time, memory and output."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.errors import HelmError
from chartgen.helm.worker_process import OutOfTimeError, TooLongError, out_of_memory

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.helm.limits import RenderLimits

# The program's own threads and library code, beyond what a chart may use.
_IDLE_BYTES = 512 * 1024 * 1024
_LONGEST_STDERR = 65536


@dataclass(frozen=True, slots=True)
class Printed:
    """The result of a run."""

    code: int
    stdout: bytes
    stderr: str
    cpu_seconds: float


def run_program(command: list[str], folder: Path, limits: RenderLimits, seconds: float | None) -> Printed:
    """Run the program. Raises HelmError if it can't be run, and the errors of worker_process for a limit.

    `seconds` bounds the run, None is no limit. Memory is bounded on Linux.
    """
    used = _children_cpu()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=_environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
        except OSError as error:
            raise HelmError(
                f"{command[0]}: can't be run: {error.strerror}", hint="choose another program with --helm"
            ) from error
        try:
            _limit(process.pid, limits)
            code = process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise OutOfTimeError from error
        finally:
            process.kill()
            process.wait()
        if limits.answer and out.seek(0, os.SEEK_END) >= limits.answer:
            raise TooLongError
        out.seek(0)
        err.seek(0)
        stderr = err.read(_LONGEST_STDERR).decode("utf-8", "replace")
        shortage = out_of_memory(code, stderr, limits) if code else None
        if shortage:
            raise shortage
        return Printed(code, out.read(), stderr, _children_cpu() - used)


def _children_cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _limit(process: int, limits: RenderLimits) -> None:
    """Limit the running process: until now it only loaded itself."""
    if sys.platform != "linux" or not limits.memory:
        return
    import resource

    bounds = ((resource.RLIMIT_DATA, limits.memory + _IDLE_BYTES), (resource.RLIMIT_FSIZE, limits.answer))
    for what, most in bounds:
        try:
            hard = resource.prlimit(process, what)[1]
            allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(process, what, (allowed, allowed))
        except (ProcessLookupError, PermissionError):
            return  # it has ended already, or belongs to another user (setuid)


def _environment() -> dict[str, Any]:
    """The environment without variables that change Helm's output or let it reach a cluster."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HELM_", "KUBE"))}
    return {**kept, "KUBECONFIG": os.devnull}
