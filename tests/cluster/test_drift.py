"""What `drift` finds in Git and how it edits it, without a cluster: only the version lines change."""

from __future__ import annotations

import base64
import gzip
import json
import re
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from chartgen.cluster.drift.drift import Drift
from chartgen.cluster.drift.gitops import names_given_to
from chartgen.cluster.drift.helm_history import Revision, revisions
from chartgen.cluster.drift.repository import Repository
from chartgen.cluster.drift.revert import GitState, commit_message, git_state, reverted
from chartgen.cluster.drift.sites import Site
from chartgen.cluster.drift.versions import Change, image_changes, repository_of, tag_of
from chartgen.errors import ConflictError, UsageError, WriteError
from chartgen.reporters.drift_formats import DRIFT_FORMATS, Reported
from chartgen.resources import schema
from tests.cluster.hostile import HOSTILE, assert_harmless
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = Change("image", "registry.test/shop/web", "registry.test/shop/web:v2", "registry.test/shop/web:v1")
CHART = Change("chart", "web", "1.3.0", "1.2.9")
DRIFT = Drift(
    "web", "prod", "Failed", (IMAGE, CHART), "web", frozenset({"web"}), "Halt web.prod success rate 42% < 99%"
)

# Name of a file, its text with what must change in «old|new», all else stays.
FILES = {
    "values.yaml": "image:\n  repository: registry.test/shop/web # ours\n  tag: «v2|v1»   # bumped\nreplicas: 2\n",
    "env/web/values.yaml": "# generated\nimage: {tag: '«v2|v1»', pullPolicy: Always}\n",
    "env/values.yaml": 'api:\n  image:\n    tag: v2\nweb:\n  image:\n    tag: "«v2|v1»"\nimage: {tag: v2}\n',
    "helmfiles/prod/helmfile.yaml": (
        "releases:\n- chart: dev/web\n  version: «1.3.0|1.2.9»\n  name: web\n- chart: dev/api\n  version: 1.3.0\n  name: api\n"
        "  set:\n  - name: image.tag\n    value: v2\n"
    ),
    "env/requirements.yaml": (
        "dependencies:\n- name: web\n  repository: http://charts.test\n  version: «1.3.0|1.2.9»\n- name: api\n  version: 1.3.0\n"
    ),
    "flux/web.yaml": (
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: prod}\n---\n"
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: web\nspec:\n"
        "  chart:\n    spec:\n      chart: web\n      version: «1.3.0|1.2.9»\n"
        "      sourceRef: {kind: HelmRepository, name: charts}\n  values:\n    image:\n      tag: «v2|v1»\n"
        "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: api}\nspec:\n"
        "  values: {image: {tag: v2}}\n"
    ),
    "argo/web.yaml": (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n"
        "    chart: web\n    targetRevision: «1.3.0|1.2.9»\n    helm:\n      parameters:\n      - name: image.tag\n"
        "        value: «v2|v1»\n      valuesObject:\n        image:\n          tag: «v2|v1»\n      values: |\n"
        "        # ours\n        image:\n          tag: «v2|v1» # here\n        other: v2\n"
    ),
    "kustomize/kustomization.yaml": "images:\n- name: registry.test/shop/web\n  newTag: «v2|v1»\n- name: x/api\n  newTag: v2\n",
    "plain/web.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n"
        "      - name: web\n        image: «registry.test/shop/web:v2|registry.test/shop/web:v1»\n"
        "      - {name: side, image: registry.test/side:v2}\n"
    ),
    "crlf.yaml": "web:\r\n  image:\r\n    tag: «v2|v1»\r\n",
    "other.yaml": "image:\n  repository: registry.test/shop/api\n  tag: v2\nversion: 1.3.0\n",
    "templates/web.yaml": "tag: {{ .Values.tag }}\n{{- if v2 }}\n",
}


def _sides(text: str) -> tuple[str, str]:
    before, after = (re.sub(r"«(.*?)\|(.*?)»", side, text) for side in (r"\1", r"\2"))
    return before, after


@pytest.fixture
def clone(tmp_path: Path) -> Repository:
    return made(tmp_path / "clone", {path: _sides(text)[0] for path, text in FILES.items()})


def made(folder: Path, files: dict[str, str]) -> Repository:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Ann")
    git(folder, "config", "user.email", "ann@example.com")
    commit_all(folder, "Deploy web v2")
    return Repository.at(folder)


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True)
    return done.stdout


