"""Replaces a Canary made by hand with chartgen's own template, and carries its settings into chartgen's values block.

It starts from the migrated chart, whose Canary is current and means what it meant. The Canary's document is cut out of
the team's template, add-canary plans its own one, and the block in values.yaml gets the analysis and the service as the
old Canary rendered them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.canary.options import AddCanaryOptions
from chartgen.canary.planner import plan_canaries
from chartgen.charts.gotemplate.blocks import line_start, parse
from chartgen.charts.positions import top_level_keys
from chartgen.edits.json_undo import remove_property
from chartgen.edits.yaml_print import block_lines
from chartgen.edits.yaml_text import entry_text
from chartgen.edits.yaml_undo import add_block, remove_block
from chartgen.errors import ConflictError, ProofError
from chartgen.manifests.manifest import value_at
from chartgen.manifests.switches.gates import gated_namespaces
from chartgen.manifests.switches.kinds import kind_lines
from chartgen.manifests.tracing.provenance import path_in_chart
from chartgen.migration.meaning import canaries_of, require_same_rollouts
from chartgen.patterns import lazy_pattern
from chartgen.proof.removal import RemovalCase, prove_removal
from chartgen.proof.renderer import Renderer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases

KEY = "canary"
# The fields of a Canary that chartgen's template writes, or passes through from the values.
_KNOWN = {"provider", "targetRef", "autoscalerRef", "progressDeadlineSeconds", "service", "analysis"}
_SEPARATOR = lazy_pattern(r"^---[^\n]*\n?", re.MULTILINE)
_HEADING = "problems prevent the adoption"


@dataclass(frozen=True, slots=True)
class Adoption:
    """The chart's files with chartgen's Canary, None for a deleted one. `unread` are former keys that nothing reads."""

    after: Mapping[str, bytes | None]
    unread: tuple[str, ...]
    renderings: int
    rollouts: int


def adopt(engine: Engine, chart: Chart, releases: Releases, request: RenderRequest) -> Adoption:
    """The adoption of the only Canary of `chart`, which is migrated already; raises ConflictError if it isn't possible.

    `releases` are those of the migrated chart.
    """
    rendering, canary = _only_canary(chart, releases)
    path = path_in_chart(chart, canary.template)
    _require_known(chart, canary, path)
    without, keys = _without_canary(chart, path)
    renderer = Renderer(engine)
    options = replace(_options(engine, chart, canary, rendering, request), enabled=releases.switch.on_by_default)
    planned = plan_canaries(engine, without, options)
    changed = without.with_files({change.path: change.after for change in planned.plan.changes if change.after})
    block = _block(chart, _service_of(renderer, changed, rendering, options), canary, options)
    carried = replace(changed, files={**changed.files, "values.yaml": _values(without, block)})
    rollouts = _require_same(renderer, carried, canary, rendering, options)
    count = _require_same_off(renderer, releases, without, carried, options)
    after: dict[str, bytes | None] = dict.fromkeys(each for each in chart.files if each not in carried.files)
    after |= {each: data for each, data in carried.files.items() if chart.files.get(each) != data}
    unread = tuple(f"{KEY}.{key}" for key in keys if key not in engine.read_yaml(block))
    return Adoption(after, unread, planned.renderings + count, rollouts)


def _only_canary(chart: Chart, releases: Releases) -> tuple[Rendering, Manifest]:
    rendering = next(each for each in releases.renderings if canaries_of(each))
    found = canaries_of(rendering)
    if len(found) > 1:
        names = ", ".join(canary.name for canary in found)
        raise ConflictError(
            [f"the chart renders {len(found)} Canaries: {names}. --adopt takes over one"],
            hint=f"nothing was written; bring all of them up to date: chartgen migrate {chart.root}",
        )
    return rendering, found[0]


def _require_known(chart: Chart, canary: Manifest, path: str) -> None:
    """Raise ConflictError if chartgen's template has no place for something of the Canary."""
    spec = canary.get(("spec",)) or {}
    target = value_at(spec, ("targetRef", "name"))
    problems = [f"{path}: chartgen's template has no spec.{key}" for key in spec if key not in _KNOWN]
    if canary.name != target:
        problems.append(
            f"{path}: the Canary is called {canary.name}, and chartgen's would be called {target}, as its target:"
            " Flagger would begin anew with it"
        )
    if path.startswith("charts/") or path not in chart.files:
        problems.append(f"{path}: the Canary is part of a subchart. Run migrate on that chart")
    if problems:
        raise ConflictError(problems, hint=_keep_it(chart), heading=_HEADING)


