"""`chartgen.yaml`: find the nearest one up to the repository's root. What reads it is imported if there is one."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from chartgen.config.config import Config
from chartgen.errors import ConfigError, InputError, UsageError
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("chartgen.yaml", ".chartgen.yaml")
# chartgen's tables in pyproject.toml: [tool.chartgen], [tool.chartgen.policy], [[tool.chartgen.releases]].
_SECTION = lazy_pattern(r"^[ \t]*\[{1,2}[ \t]*tool\.chartgen\s*[.\]]", re.MULTILINE)


def config_for(path: Path, file: Path | None = None, *, disabled: bool = False) -> Config:
    """The configuration of a chart or file: `file` if one is named, else the nearest one; none if `disabled`."""
    if disabled:
        return Config()
    try:
        if file:
            return _read(file, path, named=True)
        return find_config(path if path.is_dir() else path.parent, path)
    except UsageError as error:
        raise ConfigError(error.message, hint=error.hint) from error


def find_config(start: Path, subject: Path | None = None) -> Config:
    """The nearest configuration from `start` upward, for `subject`; the search ends at the folder with `.git`."""
    folder = start.absolute()
    for candidate in (folder, *folder.parents):
        for name in NAMES:
            if (candidate / name).is_file():
                return _read(candidate / name, subject or start)
        project = candidate / "pyproject.toml"
        if project.is_file() and _has_section(project):
            return _read(project, subject or start)
        if os.path.lexists(candidate / ".git"):
            break
    return Config()


def _has_section(project: Path) -> bool:
    """Whether a pyproject.toml configures chartgen; False if it can't be read."""
    from chartgen.inputs.files import read_confined

    try:
        return bool(_SECTION.search(read_confined(project).decode("utf-8", "replace")))
    except InputError:
        return False


def _read(file: Path, subject: Path, *, named: bool = False) -> Config:
    from chartgen.config.reading import read_config

    return read_config(file, subject, named=named)
