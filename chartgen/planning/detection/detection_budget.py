"""What a user asks of the detection of bad releases."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DetectionBudget:
    """Flagger must roll back a release that fails with `rate` at least with `probability` (shares, 0..1)."""

    rate: float
    probability: float
