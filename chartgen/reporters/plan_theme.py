"""Colors and lines of a plan's picture: readable in light and dark, and without any color."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """One color: a stand-in that is drawn, the variable it becomes in CSS, its value in light and in dark."""

    drawn: str
    name: str
    light: str
    dark: str


INK = Role("#010203", "ink", "#1f2328", "#e6edf3")
MUTED = Role("#010204", "muted", "#57606a", "#9aa4af")
GRID = Role("#010205", "grid", "#d8dee4", "#30363d")
SURFACE = Role("#010206", "surface", "#ffffff", "#0d1117")
# Okabe and Ito's colors, told apart with every kind of color vision; lifted for dark grounds.
SERIES = (
    Role("#010301", "series-1", "#0072b2", "#56b4e9"),
    Role("#010302", "series-2", "#d55e00", "#ff8c42"),
    Role("#010303", "series-3", "#007a5a", "#2fcf9f"),
    Role("#010304", "series-4", "#a63f7d", "#e79ac4"),
    Role("#010305", "series-5", "#7a6400", "#f0e442"),
    Role("#010306", "series-6", "#444c56", "#adbac7"),
)
ROLES = (INK, MUTED, GRID, SURFACE, *SERIES)

# Each series has a line and a hatch of its own, so that a black and white print tells them apart.
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
    """The variables, for light and for dark."""
    light = "".join(f"--{role.name}:{role.light};" for role in ROLES)
    dark = "".join(f"--{role.name}:{role.dark};" for role in ROLES)
    return f"{selector}{{{light}}}@media (prefers-color-scheme:dark){{{selector}{{{dark}}}}}"


def with_variables(svg: str) -> str:
    """The drawing with its stand-ins turned into the variables of `css`."""
    for role in ROLES:
        svg = svg.replace(role.drawn, f"var(--{role.name})")
    return svg
