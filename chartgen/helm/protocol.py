"""The messages between chartgen and its worker: a header, then bytes.

A request header is operation, chart number and length; an answer header is status, seconds of CPU time and length.
Helm's JSON passes through as bytes, so it is parsed only once. The worker reads this module first, so it has almost
no imports.
"""

from __future__ import annotations

import struct

REQUEST = struct.Struct("!BIQ")
ANSWER = struct.Struct("!BdQ")
# Between the parts of a body; neither JSON nor YAML may hold it.
SEPARATOR = b"\0"

# Requests to the worker.
LOAD = 1  # body: the archive of a chart that Helm may keep loaded
LOAD_EACH_TIME = 2  # body: the archive of a chart that Helm must load for each request
DROP = 3
RENDER = 4  # body: values, options
VALUES = 5  # body: values
READ = 6  # body: YAML documents; answer: a JSON list
SET = 7  # body: an expression of --set; answer: a JSON map
SET_STRING = 8
SET_JSON = 9
SET_FILE = 10  # body: the working directory, the expression

# Status of an answer. A worker sends the first answer without a request: Helm's version, or an error.
DONE = 0
REFUSED = 1  # body: Helm's message
OUT_OF_MEMORY = 2


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """Helm's answer is an error, whose text is the message."""
