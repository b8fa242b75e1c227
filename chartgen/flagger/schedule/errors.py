"""The error that ends a step of a tick; Flagger writes it as a Warning event."""

from __future__ import annotations


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
