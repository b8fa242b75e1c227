"""Which labels tell the series of a query's result apart: with any, there may be several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.rules.reading.promql import bare, is_set_operation, matchers_of, name_of, number_in, operator, result_type

if TYPE_CHECKING:
    from collections.abc import Callable

_ONE_SERIES = ("absent", "absent_over_time", "vector", "scalar", "time", "pi")
_KEEP_SERIES = ("topk", "bottomk", "limitk", "limit_ratio")


class Labels(NamedTuple):
    """The labels of a result. `open`: all labels that its series have, but for `names`; else just `names`.

    `pinned` have one value in all its series.
    """

    names: frozenset[str] = frozenset()
    open: bool = False
    pinned: frozenset[str] = frozenset()

    @property
    def distinguish(self) -> bool:
        """Whether there can be several series."""
        return self.open or bool(self.names - self.pinned)

    @property
    def is_bare(self) -> bool:
        """Whether the series has no label at all."""
        return not self.open and not self.names

    def has(self, label: str) -> bool:
        """Whether a series can have the label."""
        return (label not in self.names) if self.open else label in self.names

    def only(self, kept: frozenset[str]) -> Labels:
        return Labels(frozenset(each for each in kept if self.has(each)), open=False, pinned=self.pinned & kept)

    def less(self, dropped: frozenset[str]) -> Labels:
        names = self.names | dropped if self.open else self.names - dropped
        return Labels(names, self.open, self.pinned - dropped)


NONE = Labels()


def labels_of(expression: Any) -> Labels:
    """The labels of an expression's result. What isn't known counts as open."""
    expression = bare(expression)
    if result_type(expression) in {"scalar", "string"}:
        return NONE
    return _READERS[name_of(expression)](expression)


def _of_selector(selector: Any) -> Labels:
    return Labels(open=True, pinned=frozenset(label for label, how, _ in matchers_of(selector) if how == "Equal"))


def _of_call(call: Any) -> Labels:
    function, arguments = call.func.name, list(call.args)
    vectors = [each for each in arguments if result_type(each) in {"vector", "matrix"}]
    if function in _ONE_SERIES or not vectors:
        return NONE
    labels = labels_of(vectors[0])
    if function in {"label_replace", "label_join"}:
        return Labels(open=True, pinned=labels.pinned) if labels.distinguish else labels
    return labels.less(frozenset({"le"})) if function == "histogram_quantile" else labels


def _of_aggregation(aggregation: Any) -> Labels:
    inner, how = labels_of(aggregation.expr), operator(aggregation)
    if how in _KEEP_SERIES and number_in(aggregation.param) != 1:
        return inner
    modifier = aggregation.modifier
    if modifier is None:
        labels = NONE
    elif str(modifier.type).endswith("By"):
        labels = inner.only(frozenset(modifier.labels))
    else:
        labels = inner.less(frozenset(modifier.labels))
    if how == "count_values":
        return Labels(labels.names | {"value"}, labels.open, labels.pinned)
    return labels


def _of_binary(binary: Any) -> Labels:
    left, right = labels_of(binary.lhs), labels_of(binary.rhs)
    if result_type(binary.lhs) == "scalar":
        return right
    if result_type(binary.rhs) == "scalar":
        return left
    matching = str(binary.modifier.matching or "") if binary.modifier else ""
    if is_set_operation(binary):
        # `or` adds every series of the right side whose labels the left side hasn't.
        same = operator(binary) != "or" or (left.is_bare and right.is_bare) or matching.startswith("on")
        return left if same else Labels(open=True)
    card = str(binary.modifier.card).rsplit(".", 1)[-1] if binary.modifier else "OneToOne"
    sides = {"ManyToOne": left, "OneToMany": right}
    return sides[card] if card in sides else _of_pairs(left, right, matching)


def _of_pairs(left: Labels, right: Labels, matching: str) -> Labels:
    """The labels where each series of the left side has one partner on the right side."""
    named = frozenset(each.strip() for each in matching.partition("(")[2].rpartition(")")[0].split(",") if each.strip())
    if matching.startswith("on"):
        return left.only(named)
    if not left.distinguish or not right.distinguish:
        return right if left.distinguish else left
    return left.less(named) if matching.startswith("ignoring") else left


_READERS: dict[str, Callable[[Any], Labels]] = {
    "VectorSelector": _of_selector,
    "MatrixSelector": lambda matrix: labels_of(matrix.vector_selector),
    "SubqueryExpr": lambda subquery: labels_of(subquery.expr),
    "UnaryExpr": lambda unary: labels_of(unary.expr),
    "Call": _of_call,
    "AggregateExpr": _of_aggregation,
    "BinaryExpr": _of_binary,
}
