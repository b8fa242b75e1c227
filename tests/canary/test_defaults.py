"""`add-canary:` in chartgen.yaml: an organization's defaults for new canaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartgen.canary.defaults import with_defaults
from chartgen.canary.options import AddCanaryOptions
from tests.canary.small_charts import small_chart
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path


def test_a_given_option_takes_precedence() -> None:
    options = AddCanaryOptions(provider="linkerd", given=frozenset({"--provider", "--step-weights", "--any-namespace"}))
    configured = {"provider": "istio", "max-weight": 30, "namespaces": ["a"], "interval": "2m", "gateways": ["x/y"]}
    found = with_defaults(options, configured)
    assert (found.provider, found.max_weight, found.interval) == ("linkerd", None, "2m")
    assert (found.gateways, found.namespaces) == (("x/y",), options.namespaces)


def test_no_namespaces_are_any_namespace_switched_off() -> None:
    found = with_defaults(AddCanaryOptions(), {"namespaces": []})
    assert (found.namespaces, found.enabled) == ((), False)


def test_presets_and_defaults_have_an_order() -> None:
    own = {"bold": {"interval": "20s", "threshold": 2, "step-weights": [50, 100]}}
    found = with_defaults(AddCanaryOptions(), {"preset": "bold", "presets": own, "threshold": 7})
    assert (found.interval, found.threshold, found.step_weights) == ("20s", 7, (50, 100))
    assert found.given == frozenset()
    given = AddCanaryOptions(preset="fast", max_weight=40, given=frozenset({"--preset", "--max-weight"}))
    found = with_defaults(given, {"preset": "bold", "presets": own, "threshold": 7})
    assert (found.interval, found.threshold, found.max_weight, found.step_weight) == ("30s", 3, 40, None)
    assert found.given == {"--preset", "--max-weight", "--interval", "--threshold"}


@pytest.mark.slow
def test_a_new_canary_has_them_and_an_existing_one_keeps_its_own(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = small_chart(tmp_path / "shop")
    assert chartgen("add-canary", str(folder), "--namespace", "fair").returncode == 0
    config = tmp_path / "chartgen.yaml"
    config.write_text("add-canary: {namespaces: [town], provider: linkerd, toggle: enabled, interval: 2m}\n")
    done = chartgen("add-canary", str(folder))
    assert done.stdout == "nothing to do: the chart already has this canary\n", done.stderr
    other = small_chart(tmp_path / "other")
    assert chartgen("add-canary", str(other)).returncode == 0
    text = (other / "values.yaml").read_text()
    assert "  enabled: true\n" in text
    for line in ("  - town\n", "  provider: linkerd\n", "    interval: 2m\n"):
        assert line in text


@pytest.mark.slow
def test_a_setting_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = small_chart(tmp_path / "shop")
    (tmp_path / "chartgen.yaml").write_text("add-canary: {providr: linkerd}\n")
    done = chartgen("add-canary", str(folder))
    assert done.returncode == 2
    assert "add-canary.providr is not a setting: did you mean provider?" in done.stderr