def _keep_it(chart: Chart) -> str:
    return f"nothing was written; keep the chart's own template: chartgen migrate {chart.root}"


def _without_canary(chart: Chart, path: str) -> tuple[Chart, tuple[str, ...]]:
    """The chart without the Canary's document and without its block in values.yaml, and the keys of that block."""
    text = _without_document(chart, path)
    files = dict(chart.files)
    if _is_empty(text):
        del files[path]
    else:
        files[path] = text.encode("utf-8", "surrogateescape")
    without = replace(chart, files=files)
    readers = list(_readers(without))
    if readers:
        raise ConflictError(readers, hint=_keep_it(chart), heading=_HEADING)
    keys: tuple[str, ...] = ()
    if "values.yaml" in files and KEY in top_level_keys(chart.text("values.yaml")):
        keys = _keys(chart)
        values = remove_block(files["values.yaml"], KEY)
        files["values.yaml"] = values if values is not None else b""
    if "values.schema.json" in files:
        files["values.schema.json"] = remove_property(files["values.schema.json"], KEY)
    return replace(chart, files=files), keys


def _keys(chart: Chart) -> tuple[str, ...]:
    from chartgen.inputs.yaml import yaml_document

    values = yaml_document(chart.text("values.yaml").removeprefix("\ufeff"))
    block = values.get(KEY) if isinstance(values, dict) else None
    return tuple(map(str, block)) if isinstance(block, dict) else ()


def _without_document(chart: Chart, path: str) -> str:
    """The template without the Canary's document; raises ConflictError if it can't be cut out."""
    text = chart.text(path)
    offsets = [offset for found, _, offset in kind_lines(chart, "Canary") if found == path]
    start, end = _document(text, offsets[0]) if len(offsets) == 1 else (0, 0)
    if not offsets[1:] and offsets and parse(text).is_balanced(start, end):
        return text[:start] + text[end:]
    raise ConflictError(
        [f"{path}: the Canary can't be separated from the rest of the template"],
        hint=f"move it to a file of its own and run again, or keep it: chartgen migrate {chart.root}",
    )


def _document(text: str, offset: int) -> tuple[int, int]:
    """From the document's first line of YAML to the separator below it, or to the end of the blocks around it."""
    template = parse(text)
    begin = max((match.end() for match in _SEPARATOR.finditer(text) if match.end() <= offset), default=0)
    end = min((match.end() for match in _SEPARATOR.finditer(text) if match.start() > offset), default=len(text))
    around = template.conditions_at(offset)
    begin = max([begin, *(condition.opener.end for condition in around)])
    end = min([end, *(line_start(text, condition.end.start) for condition in around)])
    newline = text.find("\n", begin)
    return (newline + 1 if 0 <= newline < offset and not text[begin:newline].strip() else begin), end


def _is_empty(text: str) -> bool:
    """Whether a template renders nothing: only actions, comments and separators are left."""
    template = parse(text)
    rest = text
    for action in reversed(template.actions):
        rest = rest[: action.start] + rest[action.end :]
    definitions = any(True for _ in template.definitions())
    lines = (line.strip() for line in rest.splitlines())
    return not definitions and all(not line or line.startswith(("#", "---")) for line in lines)


def _readers(chart: Chart) -> Iterator[str]:
    """A line for each template besides the Canary's that reads the block."""
    for path in sorted(chart.files):
        text = chart.text(path) if path.startswith("templates/") else ""
        for match in re.finditer(rf"\.Values\.{KEY}\b[\w.]*", text):
            line = text.count("\n", 0, match.start()) + 1
            yield (
                f"{path}:{line} reads {match[0].removeprefix('.Values.')}, and add-canary starts from the chart without"
                " this block. Remove it there, or move it to another key"
            )


