"""All rules, by id. A test fails when a rule's module is missing here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.api_version_not_served import ApiVersionNotServed
from chartgen.rules.canary_outside_gated_namespaces import CanaryOutsideGatedNamespaces
from chartgen.rules.canary_refused import CanaryRefused
from chartgen.rules.canary_values_schema import CanaryValuesSchema
from chartgen.rules.chart_does_not_render import ChartDoesNotRender
from chartgen.rules.chart_service_collides_with_apex import ChartServiceCollidesWithApex
from chartgen.rules.custom_metric_without_source import CustomMetricWithoutSource
from chartgen.rules.duration_without_max import DurationWithoutMax
from chartgen.rules.fractional_number import FractionalNumber
from chartgen.rules.gate_never_opens import GateNeverOpens
from chartgen.rules.hpa_without_autoscaler_ref import HpaWithoutAutoscalerRef
from chartgen.rules.interval_below_ten_seconds import IntervalBelowTenSeconds
from chartgen.rules.interval_not_parsable import IntervalNotParsable
from chartgen.rules.max_weight_over_100 import MaxWeightOver100
from chartgen.rules.selector_label_missing import SelectorLabelMissing
from chartgen.rules.step_missing_or_zero import StepMissingOrZero
from chartgen.rules.step_overshoots_max import StepOvershootsMax
from chartgen.rules.step_weight_above_max import StepWeightAboveMax
from chartgen.rules.step_weights_not_ascending import StepWeightsNotAscending
from chartgen.rules.success_rate_without_min import SuccessRateWithoutMin
from chartgen.rules.target_not_found import TargetNotFound
from chartgen.rules.toggle_does_nothing import ToggleDoesNothing
from chartgen.rules.unknown_field_pruned import UnknownFieldPruned
from chartgen.rules.values_defaults_missing import ValuesDefaultsMissing

if TYPE_CHECKING:
    from chartgen.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    ApiVersionNotServed,
    CanaryOutsideGatedNamespaces,
    CanaryRefused,
    CanaryValuesSchema,
    ChartDoesNotRender,
    ChartServiceCollidesWithApex,
    CustomMetricWithoutSource,
    DurationWithoutMax,
    FractionalNumber,
    GateNeverOpens,
    HpaWithoutAutoscalerRef,
    IntervalBelowTenSeconds,
    IntervalNotParsable,
    MaxWeightOver100,
    SelectorLabelMissing,
    StepMissingOrZero,
    StepOvershootsMax,
    StepWeightAboveMax,
    StepWeightsNotAscending,
    SuccessRateWithoutMin,
    TargetNotFound,
    ToggleDoesNothing,
    UnknownFieldPruned,
    ValuesDefaultsMissing,
)
