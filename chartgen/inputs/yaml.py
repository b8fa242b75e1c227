"""YAML read in Python, with limits on depth, nodes, aliases, digits and size.

ruamel's composer recurses for each level and keeps an alias as one shared node, which code that walks the result visits
again each time. Both are counted while nodes are composed. InputError says what can't be read, and where.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

from chartgen.errors import InputError
from chartgen.inputs.limits import DEPTH, DIGITS, YAML_BYTES, YAML_NODES, YAML_NODES_EXPANDED, shown_size

if TYPE_CHECKING:
    from ruamel.yaml import YAML
    from ruamel.yaml.composer import Composer
    from ruamel.yaml.error import YAMLError

_HINT = "correct it and run again"


def yaml_document(text: str) -> Any:
    """The text as plain Python, None if it is empty."""
    return _read(text, lambda yaml: yaml.load(text), expands=True)


def yaml_node(text: str, kind: str = "rt") -> Any:
    """The node tree of a text with one document, None if it is empty; `kind` as ruamel's `typ`."""
    return _read(text, lambda yaml: yaml.compose(text), kind)


def yaml_nodes(text: str, kind: str = "rt", *, expands: bool = False) -> list[Any]:
    """The node trees of all documents that are not empty. `expands`: for a walk that follows each alias."""
    nodes: list[Any] = _read(
        text, lambda yaml: [node for node in yaml.compose_all(text) if node is not None], kind, expands=expands
    )
    return nodes


def _read(text: str, read: Any, kind: str = "safe", *, expands: bool = False) -> Any:
    from ruamel.yaml.error import YAMLError

    if len(text) > YAML_BYTES:
        raise InputError(
            f"more than {shown_size(YAML_BYTES)} of YAML, the most that chartgen reads in one file",
            hint="split the file",
        )
    try:
        with warnings.catch_warnings():
            # Duplicate anchors are valid; ruamel warns about them.
            warnings.simplefilter("ignore")
            return read(_reader(kind, expands=expands))
    except YAMLError as error:
        raise _invalid(error, text) from error
    except RecursionError as error:
        raise InputError(f"nested more than {DEPTH} levels deep", hint=_HINT) from error
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError) as error:
        # ruamel's constructors raise these for a value that doesn't fit its tag, such as `!!bool zz`.
        raise InputError(f"a value does not fit its tag: {error}", hint=_HINT) from error


def _invalid(error: YAMLError, text: str) -> InputError:
    """The error with its own line and column, instead of ruamel's excerpt of the text."""
    from ruamel.yaml.error import MarkedYAMLError

    if not isinstance(error, MarkedYAMLError) or not error.problem:
        return InputError(f"not valid YAML: {' '.join(str(error).split())}", hint=_HINT)
    context = f" {error.context}" if error.context else ""
    mark = error.problem_mark or error.context_mark
    message = f"not valid YAML: {' '.join(f'{error.problem}{context}'.split())}"
    if mark is None:
        return InputError(message, hint=_HINT)
    # The end of the text is reported on the line after the last one.
    last = max(len(text.splitlines()), 1)
    line, column = (mark.line + 1, mark.column + 1) if mark.line < last else (last, 1)
    return InputError(message, hint=_HINT, line=line, column=column)


def _reader(kind: str, *, expands: bool) -> YAML:
    from ruamel.yaml import YAML

    yaml = YAML(typ=kind, pure=True)
    yaml.Composer = _bounded_composer(expands=expands)
    return yaml


@cache
def _bounded_composer(*, expands: bool) -> type[Composer]:
    """With `expands`, aliases count as their expanded nodes, as they do in a walk over the document."""
    from ruamel.yaml.composer import Composer
    from ruamel.yaml.events import AliasEvent

    class BoundedComposer(Composer):
        """Counts while composing: the size of each node with aliases expanded, and its depth."""

        def __init__(self, loader: Any = None) -> None:
            super().__init__(loader=loader)
            self._level = self._nodes = 0
            self._measured: dict[int, tuple[int, int]] = {}

        def compose_node(self, parent: Any, index: Any) -> Any:
            self._level += 1
            self._nodes += 1
            if self._level > DEPTH:
                raise InputError(f"nested more than {DEPTH} levels deep", hint=_HINT)
            if self._nodes > YAML_NODES:
                raise InputError(f"more than {YAML_NODES:,} values in one YAML file", hint="split the file")
            is_alias = self.parser.check_event(AliasEvent)
            node = super().compose_node(parent, index)
            self._level -= 1
            if not is_alias:
                self._measured[id(node)] = self._measure(node)
            elif id(node) not in self._measured:
                raise InputError(f"line {node.start_mark.line + 1}: an alias contains itself", hint=_HINT)
            return node

        def _measure(self, node: Any) -> tuple[int, int]:
            if node.id == "scalar":
                _refuse_digits(node)
                return 1, 1
            inner = [part for pair in node.value for part in pair] if node.id == "mapping" else node.value
            parts = [self._measured[id(part)] for part in inner]
            size, depth = 1 + sum(size for size, _ in parts), 1 + max((depth for _, depth in parts), default=0)
            if expands and (size > YAML_NODES_EXPANDED or depth > DEPTH):
                raise InputError(
                    f"line {node.start_mark.line + 1}: aliases expand to more than {YAML_NODES_EXPANDED:,} values"
                    f" or {DEPTH} levels",
                    hint="write fewer of them",
                )
            return min(size, YAML_NODES_EXPANDED), min(depth, DEPTH)

    return BoundedComposer


def _refuse_digits(node: Any) -> None:
    """Raise InputError for a number that Python can't read or print, or only in minutes."""
    if len(node.value) > DIGITS and str(node.tag).endswith((":int", ":float")):
        raise InputError(
            f"line {node.start_mark.line + 1}: a number of {len(node.value):,} characters", hint='put it in "quotes"'
        )
