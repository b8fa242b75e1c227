"""The traffic split that Flagger reads from a route and writes to it."""

from __future__ import annotations

from dataclasses import dataclass

TOTAL = 100


@dataclass(frozen=True, slots=True, order=True)
class Routes:
    """What Flagger reads from a route: percent to primary and canary, and whether requests are mirrored."""

    primary: int
    canary: int
    mirrored: bool = False


TO_PRIMARY, TO_CANARY, MIRRORED = Routes(TOTAL, 0), Routes(0, TOTAL), Routes(TOTAL, 0, mirrored=True)
