# SPDX-License-Identifier: Apache-2.0
"""Engines of the library, and arrays that are views of their memory."""
import ctypes
import os
import sys

import numpy as np

from corallite import _c
from corallite._model import DTYPES, TELL


class Handle:
    """Owns an engine of the C library, and what that borrows. Every array that is a view of the engine's memory refers to it, so that the
    memory lasts as long as they do."""

    __slots__ = ("pointer", "_model", "_free")

    def __init__(self, model, options):
        err, self.pointer = _c.error(), ctypes.c_void_p()
        self._model, self._free = model, _c.library.crl_engine_free
        model.lend()
        _c.check(_c.library.crl_engine_new(self.pointer, model.pointer, options, err), err)

    def __del__(self):
        self._free(self.pointer)
        self._model.give_back()


class Memory:
    """What numpy makes an array of: the base of every view."""

    __slots__ = ("_handle", "__array_interface__")

    def __init__(self, handle, address, shape, dtype, read_only):
        self._handle = handle
        self.__array_interface__ = {"version": 3, "shape": shape, "typestr": np.dtype(dtype).str, "data": (address, read_only)}


ARITHMETICS = "auto", "edgetpu", "tflite"  # as the library numbers them


def arithmetic_of(name):
    """The number of an arithmetic; of the one that $CRL_ARITHMETIC names, where name is None or ""."""
    name = name or os.environ.get("CRL_ARITHMETIC", "").strip() or ARITHMETICS[0]
    if name not in ARITHMETICS:
        raise ValueError(f'arithmetic "{name}": {", ".join(ARITHMETICS)} are known')
    return ARITHMETICS.index(name)


class Engine:
    """A model made ready. One thread at a time; runs release Python's lock. Raises _c.Error."""

    def __init__(self, model, subgraph=0, threads=0, shapes=None, keep=False, arithmetic=0):
        options = _c.engine_options(threads=threads, subgraph=subgraph, keep_tensors=keep, arithmetic=arithmetic, notice=TELL)
        model.place(options)
        if shapes is not None:
            options.input_shapes = _shapes(shapes)
        self._handle, self._run, self._err = Handle(model, options), _c.library.crl_engine_run, _c.error()
        self._pointer, self._err_pointer = self._handle.pointer, ctypes.byref(self._err)
        self._unseen = self._references()
        n_in, n_out = model.subgraphs[subgraph].n_inputs, model.subgraphs[subgraph].n_outputs
        # The library keeps these up to date.
        self.inputs = [_c.library.crl_engine_input(self._pointer, i).contents for i in range(n_in)]
        self.outputs = [_c.library.crl_engine_output(self._pointer, i).contents for i in range(n_out)]

    def has_views(self):
        """Whether anybody holds an array that view() gave, or a slice of one."""
        return self._references() > self._unseen

    def _references(self):
        """Asked in one place, for how many of them are the interpreter's own differs between releases of Python."""
        return sys.getrefcount(self._handle)

    def run(self):
        if self._run(self._pointer, self._err_pointer):
            _c.check(self._err.status, self._err)

    def resize(self, shapes):
        """Of all inputs, in order. Views of any memory are then of memory that is gone: see has_views()."""
        _c.check(_c.library.crl_engine_resize(self._pointer, _shapes(shapes), len(shapes), self._err_pointer), self._err)

    def reset(self):
        _c.library.crl_engine_reset(self._pointer)

    def tensor(self, index):
        """A copy of what there is to say of any tensor of the subgraph; its `data` is None where it cannot be read."""
        found = _c.tensor()
        _c.check(_c.library.crl_engine_tensor(self._pointer, index, found, self._err_pointer), self._err)
        return found

    def view(self, tensor):
        """A tensor's memory as an array: writable, but for constants. Valid until the next resize()."""
        return np.asarray(Memory(self._handle, tensor.data, tensor.shape.tuple(), DTYPES[tensor.type], bool(tensor.flags & _c.TENSOR_CONST)))

    def peek(self, tensor):
        """The same for use within a call: nobody counts it as a view."""
        return np.asarray(Memory(None, tensor.data, tensor.shape.tuple(), DTYPES[tensor.type], bool(tensor.flags & _c.TENSOR_CONST)))


def _shapes(shapes):
    return (_c.shape * len(shapes))(*map(_c.shape.of, shapes))
