# SPDX-License-Identifier: Apache-2.0
"""Model files as the library opens them, and what they say about tensors, for the Python packages."""
import ctypes
import os
import sys

import numpy as np

from corallite import _c

# INT4 is unpacked to a byte each; what has no type here cannot be an array.
DTYPES = {_c.FLOAT32: np.float32, _c.FLOAT16: np.float16, _c.INT32: np.int32, _c.UINT8: np.uint8, _c.INT64: np.int64, _c.STRING: np.bytes_,
          _c.BOOL: np.bool_, _c.INT16: np.int16, _c.COMPLEX64: np.complex64, _c.INT8: np.int8, _c.FLOAT64: np.float64,
          _c.COMPLEX128: np.complex128, _c.UINT64: np.uint64, _c.UINT32: np.uint32, _c.UINT16: np.uint16, _c.INT4: np.int8}


def array_at(address, n, dtype):
    """A copy of n elements of C memory."""
    if not n or not address:
        return np.zeros(0, dtype)
    return np.frombuffer((ctypes.c_char * (n * np.dtype(dtype).itemsize)).from_address(address), dtype).copy()


class Model:
    """An open model, closed when nothing refers to it any more. Read-only: threads and engines share it.

    `path` is a file (str, bytes or path-like); else `content` are the bytes of one, which are kept, not copied. `needs_twin` is what
    is wrong where the model is compiled for an Edge TPU and the twin that runs without is not found: it can be looked at,
    but not run. Raises _c.Error.
    """

    def __init__(self, path=None, content=None, twin=None):
        self._close = _c.library.crl_model_close
        self._content = content
        self._users = 1  # itself, and engines
        self.needs_twin = None
        self.pointer = _open(path, content)
        if _c.library.crl_model_is_compiled(self.pointer):
            self._take_twin(path, twin)
        c = self.pointer.contents
        self.subgraphs = c.subgraphs[: c.n_subgraphs]
        self.signatures = c.signatures[: c.n_signatures]

    def lend(self):
        """To an engine, which gives it back when it is freed: where both are garbage, Python finalises them in any order."""
        self._users += 1

    def give_back(self):
        self._users -= 1
        if not self._users:
            self._close(self.pointer)

    def __del__(self):
        if getattr(self, "pointer", None):
            self.give_back()

    def _take_twin(self, path, named):
        err, found, name = _c.error(), ctypes.POINTER(_c.model)(), ctypes.c_void_p()
        if _c.library.crl_model_open_twin(found, name, self.pointer, path and os.fsencode(path), named and os.fsencode(named), err):
            self.needs_twin = _c.Error(err.status, err.text.decode(errors="replace"))
            return
        twin = os.fsdecode(ctypes.string_at(name))
        _c.libc_free(name)
        self._close(self.pointer)
        self.pointer, self._content = found, None
        tell_of_twin(os.fsdecode(path) if path else "the model", twin)


def _open(path, content):
    err, found = _c.error(), ctypes.POINTER(_c.model)()
    if path is not None:
        _c.check(_c.library.crl_model_open_file(found, os.fsencode(path), err), err)
    else:
        _c.check(_c.library.crl_model_open(found, content, len(content), err), err)
    return found


_told = set()


def tell_of_twin(compiled, twin):
    """On stderr, once for each of them."""
    if (compiled, twin) not in _told:
        _told.add((compiled, twin))
        if sys.stderr:
            print(f"corallite: {compiled} is compiled for an Edge TPU; {twin} runs on the processor instead", file=sys.stderr)
