"""`dataclass` as in the standard library, for the arguments that chartgen uses; it makes only what a run needs.

The standard library compiles up to eight functions for each class, which takes 0.7 ms, and `lint` imports two hundred
classes. Here `__init__` is compiled when the first object of the class is made, and all classes share the rest.
Type checkers see the standard library's decorator; its `field`, `replace`, `fields` and `asdict` work with these
classes.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - what type checkers see
else:

    def dataclass(*, frozen: bool = False, eq: bool = True, slots: bool) -> Callable[[type], type]:
        """Turn a class with annotations into a data class with slots."""
        assert slots, "write dataclasses.dataclass for a class without slots"
        return lambda cls: _data_class(cls, frozen=frozen, eq=eq)


_Fields = dict[str, "dataclasses.Field[Any]"]


def _data_class(cls: type, *, frozen: bool, eq: bool) -> type:
    own = dict(_own_fields(cls))
    fields: _Fields = {}
    for base in reversed(cls.__mro__[1:]):
        fields |= base.__dict__.get("__dataclass_fields__", {})
    names = {**fields, **own}
    namespace = {name: value for name, value in cls.__dict__.items() if name not in own and name not in _DICTIONARY}
    namespace["__slots__"] = tuple(name for name in own if name not in fields)
    namespace["__dataclass_fields__"] = names
    namespace.setdefault("__match_args__", tuple(name for name, each in names.items() if each.init))
    made = type(cls)(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__
    for name, method in _methods(made, names, frozen=frozen, eq=eq):
        # Python sets __hash__ to None in a class with __eq__.
        if name not in cls.__dict__ or (name == "__hash__" and cls.__dict__[name] is None):
            setattr(made, name, method)
    return made


_DICTIONARY = frozenset({"__dict__", "__weakref__"})


def _own_fields(cls: type) -> Any:
    """The fields in the body of a class, each with its name."""
    for name, kind in vars(cls).get("__annotations__", {}).items():
        if str(kind).startswith(("ClassVar", "typing.ClassVar")):
            continue
        given = cls.__dict__.get(name, dataclasses.MISSING)
        found: Any = given if isinstance(given, dataclasses.Field) else dataclasses.field(default=given)
        if isinstance(found.default, (list, dict, set)):
            raise ValueError(f"{cls.__name__}.{name}: use default_factory")  # noqa: TRY004 - as dataclasses does
        # As dataclasses marks a field of the object, unlike ClassVar and InitVar.
        found.name, found.type, found._field_type = name, kind, dataclasses._FIELD  # type: ignore[attr-defined]  # noqa: SLF001
        yield name, found


def _methods(made: type, fields: _Fields, *, frozen: bool, eq: bool) -> Any:
    """The methods with their names."""

    def first_init(self: Any, *args: Any, **given: Any) -> None:
        init = _compiled_init(made, fields, frozen=frozen)
        made.__init__ = init  # type: ignore[misc]
        init(self, *args, **given)

    yield "__init__", first_init
    shown = [name for name, each in fields.items() if each.repr]
    compared = [name for name, each in fields.items() if each.compare]
    yield "__repr__", _repr_of(shown)
    if eq:
        values = _values(compared)
        yield "__eq__", _equality(values)
        yield "__hash__", _hash_of(values) if frozen else None
    if frozen:
        yield "__setattr__", _refuse_assignment
        yield "__delattr__", _refuse_deletion
        state = tuple(fields)
        yield "__getstate__", lambda self: [getattr(self, name) for name in state]
        yield "__setstate__", _set_state


def _compiled_init(made: type, fields: _Fields, *, frozen: bool) -> Callable[..., None]:
    """`__init__`; frozen objects set their fields as `object` does."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_unset": dataclasses.MISSING}
    parameters, body = [], []
    for name, each in fields.items():
        value = name
        if each.default_factory is not dataclasses.MISSING:
            known[f"_make_{name}"] = each.default_factory
            value = f"_make_{name}() if {name} is _unset else {name}" if each.init else f"_make_{name}()"
            default = "=_unset"
        elif each.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = each.default
            value = name if each.init else f"_default_{name}"
            default = f"=_default_{name}"
        else:
            default = ""
            if not each.init:
                continue
        if each.init:
            parameters.append(f"{name}{default}")
        body.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(made, "__post_init__"):
        body.append("self.__post_init__()")
    source = f"def __init__(self, {', '.join(parameters)}):\n " + "\n ".join(body or ["pass"])
    exec(source, known)  # noqa: S102 - the names of fields are identifiers in our own classes
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{made.__qualname__}.__init__"
    return init


def _values(names: list[str]) -> Callable[[Any], Any]:
    """What an object is compared by."""
    if len(names) > 1:
        return attrgetter(*names)
    # attrgetter gives the value of a single name: a tuple compares by identity first, as it does for more names.
    return lambda self: tuple(getattr(self, name) for name in names)


def _equality(values: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def __eq__(self: Any, other: Any) -> Any:  # noqa: N807 - becomes a method
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return __eq__


def _hash_of(values: Callable[[Any], Any]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    return __hash__


def _repr_of(names: list[str]) -> Callable[[Any], str]:
    @recursive_repr()
    def __repr__(self: Any) -> str:  # noqa: N807
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({shown})"

    return __repr__


def _refuse_assignment(_: Any, name: str, __: Any) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deletion(_: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(type(self).__dataclass_fields__, state, strict=True):
        object.__setattr__(self, name, value)
