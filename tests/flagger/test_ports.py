"""The ports Flagger's Services get, in every shape of `spec.service` (pkg/canary/util.go:getPorts)."""

from __future__ import annotations

from typing import Any

import pytest

from chartgen.flagger.ports import app_ports, discovered_ports, target_port

APP: dict[str, Any] = {
    "name": "app",
    "ports": [{"name": "http", "containerPort": 8080}, {"containerPort": 9090}, {"name": "web", "containerPort": 80}],
}
SIDECAR: dict[str, Any] = {"name": "istio-proxy", "ports": [{"name": "envoy", "containerPort": 15090}]}
EXTRA: dict[str, Any] = {"name": "extra", "ports": [{"name": "web", "containerPort": 81}]}


@pytest.mark.parametrize(
    ("service", "port", "discovered"),
    [
        ({"port": 80}, 80, {"http": 8080, "tcp-app-1": 9090}),
        ({"port": 80, "targetPort": 0}, 80, {"http": 8080, "tcp-app-1": 9090}),
        ({"port": 80, "targetPort": "0"}, 80, {"http": 8080, "tcp-app-1": 9090}),
        ({"port": 80, "targetPort": None}, 80, {"http": 8080, "tcp-app-1": 9090}),
        ({"port": 80, "targetPort": 8080}, 8080, {"tcp-app-1": 9090, "web": 80}),
        ({"port": 80, "targetPort": "http"}, "http", {"tcp-app-1": 9090, "web": 80}),
        # A number in quotes is a name, which no port has; the empty name is that of every unnamed port.
        ({"port": 80, "targetPort": "8080"}, "8080", {"http": 8080, "tcp-app-1": 9090, "web": 80}),
        ({"port": 80, "targetPort": ""}, "", {"http": 8080, "web": 80}),
    ],
)
def test_all_ports_but_the_services_own_are_discovered(
    service: dict[str, Any], port: int | str, discovered: dict[str, int]
) -> None:
    assert target_port(service) == port
    found = discovered_ports(service, [APP, SIDECAR])
    assert {name: port.number for name, port in found.items()} == discovered


def test_the_last_port_of_a_name_counts_and_keeps_its_place() -> None:
    found = discovered_ports({"port": 1}, [SIDECAR, APP, EXTRA])
    assert (found["web"].container, found["web"].index, found["web"].number) == (2, 0, 81)
    assert [port.number for port in app_ports([SIDECAR, APP, EXTRA])] == [8080, 9090, 80, 81]


@pytest.mark.parametrize("containers", [None, "x", [None], [{"ports": "x"}], [{"ports": [1]}]])
def test_odd_containers_are_read_as_far_as_they_go(containers: object) -> None:
    assert all(port.number == 0 for port in discovered_ports({}, containers).values())
