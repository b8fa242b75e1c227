"""The common parts of Deployments and DaemonSets as targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_mapping, as_str
from chartgen.flagger.names import PRIMARY, SELECTOR_LABELS, chosen_label
from chartgen.flagger.ports import discovered_ports
from chartgen.flagger.schedule import configs
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.state import BOOTSTRAP_PHASES, Selector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.state import Tracked
    from chartgen.flagger.schedule.workloads import Workload

_ID = "flagger-id"


class PodTarget:
    """A target with pods. `kind` and `word` appear in Flagger's errors; `stray` follows their list of labels."""

    kind: str
    word: str
    create_word: str
    stray = ""

    def target(self, run: Reconciliation, label: str | None = None) -> Workload:
        return self._get(run, run.canary.names.target, label)

    def primary(self, run: Reconciliation) -> Workload:
        return self._get(run, run.canary.names.primary)

    def _get(self, run: Reconciliation, name: str, label: str | None = None) -> Workload:
        workload = run.workload(self.kind, name)
        if workload is None:
            namespace = run.canary.names.namespace
            missing = f'{self.word}s.apps "{name}" not found'
            raise StepError(f"{label or self.word} {name}.{namespace} get query error: {missing}")
        return workload

    def selector(self, run: Reconciliation) -> Selector:
        target = self.target(run)
        label, value = self.label(run, target)
        ports = {}
        if run.canary.service.get("portDiscovery") is True:
            containers = as_mapping(target.pod_template.get("spec")).get("containers")
            ports = {name: port.number for name, port in discovered_ports(run.canary.service, containers).items()}
        return Selector(label, value, ports)

    def label(self, run: Reconciliation, workload: Workload) -> tuple[str, str]:
        found = chosen_label(workload.labels)
        if found:
            return found
        names = " ".join(SELECTOR_LABELS)
        raise StepError(
            f"getSelectorLabel failed: {self.word} {workload.name}.{run.canary.names.namespace}"
            f" spec.selector.matchLabels must contain one of [{names}]{self.stray}"
        )

    def initialize(self, run: Reconciliation) -> None:
        try:
            self.require_copyable(run)
            if run.workload(self.kind, run.canary.names.primary) is None:
                self._create_primary(run)
        except StepError as error:
            raise error.within(f"createPrimary{self.create_word} failed") from error
        if run.cached.phase in BOOTSTRAP_PHASES and not run.canary.skip_analysis:
            self.primary_ready(run)

    def _create_primary(self, run: Reconciliation) -> None:
        target = self.target(run)
        label, value = self.label(run, target)
        try:
            tracked = configs.target_configs(run, target)
        except StepError as error:
            raise error.within("GetTargetConfigs failed") from error
        configs.create_primary_configs(run, tracked)
        run.put_workload(self.new_primary(run, target, label, value))

    def require_copyable(self, run: Reconciliation, /) -> None:
        """Raise StepError if Flagger can't create a primary from the target."""

    def new_primary(self, run: Reconciliation, target: Workload, label: str, value: str) -> Workload:
        raise NotImplementedError

    def primary_ready(self, run: Reconciliation) -> None:
        raise NotImplementedError

    def revision(self, run: Reconciliation) -> str:
        return self.target(run).template

    def configs(self, run: Reconciliation) -> Tracked | None:
        try:
            return configs.target_configs(run, self.target(run))
        except StepError as error:
            raise error.within("GetConfigRefs failed: GetTargetConfigs failed") from error

    def configs_changed(self, run: Reconciliation) -> bool:
        return configs.have_changed(run, self.target(run))


def primary_template(template: Mapping[str, Any], label: str, value: str, promotion: str) -> dict[str, Any]:
    """The target's pod template with the primary's label, and a new id that forces a rollout."""
    metadata = as_mapping(template.get("metadata"))
    labels = {**as_mapping(metadata.get("labels")), label: value + PRIMARY}
    annotations = {**as_mapping(metadata.get("annotations")), _ID: promotion}
    return {**template, "metadata": {**metadata, "labels": labels, "annotations": annotations}}


def promotion_id(primary: Workload | None) -> str:
    """A new id for every copy: Flagger's is random, this one counts the copies."""
    metadata = as_mapping(primary.pod_template.get("metadata")) if primary else {}
    copied = as_str(as_mapping(metadata.get("annotations")).get(_ID))
    return str(int(copied) + 1) if copied.isdigit() else "1"
