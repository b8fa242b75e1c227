"""The base class of rules that enforce the organization's policy; without a policy they report nothing."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.organization_policy import Policy
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable


class PolicyRule(CanaryRule):
    """A rule that checks Canaries against `self.policy`."""

    severity = Severity.ERROR
    tags = ("policy",)

    @property
    def policy(self) -> Policy:
        return self.cluster.policy or Policy()


def is_allowed(name: str, globs: Iterable[str]) -> bool:
    """Whether a name matches one of the globs; without globs, every name is allowed."""
    allowed = tuple(globs)
    return not allowed or any(fnmatchcase(name, glob) for glob in allowed)
