# SPDX-License-Identifier: Apache-2.0
"""Model files as the library opens them, and what they say about tensors, for the Python packages."""
from __future__ import annotations

import ctypes
import os
import sys
import threading

from typing import Any, Optional, Union

import numpy as np

from corallite import _c

# INT4 is unpacked to a byte each; what has no type here cannot be an array.
DTYPES: dict[int, Any] = {_c.FLOAT32: np.float32, _c.FLOAT16: np.float16, _c.INT32: np.int32, _c.UINT8: np.uint8, _c.INT64: np.int64, _c.STRING: np.bytes_,
          _c.BOOL: np.bool_, _c.INT16: np.int16, _c.COMPLEX64: np.complex64, _c.INT8: np.int8, _c.FLOAT64: np.float64,
          _c.COMPLEX128: np.complex128, _c.UINT64: np.uint64, _c.UINT32: np.uint32, _c.UINT16: np.uint16, _c.INT4: np.int8}


def array_at(address: Optional[int], n: int, dtype: Any) -> np.ndarray[Any, Any]:
    """A copy of n elements of C memory."""
    if not n or not address:
        return np.zeros(0, dtype)
    return np.frombuffer((ctypes.c_char * (n * np.dtype(dtype).itemsize)).from_address(address), dtype).copy()


# Recursive: the collector may finalise something while it is held.
_counting = threading.RLock()


Path = Union[str, bytes, "os.PathLike[str]", None]


class Model:
    """An open model, closed when nothing refers to it any more. Read-only: threads and engines share it.

    `path` is a file (str, bytes or path-like); else `content` are the bytes of one, which are kept, not copied. `needs_twin` is what
    is wrong where the model is compiled for an Edge TPU and the twin that runs without is not found: it can be looked at,
    but not run. Raises _c.Error.
    """

    def __init__(self, path: Path = None, content: Optional[bytes] = None, twin: Path = None) -> None:
        self._close = _c.library.crl_model_close
        self._content = content
        self._users = 1  # itself, and engines
        self.needs_twin: Optional[_c.Error] = None
        self.pointer = _open(path, content)
        if _c.library.crl_model_is_compiled(self.pointer):
            self._take_twin(path, twin)
        c = self.pointer.contents
        self.subgraphs = c.subgraphs[: c.n_subgraphs]
        self.signatures = c.signatures[: c.n_signatures]

    def lend(self) -> None:
        """To an engine, which gives it back when it is freed: where both are garbage, Python finalises them in any order."""
        with _counting:
            self._users += 1

    def give_back(self) -> None:
        with _counting:
            self._users -= 1
            last = not self._users
        if last:
            self._close(self.pointer)

    def __del__(self) -> None:
        if getattr(self, "pointer", None):
            self.give_back()

    def _take_twin(self, path: Path, named: Path) -> None:
        err, found, name = _c.error(), ctypes.POINTER(_c.model)(), ctypes.c_void_p()
        if _c.library.crl_model_open_twin(found, name, self.pointer, path and os.fsencode(path), named and os.fsencode(named), err):
            self.needs_twin = _c.Error(err.status, err.text.decode(errors="replace"))
            return
        twin = os.fsdecode(ctypes.string_at(name))
        _c.libc_free(name)
        self._close(self.pointer)
        self.pointer, self._content = found, None
        tell_of_twin(os.fsdecode(path) if path else "the model", twin)


def _open(path: Path, content: Optional[bytes]) -> Any:
    err, found = _c.error(), ctypes.POINTER(_c.model)()
    if path is not None:
        _c.check(_c.library.crl_model_open_file(found, os.fsencode(path), err), err)
    else:
        assert content is not None
        _c.check(_c.library.crl_model_open(found, content, len(content), err), err)
    return found


_told: set[tuple[str, str]] = set()


def tell_of_twin(compiled: str, twin: str) -> None:
    """On stderr, once for each of them."""
    if (compiled, twin) not in _told:
        _told.add((compiled, twin))
        if sys.stderr:
            print(f"corallite: {compiled} is compiled for an Edge TPU; {twin} runs on the processor instead", file=sys.stderr)
