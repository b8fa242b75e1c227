"""Which rules run: `--select` and `--ignore` by rule id, former id or tag; errors suggest similar names."""

from __future__ import annotations

import difflib
from functools import cached_property
from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.rules.registry import REGISTRY, RuleEntry, all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.rules.cluster import Cluster
    from chartgen.rules.rule import Rule

# `--fail-on` accepts this and the severities.
NEVER = "never"


class SelectedRule:
    """A rule to run, for one cluster. Its module is only imported by `loaded`."""

    def __init__(self, entry: RuleEntry, cluster: Cluster | None) -> None:
        self.entry = entry
        self.id, self.kinds = entry.id, entry.kinds
        self.cluster = cluster

    def loaded(self) -> Rule:
        """The rule."""
        return self._rule

    @cached_property
    def _rule(self) -> Rule:
        return self.entry.load()(self.cluster)


def selected(
    select: Iterable[str] = (), ignore: Iterable[str] = (), cluster: Cluster | None = None
) -> tuple[SelectedRule, ...]:
    """The rules to run, for this cluster. UsageError names an unknown id and the most similar one."""
    wanted = rules_named(select) or {entry.id for entry in REGISTRY}
    unwanted = rules_named(ignore)
    return tuple(SelectedRule(entry, cluster) for entry in REGISTRY if entry.id in wanted and entry.id not in unwanted)


def rule_named(name: str) -> type[Rule]:
    """The rule of this id or former id; UsageError with the most similar ones otherwise."""
    for entry in REGISTRY:
        if entry.id == name:
            return entry.load()
    for rule in all_rules():
        if name == rule.id or name in rule.former_ids:
            return rule
    raise _unknown(name, [entry.id for entry in REGISTRY])


def rules_named(names: Iterable[str]) -> set[str]:
    """The ids of all rules with these ids, former ids or tags; UsageError for an unknown one."""
    found: set[str] = set()
    for listed in names:
        for name in filter(None, (part.strip() for part in listed.split(","))):
            if any(entry.id == name for entry in REGISTRY):  # no tag or former id is an id
                found.add(name)
                continue
            matching = {rule.id for rule in all_rules() if name in (rule.id, *rule.former_ids, *rule.tags)}
            if not matching:
                raise _unknown(name, [known for rule in all_rules() for known in (rule.id, *rule.tags)])
            found |= matching
    return found


def _unknown(name: str, names: list[str]) -> UsageError:
    near = difflib.get_close_matches(name, dict.fromkeys(names), n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "list the rules with `chartgen rules`"
    return UsageError(f"unknown rule {name!r}", hint=hint)
