"""The library of helm-python-sdk through its C interface, as bytes, which is all the worker needs.

The Python package around it takes twice as long to import as the library to load, and would parse all JSON again.
A test compares these signatures with the package's own.
"""

from __future__ import annotations

import ctypes

from chartgen.helm.protocol import Refused

_STATUS = ctypes.c_int32
_HANDLE = ctypes.c_uint64
_IN = ctypes.c_char_p
# A string that belongs to the library: read it, then free it.
_OUT = ctypes.POINTER(ctypes.c_void_p)
SIGNATURES: dict[str, list[type]] = {
    "helm_chart_load_archive": [ctypes.POINTER(ctypes.c_uint8), ctypes.c_size_t, ctypes.POINTER(_HANDLE), _OUT],
    "helm_chart_free": [_HANDLE, _OUT],
    "helm_render": [_HANDLE, _IN, _IN, _OUT, _OUT],
    "helm_chart_merge_values": [_HANDLE, _IN, _OUT, _OUT],
    "helm_values_from_yaml": [_IN, _OUT, _OUT],
    "helm_strvals_parse": [_IN, _OUT, _OUT],
    "helm_strvals_parse_string": [_IN, _OUT, _OUT],
    "helm_strvals_parse_json": [_IN, _OUT, _OUT],
    "helm_strvals_parse_file": [_IN, _OUT, _OUT],
}


class Library:
    """Helm's functions. Each raises Refused with Helm's message."""

    def __init__(self, path: str) -> None:
        self._library = ctypes.CDLL(path)
        for name, arguments in SIGNATURES.items():
            function = getattr(self._library, name)
            function.restype, function.argtypes = _STATUS, arguments
        self._library.helm_sdk_version.restype = ctypes.c_void_p
        self._library.helm_free_string.argtypes = [ctypes.c_void_p]

    @property
    def version(self) -> bytes:
        return self._taken(self._library.helm_sdk_version())

    def load(self, archive: bytes) -> ctypes.c_uint64:
        """The handle of a loaded chart."""
        data = (ctypes.c_uint8 * len(archive)).from_buffer_copy(archive)
        handle = _HANDLE()
        self._checked("helm_chart_load_archive", data, len(archive), ctypes.byref(handle))
        return handle

    def free(self, chart: ctypes.c_uint64) -> None:
        self._checked("helm_chart_free", chart)

    def text(self, function: str, *arguments: object) -> bytes:
        """The string that a function returns."""
        answer = ctypes.c_void_p()
        try:
            self._checked(function, *arguments, ctypes.byref(answer))
        finally:
            text = self._taken(answer.value)
        return text

    def _checked(self, function: str, *arguments: object) -> None:
        error = ctypes.c_void_p()
        status = getattr(self._library, function)(*arguments, ctypes.byref(error))
        message = self._taken(error.value)
        if status:
            raise Refused(message.decode("utf-8", "replace") or f"{function} ended with {status}")

    def _taken(self, pointer: int | None) -> bytes:
        if not pointer:
            return b""
        try:
            return ctypes.string_at(pointer)
        finally:
            self._library.helm_free_string(pointer)
