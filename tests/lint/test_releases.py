"""The releases of a configuration, as in Jenkins X: blocks of an environment's values, helmfiles."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.config.releases import block_of, release_specs
from chartgen.errors import UsageError

if TYPE_CHECKING:
    from typing import Any

    from chartgen.config.release_spec import ReleaseSpec


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**files: str) -> None:
    """The files, `a__b` for `a/b.yaml`."""
    for name, text in files.items():
        path = Path(f"{name.replace('__', '/')}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def specs_for(*entries: Any, chart: str = "charts/myapp") -> list[ReleaseSpec]:
    return list(release_specs(Path("chartgen.yaml"), entries, Path(chart)))


ENVIRONMENT = """\
other: {}
"myapp":
  # quicker here
  canary: {enabled: true}
  more:
  - 1

third:
  canary: 1
"""


def test_a_block_keeps_lines_and_columns() -> None:
    ((path, text),) = block_of(ENVIRONMENT, "myapp", "env/values.yaml").edited
    given, cut = ENVIRONMENT.splitlines(), text.splitlines()
    assert path == "env/values.yaml"
    assert [line.strip() for line in cut[:3]] == ["", "", ""]
    assert [line.rstrip() for line in cut[3:]] == given[3 : len(cut)]
    assert "third" not in text


def test_a_block_may_be_written_in_one_line() -> None:
    ((_, text),) = block_of("a: 1\nmyapp: {canary: {enabled: true}}\n", "myapp", "x").edited
    assert text == "\n" + " " * 7 + "{canary: {enabled: true}}"


def test_the_global_values_of_an_environment_go_over_those_of_its_apps() -> None:
    assert block_of("global: {region: eu}\nmyapp: {a: 1}\n", "myapp", "x").overlay == {"global": {"region": "eu"}}


def test_a_block_with_anchors_from_outside_is_read_all_the_same() -> None:
    values = block_of("base: &base {a: 1}\nmyapp: {<<: *base, b: 2}\n", "myapp", "x")
    assert (values.files, values.overlay) == ((), {"a": 1, "b": 2})


@pytest.mark.parametrize("text", ["other: {}", "myapp: 1", "myapp:", "[1]", "a: b: c", ""])
def test_a_missing_block_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match=r"^env/values.yaml: "):
        block_of(text, "myapp", "env/values.yaml")


# The shape `jx gitops helmfile` writes: one helmfile for each namespace below that of the cluster.
CLUSTER = """\
filepath: ""
environments:
  default: {}
---
helmfiles:
- path: helmfiles/jx-staging/helmfile.yaml
- path: helmfiles/jx-production/helmfile.yaml
- git::https://example.test/more.git@helmfile.yaml
"""
STAGING = """\
namespace: jx-staging
releases:
- chart: dev/myapp
  version: 0.0.1
  name: myapp
  namespace: elsewhere
  values:
  - jx-values.yaml
- chart: dev/myapp
  name: gone
  installed: false
"""
PRODUCTION = """\
missingFileHandler: Warn
releases:
- chart: dev/myapp
  name: shop
  namespace: jx-production
  values:
  - jx-values.yaml
  - canary:
      enabled: true   # at last
  - nowhere.yaml
  set:
  - {name: replicaCount, value: 3}
  - {name: note, value: "a,b"}
  - {name: debug, value: false}
"""


@pytest.fixture
def cluster() -> None:
    write(
        helmfile=CLUSTER,
        **{"helmfiles__jx-staging__helmfile": STAGING, "helmfiles__jx-production__helmfile": PRODUCTION},
        **{"helmfiles__jx-staging__jx-values": "jx: {}", "helmfiles__jx-production__jx-values": "jx: {}"},
    )


@pytest.mark.usefixtures("cluster")
def test_a_helmfile_names_releases_in_those_below_it() -> None:
    staging, production = specs_for({"helmfile": "helmfile.yaml"})
    assert (staging.name, staging.namespace) == ("myapp", "jx-staging")
    assert staging.values.files == ("helmfiles/jx-staging/jx-values.yaml",)
    assert (production.name, production.namespace) == ("shop", "jx-production")
    assert production.sets == ("replicaCount=3", "note=a\\,b", "debug=false")


@pytest.mark.usefixtures("cluster")
def test_an_inline_map_has_its_lines_of_the_helmfile() -> None:
    _, production = specs_for({"helmfile": "helmfile.yaml"})
    helmfile = "helmfiles/jx-production/helmfile.yaml"
    assert production.values.files == ("helmfiles/jx-production/jx-values.yaml", helmfile)
    _, (path, text) = production.values.edited
    assert path == helmfile
    assert text.splitlines()[8].strip() == PRODUCTION.splitlines()[8].strip()
    assert text.index("enabled") - text.rindex("\n", 0, text.index("enabled")) == 7


@pytest.mark.usefixtures("cluster")
def test_the_entrys_values_follow_those_of_the_helmfile() -> None:
    write(mine="a: 1")
    (spec,) = specs_for(
        {"helmfile": "helmfile.yaml", "name": "shop", "namespaces": ["x"], "values": ["mine.yaml"], "set": ["b=2"]}
    )
    assert spec.namespace == "x"
    assert spec.values.files[-1] == "mine.yaml"
    assert spec.sets[-1] == "b=2"


@pytest.mark.parametrize(
    ("chart", "given"),
    [
        ("charts/myapp", "dev/myapp"),
        ("charts/myapp", "./charts/myapp/"),
        ("charts/myapp", "oci://registry.example.test/team/myapp"),
        ("deploy/chart", "deploy/chart"),
        ("deploy/chart", "dev/shop"),
        ("dist/myapp-0.1.0.tgz", "dev/myapp"),
    ],
)
def test_a_chart_is_known_by_folder_name_or_path(chart: str, given: str) -> None:
    write(helmfile=f"releases:\n- {{chart: {given}, name: it}}\n", deploy__chart__Chart="name: shop")
    assert [spec.name for spec in specs_for({"helmfile": "helmfile.yaml"}, chart=chart)] == ["it"]


@pytest.mark.parametrize(
    ("helmfile", "message"),
    [
        ("releases:\n- chart: dev/other\n", "no release of the chart myapp"),
        ("releases: {{ .Values.all }}\n", "helmfiles with templates aren't supported"),
        ("releases:\n- {chart: dev/myapp, values: [values.yaml.gotmpl]}\n", "values with templates aren't supported"),
        ("releases:\n- {chart: dev/myapp, values: [templated.yaml]}\n", "values with templates aren't supported"),
        ("releases:\n- {chart: dev/myapp, values: [nowhere.yaml]}\n", "values: nowhere.yaml: file not found"),
        ("releases: [", "helmfile.yaml: cannot be read"),
        ("[]", "no release"),
        ("releases: 1", "no release"),
        ("releases: [1, {values: 1}]", "no release"),
        ("helmfiles: [{path: helmfile.yaml}]", "no release"),
    ],
)
def test_a_helmfile_without_the_release_or_with_templates_is_refused(helmfile: str, message: str) -> None:
    write(helmfile=helmfile, templated="a: {{ .Values.b }}")
    with pytest.raises(UsageError, match=re.escape(message)):
        specs_for({"helmfile": "helmfile.yaml"})
