"""The error that ends a step of a tick; Flagger writes it as a Warning event."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.flagger.crd.provider_crds import Refusals


class StepError(Exception):
    """`text` is Flagger's; if `open_ended`, another text follows, whose content `detail` says in chartgen's words.

    If not `retriable`, the run is rolled back.
    """

    def __init__(self, text: str, *, open_ended: bool = False, retriable: bool = True, detail: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.open_ended = open_ended
        self.retriable = retriable
        self.detail = detail

    def within(self, prefix: str) -> StepError:
        """The error as fmt.Errorf("prefix: %w") wraps it."""
        text = f"{prefix}: {self.text}"
        return StepError(text, open_ended=self.open_ended, retriable=self.retriable, detail=self.detail)


class RouteRefusedError(StepError):
    """The provider's CRD refuses a route: where in the object, and why."""

    def __init__(self, text: str, kind: str, name: str, refusals: Refusals) -> None:
        detail = "; ".join(f"{path_text(route)}: {message}" for route, message in refusals)
        super().__init__(text, open_ended=True, detail=detail)
        self.kind = kind
        self.name = name
        self.refusals = refusals

    def within(self, prefix: str) -> RouteRefusedError:
        return RouteRefusedError(f"{prefix}: {self.text}", self.kind, self.name, self.refusals)


def path_text(route: Iterable[str | int]) -> str:
    """A route as the API server writes it: `spec.routes[0].services`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route).removeprefix(".")