def _options(
    engine: Engine, chart: Chart, canary: Manifest, rendering: Rendering, request: RenderRequest
) -> AddCanaryOptions:
    """The options of add-canary that the old Canary stands for."""
    spec = canary.get(("spec",)) or {}
    deadline = spec.get("progressDeadlineSeconds")
    toggle = "enabled" if value_at(rendering.values, (KEY, "enabled")) is not None else "enable"
    return AddCanaryOptions(
        targets=(str(value_at(spec, ("targetRef", "name"))),),
        namespaces=gated_namespaces(engine, chart, rendering.request),
        provider=str(spec.get("provider") or "istio"),
        deadline=deadline if isinstance(deadline, int) else None,
        toggle=toggle,
        release_name=request.release_name,
        given=frozenset({"--target", "--namespace", "--provider", "--toggle"}),
        sources=request.sources,
    )


def _service_of(renderer: Renderer, changed: Chart, before: Rendering, options: AddCanaryOptions) -> Mapping[str, Any]:
    """What chartgen's template writes into the Canary's service by itself."""
    rendering = renderer.render(changed, _switched(before.request, options, on=True))
    return next((canary.get(("spec", "service")) or {} for canary in canaries_of(rendering)), {})


def _block(chart: Chart, derived: Mapping[str, Any], canary: Manifest, options: AddCanaryOptions) -> str:
    """add-canary's block with the service and the analysis of the old Canary."""
    from chartgen.canary.files import values_block

    head = values_block(options).partition("service:\n")[0]
    old = canary.get(("spec", "service")) or {}
    service = {"hosts": [], "gateways": []} | {key: value for key, value in old.items() if derived.get(key) != value}
    analysis = canary.get(("spec", "analysis")) or {}
    return head + _section(chart, "service", service) + _section(chart, "canaryAnalysis", analysis)


def _section(chart: Chart, key: str, wanted: Mapping[str, Any]) -> str:
    """The lines of `key` with the `wanted` content: those of the team's block, with its comments, where they fit."""
    from chartgen.inputs.yaml import yaml_document

    plain = "\n".join(block_lines({key: dict(wanted)})) + "\n"
    try:
        lines = entry_text(chart.files.get("values.yaml", b""), (KEY, key))
    except ConflictError:
        return plain
    present = yaml_document(lines)[key]
    fits = isinstance(present, dict) and present and all(wanted.get(name) == value for name, value in present.items())
    if not fits or lines.count("\n") == 1:
        return plain
    more = {name: value for name, value in wanted.items() if name not in present and value != []}
    return lines + ("".join(f"  {line}\n" for line in block_lines(more)) if more else "")


def _values(without: Chart, block: str) -> bytes:
    return add_block(without.files.get("values.yaml"), KEY, block)


def _require_same(
    renderer: Renderer, carried: Chart, canary: Manifest, before: Rendering, options: AddCanaryOptions
) -> int:
    """Raise ProofError unless the new Canary means what the old one meant; returns the rollouts played."""
    after = renderer.render(carried, _switched(before.request, options, on=True))
    found = [each for each in canaries_of(after) if each.name == canary.name]
    if len(found) != 1:
        raise ProofError(f"the chart would render {len(found)} Canaries {canary.name}", hint="nothing was written")
    old, new = (each.get(("spec", "service")) or {} for each in (canary, found[0]))
    lost = [key for key, value in old.items() if value and new.get(key) != value]
    if lost or found[0].get(("spec", "analysis")) != canary.get(("spec", "analysis")):
        where = f"spec.service.{lost[0]}" if lost else "spec.analysis"
        raise ProofError(f"{where} of the Canary {canary.name} would change", hint="nothing was written")
    return require_same_rollouts(canary, found[0], before, after)


def _switched(request: RenderRequest, options: AddCanaryOptions, *, on: bool) -> RenderRequest:
    return request.over({KEY: {options.toggle: on}})


def _require_same_off(
    renderer: Renderer, releases: Releases, without: Chart, carried: Chart, options: AddCanaryOptions
) -> int:
    """Raise ProofError unless the adopted chart renders as the one without a Canary while the canary is off."""
    requests = [each.request for each in releases.renderings if each.switched is False or each.gated is False]
    requests = requests or [releases.renderings[0].request]
    cases = [RemovalCase("canary off", request, _switched(request, options, on=False)) for request in requests]
    return prove_removal(renderer, carried, without, cases)
