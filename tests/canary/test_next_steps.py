"""The commands that add-canary and remove-canary print for a live release, as the given helm reads them."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.canary.small_charts import SERVICE, added, small_chart
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def rendered(helm: Path, step: str) -> str:
    """What the release of a printed command renders, without a cluster."""
    words = shlex.split(step.partition("   (")[0])
    at = next(number for number, word in enumerate(words) if word in {"install", "upgrade"})
    command = [str(helm), "template", *words[at + 1 :]]
    environment = {**os.environ, "KUBECONFIG": os.devnull}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def steps(told: str) -> list[str]:
    """The commands of Helm among the numbered steps."""
    return [line.split(". ", 1)[1] for line in told.splitlines() if ". helm upgrade r " in line]


def test_the_commands_have_the_values_that_the_release_needs(tmp_path: Path, helm_binary: Path) -> None:
    port = SERVICE.replace("port: 80\n", 'port: {{ required "a port" .Values.port }}\n')
    folder = small_chart(tmp_path / "shop", {"templates/service.yaml": port})
    values = tmp_path / "my values.yaml"
    values.write_text("port: 8080\n")
    given = ("--values", str(values), "--set", "note=it's,other=1", "--release-name", "r")
    told = added(folder, *given)
    on, off = steps(told)
    assert "kind: Canary" in rendered(helm_binary, on)
    assert "kind: Canary" not in rendered(helm_binary, off)
    removed = chartgen("remove-canary", str(folder), *given).stderr
    (step,) = steps(removed)
    assert "port: 8080" in rendered(helm_binary, step)


def test_the_steps_name_every_namespace(tmp_path: Path) -> None:
    folder, said = small_chart(tmp_path), "The steps are for namespace a. Repeat them for b and c.\n"
    assert f"\n{said}" in added(folder, "--namespace", "a", "--namespace", "b", "--namespace", "c")
    assert f"\n{said}" in added(folder, "--host", "shop.brand.test")
    assert said not in added(folder, "--interval", "30s")
    assert f"\n  {said}" in chartgen("remove-canary", str(folder)).stderr
    assert "The steps are for" not in added(small_chart(tmp_path / "one"), "--namespace", "a")


def test_a_switch_that_is_on_by_the_values_needs_no_option(tmp_path: Path, helm_binary: Path) -> None:
    folder = small_chart(tmp_path)
    told = added(folder, "--release-name", "r")
    on, _ = steps(told)
    command, _, hint = on.partition("   (")
    assert hint == "if the release's own values say false, add --set canary.enable=true)"
    assert "kind: Canary" in rendered(helm_binary, command)
    off_by_values = f"{command} --set canary.enable=false"
    assert "kind: Canary" not in rendered(helm_binary, off_by_values)
    assert "kind: Canary" in rendered(helm_binary, f"{off_by_values} --set canary.enable=true")


def test_the_fields_for_argo_cd_are_those_of_the_release_with_its_values(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    told = added(folder, "--delivery", "argocd", "--set", "a=b c", "--release-name", "r")
    (line,) = [line for line in told.splitlines() if "ignore-differences" in line]
    words = shlex.split(line.partition("what this prints: ")[2])
    assert words[-2:] == ["--set", "a=b c"]
    done = chartgen(*words[1:])
    assert (done.returncode, "name: shop" in done.stdout) == (0, True)