def commit_all(folder: Path, subject: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", subject)


@pytest.mark.parametrize("path", FILES)
def test_only_the_versions_change(path: str, clone: Repository) -> None:
    before, after = _sides(FILES[path])
    files = {path: before.encode()}
    changed = reverted(files, git_state(DRIFT, files, clone).desired)
    assert changed.get(path, files[path]) == after.encode()


def test_a_second_time_there_is_nothing_to_do(clone: Repository) -> None:
    files = clone.files()
    changed = files | reverted(files, git_state(DRIFT, files, clone).desired)
    state = git_state(DRIFT, changed, clone)
    assert state.desired == ()
    assert len(state.running) >= 10
    assert Reported(DRIFT, state).git_is_true


def test_a_version_that_yaml_would_read_as_a_number_is_quoted(clone: Repository) -> None:
    image = replace(IMAGE, running="registry.test/shop/web:1.10")
    files = {"values.yaml": b"web:\n  tag: v2\n"}
    changed = reverted(files, git_state(replace(DRIFT, changes=(image,)), files, clone).desired)
    assert changed["values.yaml"] == b'web:\n  tag: "1.10"\n'


def test_lines_that_could_be_another_apps_are_not_touched(clone: Repository) -> None:
    files = {"a.yaml": b"image: {tag: v2}\n", "b.yaml": b"image: {tag: v2}\n"}
    with pytest.raises(ConflictError) as error:
        git_state(DRIFT, files, clone)
    assert "2 lines set v2, and none names web" in error.value.message
    only = git_state(DRIFT, {"a.yaml": files["a.yaml"]}, clone)
    assert [site.new for site in only.desired] == ["v1"]
    once = git_state(DRIFT, reverted({"a.yaml": files["a.yaml"]}, only.desired), clone)
    assert Reported(DRIFT, once).git_is_true


FLUX = (
    "kind: HelmRelease\nmetadata: {name: NAME, namespace: PLACE}\nspec: {chart: {spec: {chart: web, version: 1.3.0}}, "
    "values: {image: {repository: shop/web, tag: v2}}MORE}\n"
)
ARGO = (
    "kind: Application\nmetadata: {name: NAME, namespace: argocd}\nspec:\n  destination: {namespace: PLACE}\n"
    "  sources:\n  - {chart: web, targetRevision: 1.3.0MORE}\n"
)
HELMFILE = "TOPreleases:\n- {name: NAME, chart: dev/web, version: 1.3.0MORE}\n"


def _written(text: str, name: str = "web", namespace: str = "prod", more: str = "", top: str = "") -> str:
    return text.replace("NAME", name).replace("PLACE", namespace).replace("MORE", more).replace("TOP", top)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (_written(FLUX), 2),
        (_written(FLUX, name="shop", more=", releaseName: web"), 2),
        (_written(FLUX, namespace="flux-system", more=", targetNamespace: prod, releaseName: web"), 2),
        (_written(FLUX, namespace="'${SPACE}'"), 2),
        (_written(FLUX, name="api"), 0),
        (_written(FLUX, namespace="staging"), 0),
        (_written(FLUX, more=", targetNamespace: staging"), 0),
        (_written(ARGO), 1),
        (_written(ARGO, name="shop", more=", helm: {releaseName: web}"), 1),
        (_written(ARGO, name="api"), 0),
        (_written(ARGO, namespace="staging"), 0),
        (_written(HELMFILE), 1),
        (_written(HELMFILE, top="namespace: prod\n"), 1),
        (_written(HELMFILE, more=", namespace: prod"), 1),
        (_written(HELMFILE, name="api"), 0),
        (_written(HELMFILE, top="namespace: staging\n"), 0),
        (_written(HELMFILE, more=", namespace: staging"), 0),
        ("kind: Deployment\nmetadata: {name: web, namespace: staging}\nimage: registry.test/shop/web:v2\n", 0),
        ("namespace: staging\nweb: {image: {tag: v2}}\n", 1),
        ("namespace: staging\nimages:\n- {name: registry.test/shop/web, newTag: v2}\n", 0),
    ],
)
def test_what_another_release_or_namespace_wants_is_not_the_apps(text: str, count: int, clone: Repository) -> None:
    state = git_state(DRIFT, {"all.yaml": text.encode()}, clone)
    assert len(state.desired) == count, text


