"""The terminal recording at the top of the README: real commands, run in a scratch folder, as an animated SVG.

Readers that don't animate (or prefer reduced motion) see the last frame, which contains everything.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
CHART = ROOT / "fixtures" / "charts" / "jenkins-x"
COLUMNS = 98
_LINE, _CHARACTER, _MARGIN, _BAR = 19, 8.43, 18, 34
# Seconds until a command appears after the output before it, and until its output appears.
_READING, _RUNNING = 3.2, 1.3
# By the number of the ANSI color, as a dark terminal shows it.
_COLORS = {1: "#ff7b72", 2: "#7ee787", 3: "#e3b341", 4: "#79c0ff", 5: "#d2a8ff", 6: "#76e3ea"}
_STYLE = (
    "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#e6edf3}"
    ".command{fill:#ffffff;font-weight:bold}.prompt,.cut{fill:#8b949e}.bold{font-weight:bold}"
    + "".join(f".color-{number}{{fill:{value}}}" for number, value in _COLORS.items())
    + "@media (prefers-reduced-motion:no-preference){g{animation:appear .01s both}}"
    "@keyframes appear{from{opacity:0}to{opacity:1}}"
)


@dataclass(frozen=True, slots=True)
class Step:
    """A command line, the exit code it must have, and the beginnings of the lines to show (all, if empty)."""

    command: str
    code: int = 0
    shown: tuple[str, ...] = ()


TABLE = (
    "can this canary",
    "  failing ",
    "                           back",
    "                            back",
    "  50 %",
)
STEPS = (
    Step("chartgen add-canary charts/myapp --host myapp.example.com", shown=("create ", "change ", "Added ")),
    Step("sed -i 's/min: 99/min: 0.99/' charts/myapp/values.yaml   # a slip: the rate is a percentage"),
    Step(
        "chartgen plan charts/myapp --rps 10 --detect 50%:95%   # is a release caught if half of it fails?",
        code=1,
        shown=(*TABLE, "over budget"),
    ),
    Step("chartgen lint charts/myapp --min-severity warning", code=1),
    Step("chartgen lint charts/myapp --min-severity warning --fix"),
    Step("chartgen plan charts/myapp --rps 10 --detect 50%:95%", shown=TABLE),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the terminal: its second of appearance and its runs of text, each with a class."""

    second: float
    runs: tuple[tuple[str, str], ...]


def recording() -> str:
    """The SVG of all steps."""
    rows: list[Row] = []
    clock = 0.4
    with tempfile.TemporaryDirectory(prefix="chartgen-docs-") as folder:
        shutil.copytree(CHART, Path(folder) / "charts" / "myapp")
        for step in STEPS:
            rows.append(Row(clock, (("prompt", "$ "), ("command", step.command))))
            output = [Row(clock + _RUNNING, runs) for line in _said(step, Path(folder)) for runs in _wrapped(line)]
            rows += [*output, Row(clock + _RUNNING, ())]
            clock += _RUNNING + (_READING if output else 0)
    return _svg(rows[:-1])


def _said(step: Step, folder: Path) -> Iterator[Text]:
    """The shown lines of the output, stdout first; `…` where lines are left out."""
    # No variable of the machine decides what is recorded.
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "COLUMNS": str(COLUMNS),
        "FORCE_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        step.command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != step.code:
        sys.exit(f"{step.command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    cut = False
    for line in f"{done.stdout}{done.stderr}".splitlines():
        text = Text.from_ansi(line)
        if step.shown and not text.plain.startswith(step.shown):
            if not cut:
                yield Text("…")
            cut = True
        else:
            cut = False
            yield text


def _wrapped(line: Text) -> Iterator[tuple[tuple[str, str], ...]]:
    """The line as a terminal of `COLUMNS` wraps it."""
    for part in line.divide(range(COLUMNS, len(line), COLUMNS)):
        starts = sorted({0, *(edge for span in part.spans for edge in (span.start, span.end) if edge < len(part))})
        pieces = part.divide(starts[1:])
        yield tuple((_classes(piece), piece.plain) for piece in pieces)


def _classes(piece: Text) -> str:
    if piece.plain == "…":
        return "cut"
    styles = [span.style for span in piece.spans if isinstance(span.style, Style)]
    numbers = {style.color.number for style in styles if style.color} & set(_COLORS)
    bold = ["bold"] if any(style.bold for style in styles) else []
    return " ".join([*(f"color-{number}" for number in sorted(filter(None, numbers))), *bold])


def _svg(rows: list[Row]) -> str:
    width = round(2 * _MARGIN + COLUMNS * _CHARACTER)
    height = _BAR + len(rows) * _LINE + _MARGIN
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    words = f"<title>chartgen in a terminal</title><desc>{_description(rows)}</desc>"
    buttons = zip((20, 38, 56), ("#ff5f57", "#febc2e", "#28c840"), strict=True)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>{words}<style>{_STYLE}</style>',
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>',
        *(f'<circle cx="{x}" cy="18" r="5.5" fill="{fill}"/>' for x, fill in buttons),
    ]
    for second in sorted({row.second for row in rows}):
        texts = "".join(_text(row, number) for number, row in enumerate(rows) if row.second == second)
        lines.append(f'<g style="animation-delay:{second:.1f}s">{texts}</g>')
    return "\n".join([*lines, "</svg>\n"])


def _text(row: Row, number: int) -> str:
    spans = "".join(
        f'<tspan class="{name}">{escape(text, quote=False)}</tspan>' if name else escape(text, quote=False)
        for name, text in row.runs
    )
    baseline = _BAR + (number + 1) * _LINE
    return f'<text x="{_MARGIN}" y="{baseline}" xml:space="preserve">{spans}</text>' if spans else ""


def _description(rows: list[Row]) -> str:
    commands = [row.runs[1][1] for row in rows if row.runs and row.runs[0][0] == "prompt"]
    return escape("; ".join(commands), quote=False)
