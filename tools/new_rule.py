"""Start a rule: its module, its page and its line in the registry.

    make new-rule ID=step-weight-too-odd FAMILY=strategy

The result passes the linters and the registry's tests. Its examples fail until every TODO is replaced and the check
reports the bad example.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

from chartgen.rules.registry import all_rules

RULES = Path(__file__).parents[1] / "chartgen" / "rules"
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
ENTRY = re.compile(r'^ {4}RuleEntry\(\s*"(?P<id>[a-z0-9-]+)"', re.MULTILINE)

MODULE = '''"""TODO: the mistake in one sentence, and what Flagger does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class {name}(CanaryRule):
    id = "{id}"
    severity = Severity.WARNING
    summary = "TODO: a noun phrase that names the mistake"
    tags = ("{tag}",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.analysis.get("todo"):
            yield Problem("TODO: the value, what happens, what to do", at=canary.at("todo"))
'''

PAGE = """# {id}

## What it does

TODO: Reports …

## Why is this bad

TODO: what Flagger does with it, present tense, with the fields' own names.

## Bad

```yaml
analysis:
  stepWeight: 10 # <- {id}
```

## Good

```yaml
analysis:
  stepWeight: 10
```

## References

- TODO: `file.go:Function` of Flagger, an issue, or a page of its documentation
"""


def families() -> list[str]:
    """The folders of rules: those that say what they are for and hold a page."""
    return sorted({page.parent.name for page in RULES.glob("*/*.md")})


def refusal(rule_id: str, family: str) -> str | None:
    """Why there can be no such new rule; None if there can."""
    if not ID.fullmatch(rule_id):
        return (
            f"{rule_id!r} is not a rule id: write two or more lowercase words with hyphens, such as step-weight-too-odd"
        )
    if family not in families():
        return f"{family!r} is not a family of rules: choose one of {', '.join(families())}"
    for rule in all_rules():
        if rule_id == rule.id or rule_id in rule.former_ids:
            return f"{rule_id} already exists: chartgen explain {rule.id}"
    return None


def usual_tag(family: str) -> str:
    """The tag most rules of a family have."""
    own = [rule for rule in all_rules() if rule.__module__.split(".")[-2] == family]
    return Counter(tag for rule in own for tag in rule.tags).most_common(1)[0][0]


def with_entry(registry: str, rule_id: str, family: str) -> str:
    """The text of the registry with one more line, in the order of the ids."""
    line = f'    RuleEntry("{rule_id}", "{family}"),\n'
    later = next((entry for entry in ENTRY.finditer(registry) if entry["id"] > rule_id), None)
    at = later.start() if later else registry.rindex(")")
    return registry[:at] + line + registry[at:]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make new-rule", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("id", help="what the mistake is, such as step-weight-too-odd")
    parser.add_argument("family", help=f"one of {', '.join(families())}")
    given = parser.parse_args(arguments)
    if reason := refusal(given.id, given.family):
        parser.error(reason)
    stem = RULES / given.family / given.id.replace("-", "_")
    facts = {
        "id": given.id,
        "name": "".join(word.capitalize() for word in given.id.split("-")),
        "tag": usual_tag(given.family),
    }
    registry = RULES / "registry.py"
    changed = with_entry(registry.read_text(encoding="utf-8"), given.id, given.family)
    for path, text in {
        stem.with_suffix(".py"): MODULE.format(**facts),
        stem.with_suffix(".md"): PAGE.format(**facts),
        registry: changed,
    }.items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(RULES.parents[1]))
    print(f"next: replace every TODO, then run\n  .venv/bin/python -m pytest -k {given.id} tests/rules")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
