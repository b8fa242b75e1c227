"""The validation rules of CRDs, which are written in CEL: the part of the language that the known CRDs use.

A rule is compiled once into a function of `self`. As in cel-go, `&&` and `||` hide an error of one operand where the
other decides, and a missing key is an error. A name that CEL reserves is written `__namespace__`
(k8s.io/apiserver/pkg/cel/escaping.go).
"""

from __future__ import annotations

import operator
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from chartgen.flagger.go_durations import parse_duration
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # The value of an expression, given the variables.
    Expression = Callable[[Mapping[str, Any]], Any]


class CelError(Exception):
    """A rule can't be evaluated; the API server then refuses the object."""


class CelSyntaxError(ValueError):
    """A rule uses a part of CEL that isn't known here."""


_TOKEN = lazy_pattern(
    r"\s*(?:(?P<raw>r\"\"\".*?\"\"\")|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>\d+)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>&&|\|\||==|!=|<=|>=|[-+<>!?:.,()\[\]]))",
    re.DOTALL,
)
_LITERALS = {"true": True, "false": False, "null": None}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, group: value in group,
}


@cache
def compiled(rule: str) -> Callable[[Any], bool]:
    """Whether a value of `self` fits a rule. The function never raises: an error counts as false, as in the server."""
    parser = _Parser(rule)
    expression = parser.expression()
    parser.expect_end()

    def fits(value: Any) -> bool:
        try:
            return expression({"self": value}) is True
        except (CelError, TypeError, ValueError, LookupError):
            return False

    return fits


