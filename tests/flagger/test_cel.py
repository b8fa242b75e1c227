"""The rules of CRDs that are written in CEL."""

from __future__ import annotations

from typing import Any

import pytest

from chartgen.flagger.crd.cel import CelSyntaxError, compiled
from chartgen.flagger.groups import GROUPS
from chartgen.resources import schema

_ABSOLUTE = "(self.type in ['Exact','PathPrefix']) ? self.value.startsWith('/') : true"
_ONCE = "self.filter(f, f.type == 'URLRewrite').size() <= 1"
_PORT = "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true"
_LONG = "!(has(self.request) && has(self.backend) && duration(self.backend) > duration(self.request))"


@pytest.mark.parametrize(
    ("rule", "value", "fits"),
    [
        ("duration(self) >= duration('1ms')", "5s", True),
        ("duration(self) >= duration('1ms')", "0s", False),
        ("duration(self) >= duration('1ms')", "soon", False),
        (_ABSOLUTE, {"type": "Exact", "value": "/a"}, True),
        (_ABSOLUTE, {"type": "Exact", "value": "a"}, False),
        (_ABSOLUTE, {"type": "RegularExpression", "value": "a"}, True),
        (_ONCE, [{"type": "URLRewrite"}], True),
        (_ONCE, [{"type": "URLRewrite"}, {"type": "URLRewrite"}], False),
        (_PORT, {"group": "", "kind": "Service", "port": 1}, True),
        (_PORT, {"group": "", "kind": "Service"}, False),
        (_LONG, {"request": "5s", "backend": "10s"}, False),
        (_LONG, {"request": "5s", "backend": "5s"}, True),
        (_LONG, {"request": "5s"}, True),
        ("self.all(a, self.exists_one(b, a.n == b.n))", [{"n": 1}, {"n": 2}], True),
        ("self.all(a, self.exists_one(b, a.n == b.n))", [{"n": 1}, {"n": 1}], False),
        ("has(self.__namespace__) && self.__namespace__ == 'x'", {"namespace": "x"}, True),
        # An error of one operand is hidden if the other decides, and else fails the rule.
        ("self.missing == 1 || true", {}, True),
        ("true || self.missing == 1", {}, True),
        ("self.missing == 1 && true", {}, False),
        ("self.missing == 1", {}, False),
        ('self.matches(r"""^/[a-z"\']+$""")', '/a"b', True),
        ("self[0] - 1 + 2 != 3 || -self[0] == -2", [2], True),
        ("!('*' in self && self.size() > 1)", ["*", "a"], False),
    ],
)
def test_rules_hold_as_in_the_api_server(rule: str, value: Any, fits: bool) -> None:
    assert compiled(rule)(value) is fits


@pytest.mark.parametrize("rule", ["self.", "self.lowerAscii()", "isURL(self)", "self == 'a", "(self", "has(self)", "§"])
def test_what_is_not_understood_is_an_error_and_not_a_guess(rule: str) -> None:
    with pytest.raises(CelSyntaxError):
        compiled(rule)


def test_every_rule_of_the_providers_is_understood() -> None:
    def rules(node: Any) -> list[str]:
        if isinstance(node, list):
            return [rule for each in node for rule in rules(each)]
        if not isinstance(node, dict):
            return []
        own = [rule["rule"] for rule in node.get("x-kubernetes-validations") or ()]
        return [*own, *(rule for each in node.values() for rule in rules(each))]

    data = schema("provider-crds.json")
    assert len({compiled(rule) for rule in rules(data)}) > 50
    assert {kind: GROUPS[kind] for kind in data} == {kind: entry["group"] for kind, entry in data.items()}
    assert all(entry["source"] for entry in data.values())
