"""An API server with its etcd, alone: enough to validate documents, and the base of the whole plane."""

from __future__ import annotations

import json
import re
import subprocess
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from tests.e2e.client import ApiError, Client
from tests.e2e.process import Child, PlaneError, free_ports
from tests.e2e.tools.parts import crd_file, find

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from typing_extensions import Self

# The plane's users; Flagger has its own so that the audit log identifies its ticks.
ADMIN, FLAGGER = "admin", "flagger"
_READY_WITHIN = 60.0
_LOOPBACK = "127.0.0.1"
# A tick of Flagger begins with a GET of its Canary (pkg/controller/scheduler.go:advanceCanary).
_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["ResponseStarted", "ResponseComplete", "Panic"],
    "rules": [
        {
            "level": "Metadata",
            "users": [FLAGGER],
            "verbs": ["get"],
            "resources": [{"group": "flagger.app", "resources": ["canaries"]}],
        },
        {"level": "None"},
    ],
}


def tool(name: str) -> Path:
    found = find(name)
    if found is None:
        raise PlaneError(f"{name} is not there: run `make e2e-tools`")
    return found


class ApiServer:
    """A running API server. Use as a context manager, or call `stop`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.audit_log = folder / "audit.log"
        self._stack = ExitStack()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stack.close()

    def run(self, argv: list[str | Path], variables: dict[str, str] | None = None) -> Child:
        """Start a part that is ended before those started earlier."""
        name = argv[0].name if not isinstance(argv[0], str) else argv[0].rpartition("/")[2]
        started_before = len(list(self.folder.glob(f"{name}*.log")))
        log = self.folder / (f"{name}-{started_before}.log" if started_before else f"{name}.log")
        child = Child.start(argv, log, variables)
        self._stack.callback(child.stop)
        return child

    def _start(self) -> None:
        store, peer, self.port = free_ports(3)
        _write_key(self.folder)
        self.etcd = self.run(_etcd(self.folder, f"http://{_LOOPBACK}:{store}", f"http://{_LOOPBACK}:{peer}"))
        self.api = self.run(_api_server(self.folder, f"http://{_LOOPBACK}:{store}", self.port))
        self.client = self.user(ADMIN)
        self._stack.callback(self.client.close)
        self.kubeconfig = self.write_kubeconfig(ADMIN)
        self._wait_until_ready()

    def user(self, name: str) -> Client:
        return Client(self.port, _token(name))

    def write_kubeconfig(self, user: str) -> Path:
        """A kubeconfig of a user of the plane, in JSON, which is YAML too."""
        path = self.folder / f"kubeconfig-{user}"
        cluster = {"server": f"https://{_LOOPBACK}:{self.port}", "insecure-skip-tls-verify": True}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "plane", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": _token(user)}}],
            "contexts": [{"name": "plane", "context": {"cluster": "plane", "user": user}}],
            "current-context": "plane",
        }
        path.write_text(json.dumps(config))
        path.chmod(0o600)  # Helm warns of one that others can read.
        return path

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + _READY_WITHIN
        while time.monotonic() < end:
            self.api.must_live()
            self.etcd.must_live()
            try:
                if self.client.send("GET", "/readyz").body.get("raw") == "ok":
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise PlaneError(f"kube-apiserver is not ready after {_READY_WITHIN:.0f} s:\n{self.api.tail()}")

    def install_crds(self, *files: str, only: str = "") -> None:
        """Install CRDs of files the build has fetched; `only` is a pattern of the names wanted."""
        names = [name for file in files for name in self._install(crd_file(file).read_text(), only)]
        self.wait_for_crds(names)

    def _install(self, text: str, only: str) -> list[str]:
        documents = [each for each in re.split(r"^---\s*$", text, flags=re.MULTILINE) if "\nkind: Custom" in each]
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        names = []
        for document in documents:
            name = re.search(r"^  name: (\S+)$", document, re.MULTILINE)
            if name and re.search(only, name[1]):
                self.client.must("POST", path, document, content_type="application/yaml")
                names.append(name[1])
        return names

    def install_open_crd(
        self, group: str, versions: Sequence[str], kind: str, plural: str, *, namespaced: bool = True
    ) -> None:
        """A CRD that takes any field: where Flagger only writes and nobody judges."""
        schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        self._create_crd(group, kind, plural, dict.fromkeys(versions, schema), namespaced=namespaced)

    def install_crd(self, group: str, kind: str, specs: Mapping[str, Any]) -> None:
        """A CRD that checks only `spec`: API version -> the schema of `spec`."""
        schemas = {version: {"type": "object", "properties": {"spec": spec}} for version, spec in specs.items()}
        self._create_crd(group, kind, f"{kind.lower()}s", schemas)

    def _create_crd(
        self, group: str, kind: str, plural: str, schemas: Mapping[str, Any], *, namespaced: bool = True
    ) -> None:
        versions = [
            {
                "name": version,
                "served": True,
                "storage": index == 0,
                "schema": {"openAPIV3Schema": schema},
                "subresources": {"status": {}},
            }
            for index, (version, schema) in enumerate(schemas.items())
        ]
        spec = {
            "group": group,
            "scope": "Namespaced" if namespaced else "Cluster",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": versions,
        }
        # Kubernetes reserves groups such as this one for APIs that it has approved.
        annotations = {"api-approved.kubernetes.io": "unapproved, for a test"}
        metadata = {"name": f"{plural}.{group}", "annotations": annotations}
        crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
        self.client.create({**crd, "metadata": metadata, "spec": spec})
        self.wait_for_crds([f"{plural}.{group}"])

    def wait_for_crds(self, names: list[str]) -> None:
        end = time.monotonic() + _READY_WITHIN
        for name in names:
            while not self._established(name):
                if time.monotonic() > end:
                    raise PlaneError(f"the CRD {name} is not established")
                time.sleep(0.05)

    def _established(self, name: str) -> bool:
        crd = self.client.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", name)
        conditions = (crd or {}).get("status", {}).get("conditions") or []
        if not any(each["type"] == "Established" and each["status"] == "True" for each in conditions):
            return False
        assert crd is not None
        served = [version["name"] for version in crd["spec"]["versions"] if version["served"]]
        try:
            # The condition Established precedes discovery and the handlers by some moments.
            for version in served:
                self.client.path(f"{crd['spec']['group']}/{version}", crd["spec"]["names"]["kind"])
        except ApiError:
            return False
        return True


def _token(user: str) -> str:
    return f"token-of-{user}"


def _write_key(folder: Path) -> None:
    key = ["openssl", "genrsa", "-out", str(folder / "sa.key"), "2048"]
    subprocess.run(key, check=True, capture_output=True)
    users = [f"{_token(name)},{name},{name},system:masters\n" for name in (ADMIN, FLAGGER)]
    (folder / "tokens.csv").write_text("".join(users))
    (folder / "audit-policy.json").write_text(json.dumps(_AUDIT_POLICY))


def _etcd(folder: Path, store: str, peer: str) -> list[str | Path]:
    return [
        tool("etcd"),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={store}",
        f"--advertise-client-urls={store}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
        "--log-level=error",
    ]


def _api_server(folder: Path, store: str, port: int) -> list[str | Path]:
    return [
        tool("kube-apiserver"),
        f"--etcd-servers={store}",
        f"--cert-dir={folder / 'certificates'}",
        f"--secure-port={port}",
        f"--bind-address={_LOOPBACK}",
        f"--advertise-address={_LOOPBACK}",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.0.0.0/16",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={folder / 'sa.key'}",
        f"--service-account-signing-key-file={folder / 'sa.key'}",
        "--authorization-mode=RBAC",
        f"--token-auth-file={folder / 'tokens.csv'}",
        f"--audit-policy-file={folder / 'audit-policy.json'}",
        f"--audit-log-path={folder / 'audit.log'}",
        "--audit-log-maxsize=1000",
        # No node controller runs that would take the not-ready taint off the node again.
        "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
    ]
