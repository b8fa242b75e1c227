"""chartgen's verdict on a document is the API server's, for fresh random documents and five releases of Flagger."""

from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING

import pytest

from chartgen.flagger.crd import admit
from tests.admission import Answer, _unknown_fields, differences
from tests.conftest import LONG_RUN
from tests.e2e.apiserver import ApiServer
from tests.e2e.documents import document, schemas
from tests.e2e.tools.parts import FLAGGER, FLAGGER_CRDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.client import Client, JsonObject
    from tests.e2e.plane import Plane

pytestmark = pytest.mark.alone

KINDS = {"Canary": "canaries", "MetricTemplate": "metrictemplates", "AlertProvider": "alertproviders"}
OLDER = tuple(release for release in FLAGGER_CRDS if release != FLAGGER)
DOCUMENTS = 4000 if LONG_RUN else 800
# New ones each time; a failure prints the seed to reproduce it.
SEED = int(os.environ.get("CHARTGEN_E2E_SEED") or random.SystemRandom().randrange(10**6))


def _differences(client: Client, release: str) -> Iterator[str]:
    served = {kind: schemas(client, f"{plural}.flagger.app", "v1beta1") for kind, plural in KINDS.items()}
    chance, accepted = random.Random(f"{SEED} {release}"), 0
    for _ in range(DOCUMENTS):
        kind = chance.choice(("Canary", "Canary", "Canary", "MetricTemplate", "AlertProvider"))
        made = document(served[kind], kind, chance)
        answer = _answer(client, made)
        accepted += answer.accepted
        for line in differences(answer, admit(made, release)):
            yield f"{line}\n  {json.dumps(made)}"
    if not 0.05 < accepted / DOCUMENTS < 0.95:
        yield f"{accepted} of {DOCUMENTS} accepted: too lopsided to show anything"


def _answer(client: Client, made: JsonObject) -> Answer:
    answer = client.dry_run(made)
    return Answer(
        line=0,
        document=made,
        code=answer.code,
        pruned=frozenset(_unknown_fields(answer.warnings)),
        refused=frozenset(),
        stored=None,
        message=str(answer.body.get("message", "")),
    )


def test_verdicts_are_those_of_the_plane(plane: Plane) -> None:
    found = list(_differences(plane.client, FLAGGER))
    assert found == [], f"seed {SEED}"


@pytest.mark.parametrize("release", OLDER)
def test_verdicts_are_those_of_an_older_release(
    release: str, tools: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with ApiServer(tmp_path_factory.mktemp(f"api-{release}")) as server:
        server.install_crds(f"flagger-{release}.yaml")
        found = list(_differences(server.client, release))
    assert found == [], f"seed {SEED}"
