"""Shapes of charts that add-canary handles; each is shown by what real Helm renders afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.canary.small_charts import DEPLOYMENT, SERVICE, added, helm_template, small_chart

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_a_comment_with_the_word_define_is_no_named_template(tmp_path: Path, helm_binary: Path) -> None:
    checksum = (
        '      annotations:\n        sum: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}\n'
    )
    deployment = DEPLOYMENT.replace("    spec:\n", f"{checksum}    spec:\n")
    folder = small_chart(
        tmp_path,
        {
            "templates/deployment.yaml": f"{{{{- /* defined by the team */}}}}\n{deployment}",
            "templates/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop\ndata: {a: b}\n",
        },
    )
    added(folder)
    assert "kind: Canary" in helm_template(helm_binary, folder)
