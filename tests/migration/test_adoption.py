"""migrate --adopt: chartgen's template takes the place of the team's, with the team's settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chartgen.canary.slots import FIRST
from chartgen.edits.yaml_print import block_lines
from tests.canary.small_charts import small_chart
from tests.migration.test_migrate import CURRENT, PACK, PACK_VALUES, RECIPE, RECIPE_VALUES, files_of, refused
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path


def adopted(folder: Path, *options: str) -> str:
    """Run migrate --adopt, after which migrate and add-canary have nothing to do; returns its stderr."""
    done = chartgen("migrate", str(folder), "--adopt", *options)
    assert done.returncode == 0, done.stderr
    assert chartgen("migrate", str(folder)).stdout.startswith("nothing to do")
    again = chartgen("add-canary", str(folder))
    assert again.stdout == "nothing to do: the chart already has this canary\n", again.stderr
    return done.stderr


def spec_of(folder: Path, *options: str) -> dict[str, object]:
    """The Canary that the chart renders."""
    done = chartgen("emit", str(folder), "--format", "json", *options)
    assert done.returncode == 0, done.stderr
    spec: dict[str, object] = json.loads(done.stdout)["spec"]
    return spec


def test_the_old_recipe_keeps_its_settings_and_comments(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"values.yaml": f"a: 1\n{RECIPE_VALUES}", "templates/canary.yaml": RECIPE})
    message = adopted(folder)
    assert "Migrated the Canary shop." in message
    values = (folder / "values.yaml").read_text()
    assert "    # failed checks before rollback\n    threshold: 5\n" in values
    assert "      thresholdRange:\n        max: 500   # P99\n" in values
    assert "  namespaces:\n  - jx-production\n" in values
    assert "  progressDeadlineSeconds: 60\n" in values
    spec = spec_of(folder)
    assert spec["service"] == {"hosts": ["shop.example.com"], "port": 8080, "portName": "http", "targetPort": "http"}
    assert set(files_of(folder)) >= set(FIRST.files)
    assert chartgen("remove-canary", str(folder)).returncode == 0
    assert files_of(folder)["values.yaml"] == "a: 1\n"


def test_a_template_of_another_name_is_deleted(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"templates/flagger.yaml": CURRENT})
    adopted(folder)
    assert not (folder / "templates/flagger.yaml").exists()
    assert spec_of(folder)["analysis"] == {
        "interval": "1m",
        "threshold": 5,
        "stepWeight": 20,
        "metrics": [{"name": "request-success-rate", "thresholdRange": {"min": 99}, "interval": "1m"}],
    }


def test_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    files = {"values.yaml": PACK_VALUES.replace("enabled: false", "enabled: true", 1), "templates/canary.yaml": PACK}
    files["templates/canary.yaml"] = files["templates/canary.yaml"].replace("kind: Gateway", "kind: Gateway # ours")
    files["templates/flagger.yaml"] = files.pop("templates/canary.yaml")
    gateway = refused(small_chart(tmp_path / "first", files), "--adopt")
    assert "templates/flagger.yaml:1 reads canary.enabled, and add-canary starts from the chart without" in gateway
    files["templates/flagger.yaml"] = files["templates/flagger.yaml"].replace(".Values.canary.enabled", ".Values.mesh")
    files["values.yaml"] += "mesh: true\n"
    message = adopted(small_chart(tmp_path / "second", files))
    left = (tmp_path / "second/templates/flagger.yaml").read_text()
    assert left == (
        "{{- if .Values.mesh }}\napiVersion: networking.istio.io/v1alpha3\nkind: Gateway # ours\nmetadata:\n"
        "  name: shop\n{{- end }}\n"
    )
    assert "WARNING: nothing reads canary.successRate, canary.latency any more" in message


@pytest.mark.parametrize(
    ("canary", "problem"),
    [
        (CURRENT.replace("  service:", "  skipAnalysis: true\n  service:"), "has no spec.skipAnalysis"),
        (CURRENT.replace("  name: shop\nspec", "  name: mine\nspec"), "the Canary is called mine"),
        (f"{CURRENT}---\n{CURRENT.replace('shop', 'two')}", "the chart renders 2 Canaries: shop, two"),
    ],
)
def test_what_has_no_place_in_the_template_is_refused(tmp_path: Path, canary: str, problem: str) -> None:
    message = refused(small_chart(tmp_path, {"templates/canary.yaml": canary}), "--adopt")
    assert problem in message
    assert f"chartgen migrate {tmp_path}" in message


def test_a_file_with_two_canaries_of_which_one_renders_is_refused(tmp_path: Path) -> None:
    switched = f"{CURRENT}---\n{{{{- if .Values.cart }}}}\n{CURRENT}{{{{- end }}}}\n"
    message = refused(small_chart(tmp_path, {"templates/flagger.yaml": switched}), "--adopt")
    assert "templates/flagger.yaml: the Canary can't be separated from the rest of the template" in message


def test_a_block_that_begins_in_the_canary_and_ends_outside_is_refused(tmp_path: Path) -> None:
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
    spread = f"{CURRENT}{{{{- if not .Values.absent }}}}\n---\n{other}{{{{- end }}}}\n"
    message = refused(small_chart(tmp_path, {"templates/flagger.yaml": spread}), "--adopt")
    assert "templates/flagger.yaml: the Canary can't be separated from the rest of the template" in message


def test_a_dry_run_names_every_file(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"templates/flagger.yaml": CURRENT})
    before = files_of(folder)
    done = chartgen("migrate", str(folder), "--adopt", "--check")
    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        [
            "would create templates/_canary.tpl",
            "would create templates/canary.yaml",
            "would change templates/deployment.yaml",
            "would delete templates/flagger.yaml",
            "would change templates/service.yaml",
            "would change values.yaml",
        ],
    )
    assert files_of(folder) == before


def test_values_are_printed_so_that_helm_reads_them_back() -> None:
    helm = pytest.importorskip("helm_python")
    value = {
        "a": 1,
        "yes": "no",
        "empty": {"map": {}, "list": [], "text": "", "null": None},
        "list": ["1:30", {"x": 1.5, "y": [True, ["deep"]]}, "# not a comment"],
        "query": "sum(\n  rate(x[1m])\n)\n",
        "odd": "a\n\n b \n",
    }
    assert helm.values_from_yaml("\n".join(block_lines(value)) + "\n") == value
