"""The steps on a live release whose target is a Knative Service.

Flagger writes the weights into the Service itself, where they stay when the Canary is deleted: the revision promoted
last would keep all requests (tests/e2e/test_providers.py).
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from chartgen.flagger.schedule.targets.knative import PRIMARY_REVISION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SERVICE = "services.serving.knative.dev"


def steps_before(name: str, namespace: str) -> Iterator[str]:
    """What must hold before the canary is switched on: Flagger takes over the revision that it sees first."""
    yield f"kubectl wait {_SERVICE}/{name} {namespace} --for=condition=Ready --timeout=5m"


def steps_off(name: str, namespace: str, change: Iterable[str]) -> Iterator[str]:
    """The commands that give the traffic back to Knative; `change` takes the Canary away.

    Flagger crashes without its annotation, so the Canary goes first.
    """
    yield (
        f"kubectl get canary/{name} {namespace}   (go on if it is Initialized or Succeeded: after Failed, the last step"
        " would send all requests to the failed revision)"
    )
    yield from change
    patch = {"metadata": {"annotations": {PRIMARY_REVISION: None}}, "spec": {"traffic": None}}
    text = json.dumps(patch, separators=(",", ":"))
    yield f"kubectl patch {_SERVICE}/{name} {namespace} --type=merge --patch={shlex.quote(text)}"