def test_values_in_a_quoted_text_are_left_to_the_user(clone: Repository) -> None:
    text = 'kind: Application\nmetadata: {name: web}\nspec: {source: {helm: {values: "image:\\n  tag: v2\\n"}}}\n'
    files = {"web.yaml": text.encode()}
    (site,) = git_state(DRIFT, files, clone).desired
    with pytest.raises(ConflictError, match="chartgen can't set it alone") as error:
        reverted(files, (site,))
    assert error.value.hint == "set it to v1 by hand"


def test_the_labels_of_a_workload_name_its_release() -> None:
    labels = {"app.kubernetes.io/instance": "shop", "helm.toolkit.fluxcd.io/name": "shop-release"}
    tracking = {"argocd.argoproj.io/tracking-id": "team_shop-app:apps/Deployment:prod/web"}
    workload = {"metadata": {"labels": labels, "annotations": tracking}}
    assert names_given_to(workload) == {"shop", "shop-release", "shop-app"}
    assert names_given_to({"metadata": {}}) == set()


def test_the_chart_goes_back_with_its_image_by_the_history(tmp_path: Path) -> None:
    text = (
        "kind: HelmRelease\nmetadata: {name: web}\nspec:\n  chart: {spec: {chart: web, version: 1.2.9}}\n"
        "  values: {image: {tag: v1}}\n"
    )
    clone = made(tmp_path, {"web.yaml": text})
    (tmp_path / "web.yaml").write_text(text.replace("v1", "v2").replace("1.2.9", "1.3.0"))
    commit_all(tmp_path, "Deploy web v2")
    files = clone.files()
    state = git_state(replace(DRIFT, changes=(IMAGE,)), files, clone)
    assert reverted(files, state.desired)["web.yaml"].decode() == text


def test_a_branch_gets_one_commit_and_the_work_tree_stays(clone: Repository) -> None:
    files = clone.files()
    state = git_state(DRIFT, files, clone)
    changed = reverted(files, state.desired)
    message = commit_message(DRIFT, state.desired)
    commit = clone.commit("revert-web", changed, message)
    assert git(clone.root, "status", "--porcelain") == ""
    assert git(clone.root, "branch", "--show-current").strip() == "main"
    assert git(clone.root, "rev-parse", "revert-web^").strip() == git(clone.root, "rev-parse", "main").strip()
    assert git(clone.root, "log", "-1", "--format=%B", "revert-web").rstrip() == message.rstrip()
    assert message.startswith("Revert web to v1: its canary was rolled back\n\n")
    assert "success rate 42% < 99%" in message
    shown = git(clone.root, "diff", "--numstat", "main", "revert-web").split("\n")
    assert all(line.split("\t")[0] == line.split("\t")[1] for line in shown if line)
    assert clone.commit("revert-web", changed, message) == commit
    with pytest.raises(WriteError, match="branch revert-web exists"):
        clone.commit("revert-web", {"values.yaml": b"{}\n"}, message)
    with pytest.raises(UsageError):
        clone.commit("-x", changed, message)


def test_a_folder_inside_a_clone_is_enough(clone: Repository) -> None:
    inner = Repository.at(clone.root / "flux")
    files = inner.files()
    assert list(files) == ["web.yaml"]
    changed = reverted(files, git_state(DRIFT, files, inner).desired)
    inner.commit("revert-web", changed, "x")
    assert git(clone.root, "diff", "--name-only", "main", "revert-web").split() == ["flux/web.yaml"]


