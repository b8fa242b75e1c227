"""The places of a chart's Canaries: each has files, a key of values.yaml, and named templates of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.charts.chart import Chart

_FILE = lazy_pattern(r"templates/(?:canary|_canary)(?:-(?P<suffix>[a-z0-9][a-z0-9-]*))?\.(?:yaml|tpl)")


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one Canary. `suffix` is empty for a chart's first one, and the target's name for further ones."""

    suffix: str = ""

    @property
    def canary(self) -> str:
        """The template of the Canary: `templates/canary.yaml`, `templates/canary-worker.yaml`."""
        return f"templates/canary{self._dashed}.yaml"

    @property
    def helpers(self) -> str:
        """The file of its named templates: `templates/_canary.tpl`, `templates/_canary-worker.tpl`."""
        return f"templates/_canary{self._dashed}.tpl"

    @property
    def files(self) -> tuple[str, str]:
        return self.canary, self.helpers

    @property
    def key(self) -> str:
        """The key of its settings in values.yaml: `canary`, `canaryWorker`."""
        return "canary" + "".join(part[:1].upper() + part[1:] for part in self.suffix.split("-"))

    def prefix(self, chart_name: str) -> str:
        """How the names of its templates begin: `shop.canary`, `shop.canary-worker`."""
        return f"{chart_name}.canary{self._dashed}"

    @property
    def _dashed(self) -> str:
        return f"-{self.suffix}" if self.suffix else ""


FIRST = Slot()


def slots_in(paths: Iterable[str]) -> list[Slot]:
    """The slots with a file among `paths`, the first one first."""
    found = {Slot(match["suffix"] or "") for path in paths if (match := _FILE.fullmatch(path))}
    return sorted(found, key=lambda slot: slot.suffix)


def slot_for(chart: Chart, target: str, release_name: str) -> Slot:
    """The slot of a further Canary for the workload `target`: its name without that of the release and the chart."""
    name = target.removeprefix(f"{release_name}-").removeprefix(f"{chart.name}-") or target
    return Slot(re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "target")
