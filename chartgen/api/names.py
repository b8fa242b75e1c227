"""The names and versions of a release, checked before anything is read."""

from __future__ import annotations

import re

from chartgen.errors import UsageError

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_LONGEST_RELEASE = 53
_LONGEST_NAMESPACE = 63


def release_name(name: str) -> str:
    """Check the name as Helm does (pkg/chart/common/util: ValidateReleaseName); embedded Helm accepts any."""
    if name and (not re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*", name) or len(name) > _LONGEST_RELEASE):
        raise UsageError(
            f"--release-name {name!r} is not a valid Helm release name",
            hint=f"use lowercase letters, digits, '-' and '.', at most {_LONGEST_RELEASE}",
        )
    return name


def namespace_name(name: str | None) -> str | None:
    """Check the namespace as Kubernetes does."""
    if name is not None and (not re.fullmatch(_LABEL, name) or len(name) > _LONGEST_NAMESPACE):
        raise UsageError(
            f"--namespace {name!r} is not a valid namespace name",
            hint=f"use lowercase letters, digits and '-', at most {_LONGEST_NAMESPACE}",
        )
    return name


def kube_version(version: str) -> str:
    """Check that it is a Kubernetes version; empty for the default one."""
    if version and not re.fullmatch(r"v?\d+\.\d+(?:\.\d+)?(?:[-+][\w.+-]*)?", version):
        raise UsageError(f"--kube-version {version!r} is not a Kubernetes version", hint="write it as 1.31 or v1.31.2")
    return version
