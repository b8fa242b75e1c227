"""All rules, by id. A test fails when a rule's module is missing here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.ab_match_unsupported_key import AbMatchUnsupportedKey
from chartgen.rules.ab_query_params_lost_on_istio import AbQueryParamsLostOnIstio
from chartgen.rules.ab_unsupported_by_provider import AbUnsupportedByProvider
from chartgen.rules.acceptance_test_as_rollout_hook import AcceptanceTestAsRolloutHook
from chartgen.rules.alert_provider_not_found import AlertProviderNotFound
from chartgen.rules.alert_without_severity import AlertWithoutSeverity
from chartgen.rules.analysis_checks_nothing import AnalysisChecksNothing
from chartgen.rules.anti_affinity_not_rewritten import AntiAffinityNotRewritten
from chartgen.rules.apex_metadata_volatile import ApexMetadataVolatile
from chartgen.rules.apex_name_differs_from_chart_service import ApexNameDiffersFromChartService
from chartgen.rules.api_version_not_served import ApiVersionNotServed
from chartgen.rules.appmesh_settings import AppmeshSettings
from chartgen.rules.authorizationpolicy_selector_misses_primary import AuthorizationpolicySelectorMissesPrimary
from chartgen.rules.autoscaler_ref_legacy_version import AutoscalerRefLegacyVersion
from chartgen.rules.autoscaler_ref_not_found import AutoscalerRefNotFound
from chartgen.rules.autoscaling_api_removed import AutoscalingApiRemoved
from chartgen.rules.builtin_metrics_on_l4_provider import BuiltinMetricsOnL4Provider
from chartgen.rules.builtin_name_with_template import BuiltinNameWithTemplate
from chartgen.rules.canary_analysis_field_renamed import CanaryAnalysisFieldRenamed
from chartgen.rules.canary_ingress_copies_other_paths import CanaryIngressCopiesOtherPaths
from chartgen.rules.canary_not_guarded_by_crd_check import CanaryNotGuardedByCrdCheck
from chartgen.rules.canary_outside_gated_namespaces import CanaryOutsideGatedNamespaces
from chartgen.rules.canary_refused import CanaryRefused
from chartgen.rules.canary_undersized import CanaryUndersized
from chartgen.rules.canary_values_schema import CanaryValuesSchema
from chartgen.rules.chart_does_not_render import ChartDoesNotRender
from chartgen.rules.chart_service_collides_with_apex import ChartServiceCollidesWithApex
from chartgen.rules.config_reference_missing import ConfigReferenceMissing
from chartgen.rules.configmap_binary_data import ConfigmapBinaryData
from chartgen.rules.confirm_gate_path import ConfirmGatePath
from chartgen.rules.contour_match_form import ContourMatchForm
from chartgen.rules.cross_namespace_ref_blocked import CrossNamespaceRefBlocked
from chartgen.rules.custom_metric_without_limit import CustomMetricWithoutLimit
from chartgen.rules.custom_metric_without_source import CustomMetricWithoutSource
from chartgen.rules.daemonset_builtin_metrics import DaemonsetBuiltinMetrics
from chartgen.rules.delegation_with_hosts import DelegationWithHosts
from chartgen.rules.destinationrule_for_apex_host import DestinationruleForApexHost
from chartgen.rules.duplicate_canary_target import DuplicateCanaryTarget
from chartgen.rules.duplicate_host_two_canaries import DuplicateHostTwoCanaries
from chartgen.rules.duration_in_seconds import DurationInSeconds
from chartgen.rules.duration_without_max import DurationWithoutMax
from chartgen.rules.extra_service_ports_lost import ExtraServicePortsLost
from chartgen.rules.field_newer_than_installed_flagger import FieldNewerThanInstalledFlagger
from chartgen.rules.fixed_name_object_in_chart import FixedNameObjectInChart
from chartgen.rules.fractional_number import FractionalNumber
from chartgen.rules.gate_never_opens import GateNeverOpens
from chartgen.rules.gateway_not_qualified import GatewayNotQualified
from chartgen.rules.gateway_refs_missing import GatewayRefsMissing
from chartgen.rules.gatewayapi_cors_allow_origins import GatewayapiCorsAllowOrigins
from chartgen.rules.gatewayapi_header_match_form import GatewayapiHeaderMatchForm
from chartgen.rules.gateways_without_mesh import GatewaysWithoutMesh
from chartgen.rules.header_key_not_lowercase import HeaderKeyNotLowercase
from chartgen.rules.hook_without_metadata_for_load_tester import HookWithoutMetadataForLoadTester
from chartgen.rules.hosts_empty_or_placeholder import HostsEmptyOrPlaceholder
from chartgen.rules.hpa_without_autoscaler_ref import HpaWithoutAutoscalerRef
from chartgen.rules.httproute_collides import HttprouteCollides
from chartgen.rules.ignored_field_for_strategy import IgnoredFieldForStrategy
from chartgen.rules.ingress_backend_not_apex import IngressBackendNotApex
from chartgen.rules.ingress_in_front_is_not_in_mesh import IngressInFrontIsNotInMesh
from chartgen.rules.ingress_ref_missing import IngressRefMissing
from chartgen.rules.ingress_rule_without_http import IngressRuleWithoutHttp
from chartgen.rules.interval_below_ten_seconds import IntervalBelowTenSeconds
from chartgen.rules.interval_not_parsable import IntervalNotParsable
from chartgen.rules.interval_or_threshold_missing import IntervalOrThresholdMissing
from chartgen.rules.istio_injection_missing import IstioInjectionMissing
from chartgen.rules.istio_tcp_with_http_settings import IstioTcpWithHttpSettings
from chartgen.rules.iterations_without_synthetic_traffic import IterationsWithoutSyntheticTraffic
from chartgen.rules.jx_internal_port import JxInternalPort
from chartgen.rules.jx_knative_deploy_with_canary import JxKnativeDeployWithCanary
from chartgen.rules.keda_paused_annotation import KedaPausedAnnotation
from chartgen.rules.keda_scaler_queries import KedaScalerQueries
from chartgen.rules.knative_provider_mismatch import KnativeProviderMismatch
from chartgen.rules.kubernetes_api_removed import KubernetesApiRemoved
from chartgen.rules.kubernetes_provider_with_weights import KubernetesProviderWithWeights
from chartgen.rules.load_test_hits_apex import LoadTestHitsApex
from chartgen.rules.match_without_iterations import MatchWithoutIterations
from chartgen.rules.max_weight_over_100 import MaxWeightOver100
from chartgen.rules.metric_interval_below_scrape import MetricIntervalBelowScrape
from chartgen.rules.metric_template_secret import MetricTemplateSecret
from chartgen.rules.metric_threshold_deprecated import MetricThresholdDeprecated
from chartgen.rules.metric_window_mismatch import MetricWindowMismatch
from chartgen.rules.metrics_server_address import MetricsServerAddress
from chartgen.rules.metrics_without_traffic import MetricsWithoutTraffic
from chartgen.rules.mirror_unsupported import MirrorUnsupported
from chartgen.rules.multiple_ingresses_for_one_app import MultipleIngressesForOneApp
from chartgen.rules.names_too_long import NamesTooLong
from chartgen.rules.networkpolicy_selector_misses_primary import NetworkpolicySelectorMissesPrimary
from chartgen.rules.nginx_match_form import NginxMatchForm
from chartgen.rules.no_alert_on_deadline import NoAlertOnDeadline
from chartgen.rules.no_graceful_shutdown import NoGracefulShutdown
from chartgen.rules.other_service_selects_target_label import OtherServiceSelectsTargetLabel
from chartgen.rules.pdb_selector_misses_primary import PdbSelectorMissesPrimary
from chartgen.rules.policy_budget import PolicyBudget
from chartgen.rules.policy_hook import PolicyHook
from chartgen.rules.policy_metric import PolicyMetric
from chartgen.rules.policy_placement import PolicyPlacement
from chartgen.rules.policy_schema import PolicySchema
from chartgen.rules.policy_skip_analysis import PolicySkipAnalysis
from chartgen.rules.policy_weight import PolicyWeight
from chartgen.rules.port_discovery_collision import PortDiscoveryCollision
from chartgen.rules.port_discovery_with_gateway import PortDiscoveryWithGateway
from chartgen.rules.port_name_protocol import PortNameProtocol
from chartgen.rules.pre_rollout_tests_wrong_service import PreRolloutTestsWrongService
from chartgen.rules.primary_cookie_needs_interval import PrimaryCookieNeedsInterval
from chartgen.rules.progress_deadline_below_startup import ProgressDeadlineBelowStartup
from chartgen.rules.provider_not_recognised import ProviderNotRecognised
from chartgen.rules.readiness_probe_missing import ReadinessProbeMissing
from chartgen.rules.ready_threshold_too_low import ReadyThresholdTooLow
from chartgen.rules.recreate_strategy import RecreateStrategy
from chartgen.rules.reloader_annotation_on_target import ReloaderAnnotationOnTarget
from chartgen.rules.replicas_hardcoded_on_target import ReplicasHardcodedOnTarget
from chartgen.rules.revert_on_deletion_missing import RevertOnDeletionMissing
from chartgen.rules.rollback_hook_always_true import RollbackHookAlwaysTrue
from chartgen.rules.rotated_secret_tracked import RotatedSecretTracked
from chartgen.rules.same_apex_two_canaries import SameApexTwoCanaries
from chartgen.rules.selector_label_missing import SelectorLabelMissing
from chartgen.rules.selector_label_not_unique import SelectorLabelNotUnique
from chartgen.rules.service_missing_or_port_zero import ServiceMissingOrPortZero
from chartgen.rules.service_name_differs_breaks_metrics import ServiceNameDiffersBreaksMetrics
from chartgen.rules.service_port_changed_by_canary import ServicePortChangedByCanary
from chartgen.rules.service_target_builtin_metrics import ServiceTargetBuiltinMetrics
from chartgen.rules.service_type_not_clusterip import ServiceTypeNotClusterip
from chartgen.rules.servicemonitor_selector_misses_primary import ServicemonitorSelectorMissesPrimary
from chartgen.rules.session_affinity_cookie_names import SessionAffinityCookieNames
from chartgen.rules.session_affinity_unsupported import SessionAffinityUnsupported
from chartgen.rules.skip_analysis_left_on import SkipAnalysisLeftOn
from chartgen.rules.skip_analysis_needs_analysis_block import SkipAnalysisNeedsAnalysisBlock
from chartgen.rules.skipper_ingress_without_annotations import SkipperIngressWithoutAnnotations
from chartgen.rules.source_labels_without_mesh import SourceLabelsWithoutMesh
from chartgen.rules.step_missing_or_zero import StepMissingOrZero
from chartgen.rules.step_overshoots_max import StepOvershootsMax
from chartgen.rules.step_weight_above_max import StepWeightAboveMax
from chartgen.rules.step_weights_not_ascending import StepWeightsNotAscending
from chartgen.rules.strategy_ambiguous import StrategyAmbiguous
from chartgen.rules.success_rate_as_fraction import SuccessRateAsFraction
from chartgen.rules.success_rate_without_min import SuccessRateWithoutMin
from chartgen.rules.suspend_left_on import SuspendLeftOn
from chartgen.rules.target_kind_unsupported import TargetKindUnsupported
from chartgen.rules.target_not_found import TargetNotFound
from chartgen.rules.target_port_not_a_container_port import TargetPortNotAContainerPort
from chartgen.rules.template_braces_eaten_by_helm import TemplateBracesEatenByHelm
from chartgen.rules.template_metric_without_interval import TemplateMetricWithoutInterval
from chartgen.rules.template_query_not_about_canary import TemplateQueryNotAboutCanary
from chartgen.rules.template_query_not_single_value import TemplateQueryNotSingleValue
from chartgen.rules.template_ref_not_found import TemplateRefNotFound
from chartgen.rules.threshold_not_below_analysis_ticks import ThresholdNotBelowAnalysisTicks
from chartgen.rules.threshold_one import ThresholdOne
from chartgen.rules.toggle_does_not_remove_canary import ToggleDoesNotRemoveCanary
from chartgen.rules.toggle_does_nothing import ToggleDoesNothing
from chartgen.rules.toggle_leaves_app_unexposed import ToggleLeavesAppUnexposed
from chartgen.rules.traffic_increase_gate_ineffective import TrafficIncreaseGateIneffective
from chartgen.rules.traffic_policy_field_pruned import TrafficPolicyFieldPruned
from chartgen.rules.unknown_field_pruned import UnknownFieldPruned
from chartgen.rules.values_defaults_missing import ValuesDefaultsMissing
from chartgen.rules.values_type_mismatch import ValuesTypeMismatch
from chartgen.rules.virtualservice_collides import VirtualserviceCollides
from chartgen.rules.volatile_pod_template import VolatilePodTemplate
from chartgen.rules.webhook_host_not_qualified import WebhookHostNotQualified
from chartgen.rules.webhook_timeout_below_command import WebhookTimeoutBelowCommand
from chartgen.rules.webhook_timeout_sum import WebhookTimeoutSum
from chartgen.rules.webhook_type_invalid import WebhookTypeInvalid
from chartgen.rules.webhook_url_hardcoded_namespace import WebhookUrlHardcodedNamespace
from chartgen.rules.webhook_url_invalid import WebhookUrlInvalid
from chartgen.rules.wildcard_host_in_mesh import WildcardHostInMesh

if TYPE_CHECKING:
    from chartgen.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    AbMatchUnsupportedKey,
    AbQueryParamsLostOnIstio,
    AbUnsupportedByProvider,
    AcceptanceTestAsRolloutHook,
    AlertProviderNotFound,
    AlertWithoutSeverity,
    AnalysisChecksNothing,
    AntiAffinityNotRewritten,
    ApexMetadataVolatile,
    ApexNameDiffersFromChartService,
    ApiVersionNotServed,
    AppmeshSettings,
    AuthorizationpolicySelectorMissesPrimary,
    AutoscalerRefLegacyVersion,
    AutoscalerRefNotFound,
    AutoscalingApiRemoved,
    BuiltinMetricsOnL4Provider,
    BuiltinNameWithTemplate,
    CanaryAnalysisFieldRenamed,
    CanaryIngressCopiesOtherPaths,
    CanaryNotGuardedByCrdCheck,
    CanaryOutsideGatedNamespaces,
    CanaryRefused,
    CanaryUndersized,
    CanaryValuesSchema,
    ChartDoesNotRender,
    ChartServiceCollidesWithApex,
    ConfigReferenceMissing,
    ConfigmapBinaryData,
    ConfirmGatePath,
    ContourMatchForm,
    CrossNamespaceRefBlocked,
    CustomMetricWithoutLimit,
    CustomMetricWithoutSource,
    DaemonsetBuiltinMetrics,
    DelegationWithHosts,
    DestinationruleForApexHost,
    DuplicateCanaryTarget,
    DuplicateHostTwoCanaries,
    DurationInSeconds,
    DurationWithoutMax,
    ExtraServicePortsLost,
    FieldNewerThanInstalledFlagger,
    FixedNameObjectInChart,
    FractionalNumber,
    GateNeverOpens,
    GatewayNotQualified,
    GatewayRefsMissing,
    GatewayapiCorsAllowOrigins,
    GatewayapiHeaderMatchForm,
    GatewaysWithoutMesh,
    HeaderKeyNotLowercase,
    HookWithoutMetadataForLoadTester,
    HostsEmptyOrPlaceholder,
    HpaWithoutAutoscalerRef,
    HttprouteCollides,
    IgnoredFieldForStrategy,
    IngressBackendNotApex,
    IngressInFrontIsNotInMesh,
    IngressRefMissing,
    IngressRuleWithoutHttp,
    IntervalBelowTenSeconds,
    IntervalNotParsable,
    IntervalOrThresholdMissing,
    IstioInjectionMissing,
    IstioTcpWithHttpSettings,
    IterationsWithoutSyntheticTraffic,
    JxInternalPort,
    JxKnativeDeployWithCanary,
    KedaPausedAnnotation,
    KedaScalerQueries,
    KnativeProviderMismatch,
    KubernetesApiRemoved,
    KubernetesProviderWithWeights,
    LoadTestHitsApex,
    MatchWithoutIterations,
    MaxWeightOver100,
    MetricIntervalBelowScrape,
    MetricTemplateSecret,
    MetricThresholdDeprecated,
    MetricWindowMismatch,
    MetricsServerAddress,
    MetricsWithoutTraffic,
    MirrorUnsupported,
    MultipleIngressesForOneApp,
    NamesTooLong,
    NetworkpolicySelectorMissesPrimary,
    NginxMatchForm,
    NoAlertOnDeadline,
    NoGracefulShutdown,
    OtherServiceSelectsTargetLabel,
    PdbSelectorMissesPrimary,
    PolicyBudget,
    PolicyHook,
    PolicyMetric,
    PolicyPlacement,
    PolicySchema,
    PolicySkipAnalysis,
    PolicyWeight,
    PortDiscoveryCollision,
    PortDiscoveryWithGateway,
    PortNameProtocol,
    PreRolloutTestsWrongService,
    PrimaryCookieNeedsInterval,
    ProgressDeadlineBelowStartup,
    ProviderNotRecognised,
    ReadinessProbeMissing,
    ReadyThresholdTooLow,
    RecreateStrategy,
    ReloaderAnnotationOnTarget,
    ReplicasHardcodedOnTarget,
    RevertOnDeletionMissing,
    RollbackHookAlwaysTrue,
    RotatedSecretTracked,
    SameApexTwoCanaries,
    SelectorLabelMissing,
    SelectorLabelNotUnique,
    ServiceMissingOrPortZero,
    ServiceNameDiffersBreaksMetrics,
    ServicePortChangedByCanary,
    ServiceTargetBuiltinMetrics,
    ServiceTypeNotClusterip,
    ServicemonitorSelectorMissesPrimary,
    SessionAffinityCookieNames,
    SessionAffinityUnsupported,
    SkipAnalysisLeftOn,
    SkipAnalysisNeedsAnalysisBlock,
    SkipperIngressWithoutAnnotations,
    SourceLabelsWithoutMesh,
    StepMissingOrZero,
    StepOvershootsMax,
    StepWeightAboveMax,
    StepWeightsNotAscending,
    StrategyAmbiguous,
    SuccessRateAsFraction,
    SuccessRateWithoutMin,
    SuspendLeftOn,
    TargetKindUnsupported,
    TargetNotFound,
    TargetPortNotAContainerPort,
    TemplateBracesEatenByHelm,
    TemplateMetricWithoutInterval,
    TemplateQueryNotAboutCanary,
    TemplateQueryNotSingleValue,
    TemplateRefNotFound,
    ThresholdNotBelowAnalysisTicks,
    ThresholdOne,
    ToggleDoesNotRemoveCanary,
    ToggleDoesNothing,
    ToggleLeavesAppUnexposed,
    TrafficIncreaseGateIneffective,
    TrafficPolicyFieldPruned,
    UnknownFieldPruned,
    ValuesDefaultsMissing,
    ValuesTypeMismatch,
    VirtualserviceCollides,
    VolatilePodTemplate,
    WebhookHostNotQualified,
    WebhookTimeoutBelowCommand,
    WebhookTimeoutSum,
    WebhookTypeInvalid,
    WebhookUrlHardcodedNamespace,
    WebhookUrlInvalid,
    WildcardHostInMesh,
)
