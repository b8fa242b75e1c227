"""One fix made in memory and proven: its finding is gone, no other came, and nothing else renders differently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.errors import ChartgenError, ProofError
from chartgen.lint.fixing.writing import ways
from chartgen.lint.proven_fix import RequestedFix
from chartgen.lint.run_rules import problems_of
from chartgen.proof.single_change import key_of, prove_only
from chartgen.rules.fix import changed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Change, Fix
    from chartgen.rules.releases import Releases
    from chartgen.rules.rule import Rule, Severity

_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Seen:
    """One problem, and where it was seen; problems of the chart as a whole belong to no document."""

    rule: str
    label: str
    key: tuple[str, int]
    at: Route
    severity: Severity
    fix: Fix | None = field(default=None, compare=False)

    @property
    def where(self) -> tuple[str, str, tuple[str, int]]:
        """What stays the same when a fix renames what is around it."""
        return self.rule, self.label, self.key


def seen_in(releases: Releases, rules: tuple[Rule, ...]) -> tuple[Seen, ...]:
    """The problems of all releases, without the places in files that a report would need."""
    return tuple(_seen(releases, rules))


def _seen(releases: Releases, rules: tuple[Rule, ...]) -> Iterator[Seen]:
    for rule, problem, rendering, manifest in problems_of(releases, rules):
        holder = problem.manifest or manifest
        key = key_of(holder) if holder else ("", 0)
        label = rendering.label if rendering else ",".join(problem.releases)
        # A problem of the chart as a whole is fixed nowhere.
        fix = problem.fix if rendering else None
        yield Seen(rule.id, label, key, problem.at, problem.severity or rule.severity, fix)


@dataclass(frozen=True, slots=True)
class JudgedSource:
    """A bench and the problems that all rules find on it."""

    bench: EditableSource
    rules: tuple[Rule, ...]
    seen: tuple[Seen, ...]

    @classmethod
    def of(cls, bench: EditableSource, rules: tuple[Rule, ...]) -> JudgedSource:
        return cls(bench, rules, seen_in(bench.releases, rules))


def repaired(judged: JudgedSource, remedy: RequestedFix, *, depth: int = _DEEPEST) -> JudgedSource:
    """The bench with the fix made; ProofError tells why it cannot be made, or must not.

    What a fix brings to light (in a block that was never read) is fixed with it, where that is as safe; or it is not
    made.
    """
    after = _made(judged, remedy)
    brought = _brought(judged.seen, after.seen, remedy)
    while brought and depth:
        depth -= 1
        further = next((one for one in brought if one.fix and remedy.fix.safety.covers(one.fix.safety)), None)
        if further is None or further.fix is None:
            break
        following = RequestedFix(further.rule, further.fix, further.label, further.key, further.at)
        after = repaired(after, following, depth=depth)
        brought = _brought(judged.seen, after.seen, remedy)
    if brought:
        rules = ", ".join(sorted({one.rule for one in brought}))
        raise ProofError(f"the fix would introduce {rules}", hint="edit it by hand and fix both")
    return after


def _brought(before: tuple[Seen, ...], after: tuple[Seen, ...], remedy: RequestedFix) -> list[Seen]:
    """The problems of which there are more than before, as bad as the one fixed, or worse.

    Milder ones are no reason to leave it: they were hidden behind it (a target that was not found), and are told now.
    """
    more = Counter(one.where for one in after) - Counter(one.where for one in before)
    own = min((one.severity.rank for one in before if _is_own(one, remedy)), default=0)
    return [one for one in after if one.where in more and one.severity.rank <= own]


def _made(judged: JudgedSource, remedy: RequestedFix) -> JudgedSource:
    bench = judged.bench
    for change in remedy.fix.changes:
        bench = _changed(bench, remedy, change)
    _prove_renderings(judged, bench, remedy)
    after = JudgedSource.of(bench, judged.rules)
    was, now = (sum(_is_own(one, remedy) and one.at == remedy.at for one in seen) for seen in (judged.seen, after.seen))
    if now >= was:
        raise ProofError("the finding would remain", hint="edit it by hand")
    return after


def _is_own(seen: Seen, remedy: RequestedFix) -> bool:
    return seen.where == (remedy.rule, remedy.label, remedy.key)


def _changed(bench: EditableSource, remedy: RequestedFix, change: Change) -> EditableSource:
    """The first way of writing the change after which the field renders as it should."""
    rendering, manifest = _target(bench, remedy)
    try:
        expected = changed(change, manifest.body)
    except KeyError:
        raise ProofError("the object doesn't have the field's parent", hint="edit it by hand") from None
    why = "nothing in values.yaml or in the templates spells it plainly"
    spots = (
        lambda route: bench.in_values(rendering, manifest, route),
        lambda route: bench.in_templates(rendering, manifest, route),
    )
    for path, data in ways(change, manifest.get(change.at), *spots):
        try:
            tried = bench.with_files({path: data})
            if _target(tried, remedy)[1].body == expected:
                return tried
            why = f"editing {path} doesn't change the field as intended"
        except ChartgenError as error:
            why = f"after editing {path} the chart doesn't render: {error.message}"
    raise ProofError(why, hint="edit it by hand")


def _target(bench: EditableSource, remedy: RequestedFix) -> tuple[Rendering, Manifest]:
    rendering = next((one for one in bench.releases.renderings if one.label == remedy.label), None)
    found = next((one for one in rendering.manifests if key_of(one) == remedy.key), None) if rendering else None
    if rendering is None or found is None:
        raise ProofError("the object is no longer rendered", hint="run again")
    return rendering, found


def _prove_renderings(judged: JudgedSource, bench: EditableSource, remedy: RequestedFix) -> None:
    """What changed, in any release, is the fix itself, in documents that had the same problem in some release."""
    sick = {one.key for one in judged.seen if (one.rule, one.at) == (remedy.rule, remedy.at)}
    pairs = zip(judged.bench.releases.renderings, bench.releases.renderings, strict=True)
    for before, after in pairs:
        prove_only(judged.bench.releases.engine, before, after, sick, remedy.fix.applied)