def test_links_out_of_the_clone_are_not_read(clone: Repository, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("web: {tag: v2}\n")
    (clone.root / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    commit_all(clone.root, "x")
    assert "link.yaml" not in clone.files()


def test_a_folder_without_git_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError):
            Repository.at(folder)


@pytest.mark.parametrize(
    ("image", "repository", "tag"),
    [
        ("web", "web", ""),
        ("web:v1", "web", "v1"),
        ("registry.test:5000/shop/web", "registry.test:5000/shop/web", ""),
        ("registry.test:5000/shop/web:1.0@sha256:ab", "registry.test:5000/shop/web", "1.0"),
    ],
)
def test_an_image_has_a_repository_and_a_tag(image: str, repository: str, tag: str) -> None:
    assert (repository_of(image), tag_of(image)) == (repository, tag)


def test_images_are_compared_by_container() -> None:
    def workload(*images: str) -> dict[str, Any]:
        containers = [{"name": f"c{index}", "image": image} for index, image in enumerate(images)]
        return {"spec": {"template": {"spec": {"containers": containers}}}}

    assert image_changes(workload("web:v2", "side:1"), workload("web:v1", "side:1")) == [
        Change("image", "web", "web:v2", "web:v1")
    ]
    assert image_changes(workload("web:v2"), workload("web:v2")) == []


class Secrets:
    """Answers as the API server does for the Secrets of a release."""

    def __init__(self, *releases: dict[str, Any]) -> None:
        packed = [base64.b64encode(base64.b64encode(gzip.compress(json.dumps(each).encode()))) for each in releases]
        self._items = [{"data": {"release": each.decode()}} for each in packed] + [{"data": {"release": "?"}}]

    def request(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        assert path == "/api/v1/namespaces/prod/secrets"
        assert query["labelSelector"] == "owner=helm,name=web"
        return {"items": self._items}


def test_the_revisions_of_a_release_are_read() -> None:
    def release(number: int, tag: str) -> dict[str, Any]:
        return {
            "version": number,
            "info": {"status": "deployed"},
            "chart": {"metadata": {"name": "web", "version": f"1.{number}.0"}},
            "manifest": f'---\nspec:\n  containers:\n  - image: "web:{tag}"\n',
        }

    found = revisions(Secrets(release(1, "v1"), release(2, "v10")), "prod", "web")  # type: ignore[arg-type]
    assert [(each.number, each.version) for each in found] == [(2, "1.2.0"), (1, "1.1.0")]
    assert isinstance(found[0], Revision)
    assert [each.number for each in found if each.runs(["web:v1"])] == [1]


@pytest.mark.parametrize("name", DRIFT_FORMATS)
def test_each_format_shows_both_versions(name: str, clone: Repository) -> None:
    files = clone.files()
    state = git_state(DRIFT, files, clone)
    hostile = replace(DRIFT, reason="\x1b[2J\n::error::x")
    text = DRIFT_FORMATS[name]([Reported(hostile, state), Reported(replace(DRIFT, changes=()))])
    assert "v2" in text
    assert "v1" in text
    assert "\x1b" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    if name == "json":
        jsonschema.validate(json.loads(text), schema("drift-v1.schema.json"))
    if name == "junit":
        assert ET.fromstring(text)[0].get("failures") == "1"


@pytest.mark.parametrize("name", DRIFT_FORMATS)
def test_hostile_text_is_harmless_in_every_field(name: str) -> None:
    site = Site(HOSTILE, 1, 0, (HOSTILE, "tag"), (), HOSTILE, HOSTILE, "image", sure=True)
    change = Change("image", HOSTILE, f"{HOSTILE}:v2", f"{HOSTILE}:v1")
    names = {"canary": HOSTILE, "namespace": HOSTILE, "phase": HOSTILE, "release": HOSTILE, "reason": HOSTILE}
    hostile = replace(DRIFT, **names, changes=(change,), objects=(site,))  # type: ignore[arg-type]
    for is_reverted in (False, True):
        reported = Reported(hostile, GitState((site,), (site,)), reverted=is_reverted)
        assert_harmless(name, DRIFT_FORMATS[name]([reported]))


def test_nothing_is_said_without_drift() -> None:
    assert DRIFT_FORMATS["text"]([Reported(replace(DRIFT, changes=(), under_way=True))]) == ""


def test_options_that_need_others_are_refused() -> None:
    for words in (["--revert"], ["--branch", "x"], ["--git", "x", "--branch", "y"]):
        done = chartgen("drift", *words)
        assert done.returncode == 2
        assert "requires" in done.stderr


def test_a_committer_is_named_where_git_knows_none(clone: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    for name in ("EMAIL", *(f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL"))):
        monkeypatch.delenv(name, raising=False)
    git(clone.root, "config", "--unset", "user.name")
    git(clone.root, "config", "--unset", "user.email")
    git(clone.root, "config", "user.useConfigOnly", "true")
    clone.commit("revert", {"values.yaml": b"a: 1\n"}, "Revert web\n")
    assert git(clone.root, "log", "-1", "--format=%an <%ae>", "revert") == "chartgen <chartgen@localhost>\n"


def test_a_repository_without_commits_is_one_clear_line(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    with pytest.raises(UsageError, match=r"^git rev-parse: fatal: "):
        Repository.at(tmp_path).commit("revert", {}, "Revert web\n")
