"""How much untrusted input chartgen reads before it rejects the rest. Sizes are in bytes."""

from __future__ import annotations

from chartgen.errors import InputError

MIB = 1024 * 1024

# Helm's own bounds (pkg/chart/loader/archive: MaxDecompressedChartSize, MaxDecompressedFileSize).
CHART_BYTES = 100 * MIB
FILE_BYTES = 5 * MIB
# Files and folders of one chart, vendored archives included. The largest of the 209 charts of the tests has 1,100.
CHART_ENTRIES = 20_000
# Archives inside archives, as `helm package` nests the dependencies of dependencies.
ARCHIVE_DEPTH = 8
FOLDER_DEPTH = 50
# The total size of extended headers in a tar archive (pax records, long names).
ARCHIVE_HEADER_BYTES = MIB
PATH_BYTES = 1024
NAME_BYTES = 255
# As Linux (MAXSYMLINKS).
LINKS = 40

MANIFESTS_BYTES = 64 * MIB
BASELINE_BYTES = 64 * MIB
TRAFFIC_BYTES = MIB
HELMIGNORE_BYTES = 64 * 1024
HELMIGNORE_RULES = 1_000
# Comparisons of pattern letters with path letters: some seconds.
HELMIGNORE_STEPS = 200_000_000

# Python's YAML reader takes about a second for 10,000 nodes.
YAML_BYTES = MIB
YAML_NODES = 100_000
# With each alias expanded.
YAML_NODES_EXPANDED = 300_000
DEPTH = 100
# Checks of JSON Schema keywords on the values of one object: some tenths of a second.
SCHEMA_STEPS = 50_000
# More digits than any number of Kubernetes has; Python refuses to print more than 4,300.
DIGITS = 1_000


class Tally:
    """Counts the bytes and entries of one chart before they are kept. InputError if a limit is passed."""

    def __init__(self, name: str, most_bytes: int = CHART_BYTES, most_entries: int = CHART_ENTRIES) -> None:
        self._name = name
        self._most_bytes, self._most_entries = most_bytes, most_entries
        self._bytes = self._entries = 0

    @property
    def bytes_left(self) -> int:
        """How many bytes may still be read."""
        return self._most_bytes - self._bytes

    def count(self, size: int) -> None:
        """Add `size` bytes."""
        self._bytes += size
        if self._bytes > self._most_bytes:
            raise InputError(
                f"{self._name}: holds more than {shown_size(self._most_bytes)}",
                hint="list what is not part of the chart in .helmignore",
            )

    def entry(self) -> None:
        """Add one file or folder."""
        self._entries += 1
        if self._entries > self._most_entries:
            raise InputError(
                f"{self._name}: holds more than {self._most_entries:,} files and folders",
                hint="list what is not part of the chart in .helmignore",
            )


def shown_size(size: int) -> str:
    """`5 MiB` for 5242880, `64 KiB` for 65536."""
    return f"{size // MIB} MiB" if size % MIB == 0 else f"{size // 1024} KiB"
