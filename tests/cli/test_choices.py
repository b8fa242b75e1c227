"""The choices that the command line offers are those that the code behind it has."""

from __future__ import annotations

from typing import get_args

import pytest

from chartgen.api import settings
from chartgen.canary import options
from chartgen.cli import choices
from chartgen.flagger.providers import PROVIDERS
from chartgen.reporters import plan_registry, registry
from chartgen.reporters.preflight_formats import PREFLIGHT_FORMATS
from chartgen.rules.rule import Severity
from tests.running import chartgen


def test_the_formats_are_those_of_the_reporters() -> None:
    assert get_args(choices.LintFormat) == tuple(registry.FORMATS)
    assert get_args(choices.PlanFormat) == tuple(plan_registry.FORMATS)
    assert get_args(choices.PreflightFormat) == tuple(PREFLIGHT_FORMATS)


def test_the_providers_of_add_canary_are_those_of_flagger() -> None:
    assert sorted(provider.name for provider in PROVIDERS) == list(choices.ADD_CANARY_PROVIDERS)


def test_the_deliveries_are_those_of_the_options() -> None:
    assert get_args(settings.Delivery) == options.DELIVERIES


def test_the_severities_are_those_of_the_rules() -> None:
    names = tuple(severity.value for severity in Severity)
    assert get_args(settings.MinSeverity) == names
    assert get_args(settings.FailOn) == (*names, "never")


@pytest.mark.parametrize(
    "arguments",
    [
        ["lint", ".", "--format", "yaml"],
        ["lint", ".", "--fail-on", "fatal"],
        ["lint", ".", "--min-severity", "never"],
        ["lint", ".", "--color", "sometimes"],
        ["rules", "--format", "html"],
        ["explain", "threshold-one", "--format", "yaml"],
        ["plan", ".", "--format", "png"],
        ["emit", ".", "--format", "text"],
        ["add-canary", ".", "--format", "yaml"],
        ["add-canary", ".", "--api-version", "v1"],
        ["add-canary", ".", "--toggle", "on"],
        ["add-canary", ".", "--delivery", "spinnaker"],
    ],
    ids=" ".join,
)
def test_a_value_that_is_not_offered_is_rejected_with_those_that_are(arguments: list[str]) -> None:
    done = chartgen(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "is not one of" in done.stderr
    assert arguments[-2] in done.stderr
