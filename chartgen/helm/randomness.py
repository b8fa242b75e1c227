"""Whether Helm may render a chart in another way each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart

# Functions of Sprig and Helm whose result differs at each call (masterminds.github.io/sprig).
_RANDOM = lazy_pattern(
    rb"\b(rand\w+|shuffle|uuidv4|gen(CA|PrivateKey|SelfSignedCert|SignedCert)\w*|htpasswd|bcrypt|encryptAES|now|Revision)\b"
)
_SOURCES = (".yaml", ".yml", ".tpl", ".txt")


def is_random(chart: Chart) -> bool:
    """Whether a template, or a value that may be one, calls such a function."""
    sources = (data for path, data in chart.files.items() if path.endswith(_SOURCES) and b"{{" in data)
    return any(_RANDOM.search(data) for data in sources)
