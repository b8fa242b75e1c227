"""How much of what others wrote chartgen reads before it refuses the rest. Sizes are in bytes."""

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
# What extended headers of a tar archive (pax records, long names) may hold together.
ARCHIVE_HEADER_BYTES = MIB
PATH_BYTES = 1024
NAME_BYTES = 255
# As Linux (MAXSYMLINKS).
LINKS = 40

MANIFESTS_BYTES = 64 * MIB
BASELINE_BYTES = 64 * MIB
HELMIGNORE_BYTES = 64 * 1024
HELMIGNORE_RULES = 1_000
# Letters of patterns held against letters of paths: some seconds.
HELMIGNORE_STEPS = 200_000_000

# What Python reads as YAML by itself takes about a second for each 10,000 nodes.
YAML_BYTES = MIB
YAML_NODES = 100_000
# With each alias replaced by what it stands for.
YAML_NODES_EXPANDED = 300_000
DEPTH = 100
# Keywords of a JSON Schema held against values of one object: some tenths of a second.
SCHEMA_STEPS = 50_000
# More digits than any number of Kubernetes has; Python refuses to print more than 4,300.
DIGITS = 1_000


class Tally:
    """Bytes and entries of one chart, counted before they are kept. InputError if a limit is passed."""

    def __init__(self, name: str, most_bytes: int = CHART_BYTES, most_entries: int = CHART_ENTRIES) -> None:
        self._name = name
        self._most_bytes, self._most_entries = most_bytes, most_entries
        self._bytes = self._entries = 0

    @property
    def bytes_left(self) -> int:
        """How much may still be read."""
        return self._most_bytes - self._bytes

    def count(self, size: int) -> None:
        """So many bytes more."""
        self._bytes += size
        if self._bytes > self._most_bytes:
            raise InputError(
                f"{self._name}: holds more than {shown_size(self._most_bytes)}",
                hint="list what is not part of the chart in .helmignore",
            )

    def entry(self) -> None:
        """One file or folder more."""
        self._entries += 1
        if self._entries > self._most_entries:
            raise InputError(
                f"{self._name}: holds more than {self._most_entries:,} files and folders",
                hint="list what is not part of the chart in .helmignore",
            )


def shown_size(size: int) -> str:
    """`5 MiB` of 5242880, `64 KiB` of 65536."""
    return f"{size // MIB} MiB" if size % MIB == 0 else f"{size // 1024} KiB"
