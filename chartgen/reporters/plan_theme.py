"""Colors and lines of a plan's picture: readable in light and dark schemes, and without any color."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Color:
    """One color: its name, and its value in light and dark schemes."""

    name: str
    light: str
    dark: str


INK = Color("ink", "#1f2328", "#e6edf3")
MUTED = Color("muted", "#57606a", "#9aa4af")
GRID = Color("grid", "#d8dee4", "#30363d")
SURFACE = Color("surface", "#ffffff", "#0d1117")
# Okabe and Ito's colors, distinguishable with every kind of color vision; brighter for dark backgrounds.
SERIES = (
    Color("series-1", "#0072b2", "#56b4e9"),
    Color("series-2", "#d55e00", "#ff8c42"),
    Color("series-3", "#007a5a", "#2fcf9f"),
    Color("series-4", "#a63f7d", "#e79ac4"),
    Color("series-5", "#7a6400", "#f0e442"),
    Color("series-6", "#444c56", "#adbac7"),
)
COLORS = (INK, MUTED, GRID, SURFACE, *SERIES)

# Each series has its own dashes, so that it is recognizable in black and white.
DASHES = ("none", "7 3", "2 3", "9 3 2 3", "4 2", "12 3 2 3 2 3")


def css(selector: str) -> str:
    """The CSS variables for light and dark schemes."""
    light = "".join(f"--{color.name}:{color.light};" for color in COLORS)
    dark = "".join(f"--{color.name}:{color.dark};" for color in COLORS)
    return f"{selector}{{{light}}}@media (prefers-color-scheme:dark){{{selector}{{{dark}}}}}"


def series(index: int) -> str:
    """The class of the series with this number."""
    return f"n{index % len(SERIES) + 1}"


def picture_css() -> str:
    """The style of a picture. It sets colors directly, because not every viewer of SVG knows CSS variables."""
    return _SHAPES + _colors("light") + f"@media (prefers-color-scheme:dark){{{_colors('dark')}}}"


_SHAPES = (
    ".plan text{font:14px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}"
    ".plan .title{font-size:18px;font-weight:600}.plan .bold{font-weight:600}"
    ".plan .small,.plan .muted{font-size:12.5px}"
    ".plan .halo{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}"
    ".plan .line{fill:none;stroke-width:2.4}.plan .thin{fill:none;stroke-width:1}"
    ".plan .limit{fill:none;stroke-width:1.2;stroke-dasharray:5 3}"
    ".plan .tiny{font-size:11px;font-weight:600}.plan .area{fill-opacity:.2}.plan .faint{fill-opacity:.1}"
    ".plan .p1{fill-opacity:.12}.plan .p2{fill-opacity:.28}.plan .p3{fill-opacity:.42}.plan .p4{fill-opacity:.58}"
    ".plan .shadow{stroke-width:1.6;stroke-dasharray:2 3}.plan .cross{stroke-width:3}.plan .stem{stroke-width:1.5}"
    + "".join(f".plan .line.n{index}{{stroke-dasharray:{dash}}}" for index, dash in enumerate(DASHES, 1))
)


def _colors(scheme: str) -> str:
    ink, muted, grid, surface = (getattr(color, scheme) for color in (INK, MUTED, GRID, SURFACE))
    drawn = "".join(
        f".plan .n{index}{{fill:{getattr(color, scheme)}}}.plan .n{index}.line,.plan .n{index}.shadow,"
        f".plan .n{index}.cross{{fill:none;stroke:{getattr(color, scheme)}}}"
        for index, color in enumerate(SERIES, 1)
    )
    return (
        f".plan .surface{{fill:{surface}}}.plan text{{fill:{ink}}}.plan .halo{{stroke:{surface}}}"
        f".plan text.muted{{fill:{muted}}}.plan .grid{{stroke:{grid}}}.plan .pointer,.plan .limit{{stroke:{muted}}}"
        f"{drawn}.plan text.count{{fill:{surface}}}"
    )
