"""Colors and lines of a plan's picture: readable in light and dark schemes, and without any color."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Color:
    """One color: the placeholder for drawing, the name of its CSS variable, its value in light and dark schemes."""

    placeholder: str
    name: str
    light: str
    dark: str


INK = Color("#010203", "ink", "#1f2328", "#e6edf3")
MUTED = Color("#010204", "muted", "#57606a", "#9aa4af")
GRID = Color("#010205", "grid", "#d8dee4", "#30363d")
SURFACE = Color("#010206", "surface", "#ffffff", "#0d1117")
# Okabe and Ito's colors, distinguishable with every kind of color vision; brighter for dark backgrounds.
SERIES = (
    Color("#010301", "series-1", "#0072b2", "#56b4e9"),
    Color("#010302", "series-2", "#d55e00", "#ff8c42"),
    Color("#010303", "series-3", "#007a5a", "#2fcf9f"),
    Color("#010304", "series-4", "#a63f7d", "#e79ac4"),
    Color("#010305", "series-5", "#7a6400", "#f0e442"),
    Color("#010306", "series-6", "#444c56", "#adbac7"),
)
COLORS = (INK, MUTED, GRID, SURFACE, *SERIES)

# Each series has its own line and hatch, so that it is recognizable in black and white.
LINES: tuple[str | tuple[int, tuple[float, ...]], ...] = (
    "solid",
    (0, (6.0, 2.0)),
    (0, (1.2, 1.6)),
    (0, (7.0, 2.0, 1.2, 2.0)),
    (0, (3.0, 1.5)),
    (0, (9.0, 2.0, 1.2, 2.0, 1.2, 2.0)),
)
HATCHES = ("", "////", "....", "\\\\\\\\", "xxxx", "----")


def css(selector: str) -> str:
    """The CSS variables for light and dark schemes."""
    light = "".join(f"--{color.name}:{color.light};" for color in COLORS)
    dark = "".join(f"--{color.name}:{color.dark};" for color in COLORS)
    return f"{selector}{{{light}}}@media (prefers-color-scheme:dark){{{selector}{{{dark}}}}}"


def with_variables(svg: str) -> str:
    """The drawing with its placeholders replaced by the variables of `css`."""
    for color in COLORS:
        svg = svg.replace(color.placeholder, f"var(--{color.name})")
    return svg
