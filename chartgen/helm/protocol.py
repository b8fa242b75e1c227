"""The messages between chartgen and its worker: a header, then bytes.

A request is operation, chart number and length; an answer is status, seconds of CPU time and
length. JSON that Helm wrote passes through
as bytes, so that it is read once. The worker reads this module first, so it imports next to nothing.
"""

from __future__ import annotations

import struct

REQUEST = struct.Struct("!BIQ")
ANSWER = struct.Struct("!BdQ")
# Between the parts of a body; neither JSON nor YAML may hold it.
SEPARATOR = b"\0"

# What the worker is asked.
LOAD = 1  # body: the archive of a chart that Helm may keep loaded
LOAD_EACH_TIME = 2  # body: the archive of a chart that Helm must load for each question
DROP = 3
RENDER = 4  # body: values, options
VALUES = 5  # body: values
READ = 6  # body: YAML documents; answer: a JSON list
SET = 7  # body: an expression of --set; answer: a JSON map
SET_STRING = 8
SET_JSON = 9
SET_FILE = 10  # body: the working directory, the expression

# How a question ended. A worker's first answer is unasked for: Helm's version, or why there is none.
DONE = 0
REFUSED = 1  # body: Helm's message
OUT_OF_MEMORY = 2


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """Helm's answer is an error, whose text is the message."""
