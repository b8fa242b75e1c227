"""chartgen's `dataclass` makes what the standard library's makes."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, ClassVar

import pytest

from chartgen import records


@records.dataclass(frozen=True, slots=True)
class Ours:
    """A class with everything that chartgen uses."""

    kind: ClassVar[str] = "example"
    name: str
    count: int = 3
    parts: list[str] = dataclasses.field(default_factory=list)
    note: str = dataclasses.field(default="", compare=False, repr=False)
    length: int = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", len(self.name))


@records.dataclass(frozen=True, slots=True)
class Below(Ours):
    count: int = 4
    last: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """The same, made by the standard library."""

    kind: ClassVar[str] = "example"
    name: str
    count: int = 3
    parts: list[str] = dataclasses.field(default_factory=list)
    note: str = dataclasses.field(default="", compare=False, repr=False)
    length: int = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", len(self.name))


@records.dataclass(slots=True)
class Open:
    name: str
    count: int = 0


def test_objects_are_made_shown_and_taken_apart_alike() -> None:
    ours, theirs = Ours("web", note="x"), Theirs("web", note="x")
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert [each.name for each in dataclasses.fields(ours)] == [each.name for each in dataclasses.fields(theirs)]
    assert Ours.__match_args__ == Theirs.__match_args__
    assert Ours.__slots__ == Theirs.__slots__
    assert not hasattr(ours, "__dict__")
    assert Ours.kind == "example"


def test_equal_objects_have_equal_hashes() -> None:
    assert Below("a") == Below("a", note="only ours")
    assert Below("a") != Below("a", last=True)
    assert Below("a") != Ours("a", 4)
    assert hash(Open.__eq__) and Open("a") == Open("a")  # noqa: PT018
    with pytest.raises(TypeError, match="unhashable"):
        hash(Open("a"))
    number = float("nan")
    assert Open(number) == Open(number)  # type: ignore[arg-type]


def test_frozen_objects_refuse_changes() -> None:
    ours: Any = Ours("web")
    with pytest.raises(dataclasses.FrozenInstanceError, match="name"):
        ours.name = "x"
    with pytest.raises(dataclasses.FrozenInstanceError, match="name"):
        del ours.name
    opened = Open("a")
    opened.count = 2
    assert opened == Open("a", 2)


def test_copies_are_equal() -> None:
    below = Below("web", 2, ["x"], last=True)
    assert pickle.loads(pickle.dumps(below)) == copy.copy(below) == copy.deepcopy(below) == below
    changed = dataclasses.replace(below, name="longer")
    assert (changed.length, changed.last, changed.count) == (6, True, 2)
    assert repr(below) == "Below(name='web', count=2, parts=['x'], length=3, last=True)"


@pytest.mark.parametrize("given", [{}, {"name": "a", "unknown": 1}, {"name": "a", "length": 2}])
def test_wrong_arguments_are_errors(given: dict[str, Any]) -> None:
    kinds: tuple[Any, ...] = (Ours, Theirs, Below)
    for kind in kinds:
        with pytest.raises(TypeError, match="__init__"):
            kind(**given)


def test_shared_defaults_are_errors() -> None:
    with pytest.raises(ValueError, match="default_factory"):

        @records.dataclass(slots=True)
        class _Shared:
            parts: list[str] = []  # noqa: RUF012
