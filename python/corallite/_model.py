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


PROCESSOR = "cpu"  # what _devices.choose() gives where no device is meant

Path = Union[str, bytes, "os.PathLike[str]", None]


class Model:
    """An open model, closed when nothing refers to it any more. Read-only: threads and engines share it.

    `path` is a file (str, bytes or path-like); else `content` are the bytes of one, which are kept, not copied. One that is compiled for an
    Edge TPU stays where there is one, with its twin to stand in, and is replaced by that elsewhere (engine.h, crl_engine_choose_model).
    `device` is as _devices.choose() gives it. `needs_twin` is what is wrong where neither is there: the model can be looked at, but not
    run. Raises _c.Error.
    """

    def __init__(self, path: Path = None, content: Optional[bytes] = None, twin: Path = None, device: str = "") -> None:
        self._close = _c.library.crl_model_close
        self._content = content
        self._users = 1  # itself, and engines
        self.needs_twin: Optional[_c.Error] = None
        self._twin: Any = None
        self._device = device
        self.pointer = _open(path, content)
        self._choose(path, twin)
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
            self._close(self._twin)

    def __del__(self) -> None:
        if getattr(self, "pointer", None):
            self.give_back()

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle an interpreter: give the model's path to the other process")

    def place(self, options: Any) -> None:
        """Tells an engine where to run."""
        options.backend = _c.BACKEND_CPU if self._device == PROCESSOR else _c.BACKEND_AUTO
        options.device = self._device.encode() if self._device not in ("", PROCESSOR) else None
        if options.backend == _c.BACKEND_CPU and not options.arithmetic and self.pointer.contents.on_chip:
            options.arithmetic = _c.ARITHMETIC_EDGETPU  # a virtual one answers as a real one would
        options.twin = ctypes.cast(self._twin, ctypes.c_void_p) if self._twin else None

    def _choose(self, path: Path, named: Path) -> None:
        err, twin, options = _c.error(), ctypes.POINTER(_c.model)(), _c.engine_options(notice=TELL)
        self.place(options)
        if _c.library.crl_engine_choose_model(self.pointer, twin, path and os.fsencode(path), named and os.fsencode(named), options, err):
            self.needs_twin = _c.Error(err.status, err.text.decode(errors="replace"))
        if twin:
            self._twin = twin


def _open(path: Path, content: Optional[bytes]) -> Any:
    err, found = _c.error(), ctypes.POINTER(_c.model)()
    if path is not None:
        _c.check(_c.library.crl_model_open_file(found, os.fsencode(path), err), err)
    else:
        assert content is not None
        _c.check(_c.library.crl_model_open(found, content, len(content), err), err)
    return found


_told: set[str] = set()
_TOLD_ONCE = {_c.NOTICE_TWIN}
_TOLD = {_c.NOTICE_TWIN, _c.NOTICE_DEVICE_LOST, _c.NOTICE_DEVICE_BACK}


def _tell(_: Any, notice: Any) -> None:
    """On stderr: of twins once for each of them, of devices whenever they come and go."""
    kind, text = notice.contents.kind, notice.contents.text.decode(errors="replace")
    if kind not in _TOLD or (kind in _TOLD_ONCE and text in _told):
        return
    _told.add(text)
    if sys.stderr:
        print("corallite:", text, file=sys.stderr)


TELL = _c.NOTICE_FN(_tell)
