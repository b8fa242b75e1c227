"""Another run of add-canary: a given option changes its setting at its place, everything else stays."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

import pytest

from tests.canary.small_charts import small_chart
from tests.canary.test_whole_charts import files_of
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

NOTHING = "nothing to do: the chart already has this canary\n"
DEFAULT_GATEWAYS = "+gateways: [jx-gateway.istio-system.svc.cluster.local, mesh]"
FIRST = ("--namespace", "fair", "--provider", "smi:v1alpha2", "--host", "shop.example.com", "--step-weight", "5")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = small_chart(tmp_path)
    done = chartgen("add-canary", str(folder), *FIRST)
    assert done.returncode == 0, done.stderr
    return folder


def values_after(folder: Path, *options: str) -> list[str]:
    """The changed lines of values.yaml, with - and +; nothing else changes, and the run after has nothing to do."""
    before = files_of(folder)
    check = chartgen("add-canary", str(folder), *options, "--check")
    assert (check.returncode, check.stdout) == (1, "would change values.yaml\n"), check.stderr
    done = chartgen("add-canary", str(folder), *options)
    assert (done.returncode, done.stdout) == (0, "change values.yaml\n"), done.stderr
    after = files_of(folder)
    assert {path for path in after if after[path] != before.get(path)} == {"values.yaml"}
    assert chartgen("add-canary", str(folder), *options).stdout == NOTHING
    assert chartgen("add-canary", str(folder)).stdout == NOTHING
    lines = difflib.ndiff(before["values.yaml"].decode().splitlines(), after["values.yaml"].decode().splitlines())
    return [line[0] + line[2:].strip() for line in lines if line[0] in "+-"]


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        (["--interval", "30s"], ["-interval: 60s", "+interval: 30s"]),
        (["--threshold", "2"], ["-threshold: 5", "+threshold: 2"]),
        (["--max-weight", "40"], ["-maxWeight: 50", "+maxWeight: 40"]),
        (
            ["--step-weights", "1,5"],
            [
                "-# max traffic percentage routed to canary",
                "-# percentage (0-100)",
                "-maxWeight: 50",
                "-# canary increment step",
                "-# percentage (0-100)",
                "-stepWeight: 5",
                "+stepWeights: [1, 5]",
            ],
        ),
        (["--namespace", "market"], ["-- fair", "+- market"]),
        (["--namespace", "fair", "--namespace", "on"], ['+- "on"']),
        (["--any-namespace"], ["-namespaces:", "+namespaces: []", "-- fair"]),
        (["--host", "*.example.com"], ["-- shop.example.com", '+- "*.example.com"']),
        (["--gateway", "a/b"], ["+gateways: [a/b]"]),
        (["--provider", "istio"], ["-provider: smi:v1alpha2", "+provider: istio", DEFAULT_GATEWAYS]),
        (["--progress-deadline", "90"], ["-progressDeadlineSeconds: 600", "+progressDeadlineSeconds: 90"]),
    ],
    ids=lambda value: " ".join(value) if value[0].startswith("--") and " " not in value[0] else "",
)
def test_an_option_changes_its_setting_only(options: list[str], changed: list[str], folder: Path) -> None:
    assert values_after(folder, *options) == changed


def test_a_provider_without_weights_gets_iterations_and_a_request_as_check(folder: Path) -> None:
    assert chartgen("add-canary", str(folder), "--provider", "kubernetes").returncode == 0
    text = (folder / "values.yaml").read_text()
    assert "provider: kubernetes\n" in text
    assert "    iterations: 10\n" in text
    assert "      - name: smoke-test\n" in text
    assert ("maxWeight:" in text, "stepWeight:" in text) == (False, False)
    assert chartgen("add-canary", str(folder)).stdout == NOTHING


def test_the_step_weight_replaces_the_step_weights(folder: Path) -> None:
    values_after(folder, "--step-weights", "1,5")
    changed = values_after(folder, "--step-weight", "20")
    assert sorted(changed) == ["+maxWeight: 50", "+stepWeight: 20", "-stepWeights: [1, 5]"]


def test_comments_that_a_team_wrote_above_a_removed_setting_stay(folder: Path) -> None:
    values = folder / "values.yaml"
    text = values.read_text()
    values.write_text(
        text.replace("    # canary increment step\n", "    # five of ten users\n").replace(
            "    maxWeight: 50\n", "    # ask the market team\n    maxWeight: 50\n"
        )
    )
    assert values_after(folder, "--step-weights", "1,5") == ["-maxWeight: 50", "-stepWeight: 5", "+stepWeights: [1, 5]"]
    assert "    # five of ten users\n    # percentage (0-100)\n" in values.read_text()


def test_every_line_of_the_file_ends_as_before_when_comments_go(folder: Path) -> None:
    values = folder / "values.yaml"
    values.write_bytes(values.read_bytes().replace(b"\n", b"\r\n"))
    assert "-# canary increment step" in values_after(folder, "--step-weights", "1,5")
    assert values.read_bytes().count(b"\n") == values.read_bytes().count(b"\r\n")


def test_the_same_options_have_nothing_to_do(folder: Path) -> None:
    done = chartgen("add-canary", str(folder), *FIRST)
    assert (done.returncode, done.stdout, done.stderr) == (0, NOTHING, "")
    report = json.loads(chartgen("add-canary", str(folder), *FIRST, "--format", "json").stdout)
    assert (report["written"], report["changes"]) == (False, [])


def test_the_users_own_text_stays(folder: Path) -> None:
    values = folder / "values.yaml"
    text = values.read_text().replace(
        "    interval: 60s\n    # max", "    interval: '60s'   # each minute\n    # max", 1
    )
    text = text.replace("  - fair\n", "  - fair # the stand\n  # and\n  - 'market'\n")
    values.write_text(text)
    assert values_after(folder, "--interval", "30s") == [
        "-interval: '60s'   # each minute",
        "+interval: '30s'   # each minute",
    ]
    assert values_after(folder, "--namespace", "fair", "--namespace", "town") == ["-- 'market'", "+- 'town'"]


def test_settings_that_are_missing_are_added(folder: Path) -> None:
    values = folder / "values.yaml"
    values.write_text("canary:\n  enable: false\n  canaryAnalysis: {threshold: 5, iterations: 3}\nother: 1\n")
    values_after(folder, "--interval", "30s", "--namespace", "town", "--host", "a.b")
    assert values.read_text() == (
        "canary:\n  enable: false\n  # namespaces in which a release renders the Canary ([]: in every namespace)\n"
        '  namespaces:\n  - town\n  canaryAnalysis: {threshold: 5, iterations: 3, "interval": "30s"}\n'
        "  service:\n    hosts: [a.b]\n    gateways: [jx-gateway.istio-system.svc.cluster.local, mesh]\nother: 1\n"
    )


def test_a_setting_that_cannot_be_edited_is_named_with_the_reason(folder: Path) -> None:
    values = folder / "values.yaml"
    values.write_text(
        "base: &base {interval: 60s, threshold: 5, iterations: 3}\ncanary:\n  enable: true\n  canaryAnalysis: *base\n"
    )
    before = files_of(folder)
    done = chartgen("add-canary", str(folder), "--interval", "30s", "--threshold", "3")
    assert done.returncode == 2
    assert "--interval: values.yaml: canary.canaryAnalysis.interval is shared through a YAML anchor" in done.stderr
    assert "--threshold: values.yaml: canary.canaryAnalysis.threshold is shared through a YAML anchor" in done.stderr
    assert "edit values.yaml by hand" in done.stderr
    assert files_of(folder) == before
    assert chartgen("add-canary", str(folder)).stdout == NOTHING


def test_the_toggle_is_renamed(folder: Path) -> None:
    done = chartgen("add-canary", str(folder), "--toggle", "enabled")
    assert done.returncode == 0, done.stderr
    assert "\n  enabled: true\n" in (folder / "values.yaml").read_text()
    assert chartgen("add-canary", str(folder)).stdout == NOTHING
    assert chartgen("emit", str(folder)).returncode == 0


def test_metrics_follow_the_api_version(folder: Path) -> None:
    before = files_of(folder)
    assert chartgen("add-canary", str(folder), "--api-version", "v1alpha3").returncode == 0
    values = (folder / "values.yaml").read_text()
    assert ("thresholdRange" in values, "threshold: 99" in values) == (False, True)
    assert "apiVersion: flagger.app/v1alpha3" in (folder / "templates" / "canary.yaml").read_text()
    assert chartgen("add-canary", str(folder), "--api-version", "v1beta1").returncode == 0
    assert json.loads(chartgen("emit", str(folder), "--format", "json").stdout)["spec"]["analysis"]["metrics"][0] == {
        "name": "request-success-rate",
        "interval": "60s",
        "thresholdRange": {"min": 99},
    }
    assert files_of(folder)["templates/canary.yaml"] == before["templates/canary.yaml"]


def test_namespaces_set_for_one_release_are_used_and_not_written(folder: Path) -> None:
    shown = chartgen("emit", str(folder), "--set", "canary.namespaces={town}", "--format", "json")
    assert json.loads(shown.stdout)["metadata"]["namespace"] == "town"
    assert chartgen("add-canary", str(folder), "--set", "canary.namespaces={town}").stdout == NOTHING


def test_any_namespace_leaves_a_canary_that_is_on_alone(folder: Path) -> None:
    done = chartgen("add-canary", str(folder), "--any-namespace")
    assert "  enable: true\n" in (folder / "values.yaml").read_text()
    assert "WARNING: canary.enable is true in values.yaml, so every release gets a canary" in done.stderr


def test_any_namespace_starts_switched_off(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    done = chartgen("add-canary", str(folder), "--any-namespace")
    assert "  enable: false\n" in (folder / "values.yaml").read_text()
    (closing,) = [part for part in done.stderr.split("\n\n") if part.startswith("The Canary renders")]
    assert closing.startswith(
        "The Canary renders nowhere yet: canary.enable is false, since every release would get a canary on the next"
        " merge. Switch it on for a release with --set canary.enable=true"
    )


def test_the_crd_guard_is_kept(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    assert chartgen("add-canary", str(folder), "--crd-guard").returncode == 0
    canary = folder / "templates" / "canary.yaml"
    assert '.Capabilities.APIVersions.Has "flagger.app/v1beta1"' in canary.read_text()
    assert values_after(folder, "--interval", "30s") == ["-interval: 60s", "+interval: 30s"]
    assert chartgen("add-canary", str(folder), "--no-crd-guard").returncode == 0
    assert ".Capabilities" not in canary.read_text()