class _Parser:
    """Recursive descent over the tokens of one rule; each method returns the compiled expression."""

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self._tokens = list(_tokens(rule))
        self._at = 0

    def expression(self) -> Expression:
        condition = self._binary(("||",), self._conjunction)
        if not self._accept("?"):
            return condition
        yes = self.expression()
        self._expect(":")
        no = self.expression()
        return lambda scope: yes(scope) if condition(scope) else no(scope)

    def expect_end(self) -> None:
        if self._peek() is not None:
            raise CelSyntaxError(f"{self._peek()!r} in {self._rule}")

    def _conjunction(self) -> Expression:
        return self._binary(("&&",), self._comparison)

    def _comparison(self) -> Expression:
        return self._binary(tuple(_COMPARISONS), lambda: self._binary(("+", "-"), self._unary))

    def _binary(self, signs: tuple[str, ...], operand: Callable[[], Expression]) -> Expression:
        left = operand()
        while (sign := self._peek()) in signs:
            self._at += 1
            left = _operation(str(sign), left, operand())
        return left

    def _unary(self) -> Expression:
        if self._accept("!"):
            negated = self._unary()
            return lambda scope: not negated(scope)
        if self._accept("-"):
            positive = self._unary()
            return lambda scope: -positive(scope)
        return self._member()

    def _member(self) -> Expression:
        value = self._primary()
        while True:
            if self._accept("."):
                name = self._take()
                value = self._call(name, value) if self._accept("(") else _field(value, name)
            elif self._accept("["):
                value = _item(value, self.expression())
                self._expect("]")
            else:
                return value

    def _primary(self) -> Expression:
        word = self._take()
        if word == "(":
            inner = self.expression()
            self._expect(")")
            return inner
        if word == "[":
            items = self._arguments("]")
            return lambda scope: [item(scope) for item in items]
        if word[0] in "'\"" or word.startswith('r"'):
            return _constant(_text(word))
        if word.isdigit():
            return _constant(int(word))
        if word in _LITERALS:
            return _constant(_LITERALS[word])
        if not word.isidentifier():
            raise CelSyntaxError(f"{word!r} in {self._rule}")
        return self._function(word) if self._accept("(") else _variable(word)

    def _function(self, name: str) -> Expression:
        arguments = self._arguments(")")
        if name not in _FUNCTIONS or len(arguments) != 1:
            raise CelSyntaxError(f"function {name} in {self._rule}")
        if name == "has":
            return _has(arguments[0])
        function, argument = _FUNCTIONS[name], arguments[0]
        return lambda scope: function(argument(scope))

    def _call(self, name: str, value: Expression) -> Expression:
        if name in _MACROS:
            variable = self._take()
            self._expect(",")
            body = self.expression()
            self._expect(")")
            macro = _MACROS[name]
            return lambda scope: macro(list(value(scope)), lambda each: body({**scope, variable: each}))
        arguments = self._arguments(")")
        if name not in _METHODS:
            raise CelSyntaxError(f"method {name} in {self._rule}")
        method = _METHODS[name]
        return lambda scope: method(value(scope), *(argument(scope) for argument in arguments))

    def _arguments(self, end: str) -> list[Expression]:
        found: list[Expression] = []
        while not self._accept(end):
            if found:
                self._expect(",")
            found.append(self.expression())
        return found

    def _peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self) -> str:
        token = self._peek()
        if token is None:
            raise CelSyntaxError(f"the end of {self._rule}")
        self._at += 1
        return token

    def _accept(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._at += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            raise CelSyntaxError(f"{self._peek()!r} instead of {token!r} in {self._rule}")


def _tokens(rule: str) -> list[str]:
    found, at = [], 0
    while rule[at:].strip():
        match = _TOKEN.match(rule, at)
        if match is None:
            raise CelSyntaxError(f"{rule[at : at + 10]!r} in {rule}")
        found.append(match[match.lastgroup or 0])
        at = match.end()
    return found


def _text(token: str) -> str:
    if token.startswith("r"):
        return token[4:-3]
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _constant(value: Any) -> Expression:
    return lambda _scope: value


def _variable(name: str) -> Expression:
    return lambda scope: scope[name]


def _operation(sign: str, left: Expression, right: Expression) -> Expression:
    if sign in {"&&", "||"}:
        return lambda scope: _decided(left, right, scope, decisive=sign == "||")
    if sign == "+":
        return lambda scope: left(scope) + right(scope)
    if sign == "-":
        return lambda scope: left(scope) - right(scope)
    compare = _COMPARISONS[sign]
    return lambda scope: compare(left(scope), right(scope))


def _decided(left: Expression, right: Expression, scope: Mapping[str, Any], *, decisive: bool) -> bool:
    """`decisive` for `||` is true, for `&&` false: the value that decides even if the other operand is an error."""
    try:
        if bool(left(scope)) is decisive:
            return decisive
    except (CelError, TypeError, ValueError, LookupError):
        if bool(right(scope)) is decisive:
            return decisive
        raise
    return bool(right(scope))


class _Field:
    """The value of a field; `has` asks whether it is there."""

    def __init__(self, value: Expression, name: str) -> None:
        self._value = value
        self._name = name.removeprefix("__").removesuffix("__") if name.startswith("__") else name

    def __call__(self, scope: Mapping[str, Any]) -> Any:
        value = self._value(scope)
        if not isinstance(value, dict) or self._name not in value:
            raise CelError(f"no such key: {self._name}")
        return value[self._name]

    def is_set(self, scope: Mapping[str, Any]) -> bool:
        value = self._value(scope)
        return isinstance(value, dict) and self._name in value


def _field(value: Expression, name: str) -> Expression:
    return _Field(value, name)


def _has(field: Expression) -> Expression:
    if not isinstance(field, _Field):
        raise CelSyntaxError("has() needs a field")
    return field.is_set


def _item(value: Expression, index: Expression) -> Expression:
    return lambda scope: value(scope)[index(scope)]


def _matches(text: str, pattern: str) -> bool:
    import re2

    return re2.search(pattern, text) is not None


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {"has": bool, "size": len, "duration": parse_duration}
_METHODS: dict[str, Callable[..., Any]] = {
    "size": len,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": lambda text, part: part in text,
    "matches": _matches,
}
_MACROS: dict[str, Callable[[list[Any], Callable[[Any], Any]], Any]] = {
    "all": lambda items, fits: all(fits(each) for each in items),
    "exists": lambda items, fits: any(fits(each) for each in items),
    "exists_one": lambda items, fits: sum(bool(fits(each)) for each in items) == 1,
    "filter": lambda items, fits: [each for each in items if fits(each)],
}
