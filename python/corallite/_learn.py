# SPDX-License-Identifier: Apache-2.0
"""Teaching models new classes, for pycoral and edgetpu: files of models by the library, and the state that training has."""
import ctypes
import os
import tempfile
from ctypes import c_size_t, c_void_p

import numpy as np

from corallite import _c
from corallite._model import PROCESSOR, Model, array_at


def _call(function, *args):
    """Calls a function that makes a file; returns its bytes."""
    data, size, err = c_void_p(), c_size_t(), _c.error()
    _c.check(function(*args, data, size, err), err)
    try:
        return ctypes.string_at(data, size.value)
    finally:
        _c.libc_free(data)


def _layer(rows, bias=None, low=0.0, high=0.0):
    """A crl_last_layer of float32 arrays, which it borrows."""
    return _c.last_layer(classes=rows.shape[0], size=rows.shape[1], weights=rows.ctypes.data,
                         bias=None if bias is None else bias.ctypes.data, low=low, high=high)


class _Extractor:
    """A model that ends in the tensor of that name."""

    def __init__(self, model, tensor):
        err, self._pointer = _c.error(), c_void_p()
        self._free = _c.library.crl_extractor_free
        _c.check(_c.library.crl_extractor_new(self._pointer, model.pointer, tensor, err), err)

    def __del__(self):
        self._free(self._pointer)

    def content(self):
        c = _c.library.crl_extractor_model(self._pointer).contents
        return ctypes.string_at(c.bytes, c.size)

    def with_layer(self, rows, bias, low, high):
        return _call(_c.library.crl_extractor_write, self._pointer, _layer(rows, bias, low, high), None)


def open_model(path):
    """A Model; of one that was compiled for the Edge TPU, its twin. Raises FileNotFoundError, _c.Error."""
    if not os.path.isfile(path):
        raise FileNotFoundError(path)
    model = Model(path=path, device=PROCESSOR)
    if model.needs_twin:
        raise model.needs_twin
    return model


def append_layer(model, weights, bias, low, high):
    """The file of a model that ends in a vector, with a fully connected layer and a softmax behind it: [classes, n] weights, and the
    range of their results."""
    g = model.subgraphs[0]
    if g.n_outputs != 1:
        raise _c.Error(_c.ERR_UNSUPPORTED, "the model has %d outputs; one, the vector, is expected" % g.n_outputs)
    rows = np.ascontiguousarray(weights, np.float32)
    return _Extractor(model, g.tensors[g.outputs[0]].name).with_layer(rows, np.ascontiguousarray(bias, np.float32), low, high)


def write_file(path, content):
    """Writes a file as a whole or not at all."""
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as f:  # a device, a pipe
            f.write(content)
        return
    path = os.path.realpath(path)
    handle, name = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".corallite-")
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


# --- models whose classes are imprinted -------------------------------------------------------------------

_CONV_2D, _L2_NORMALIZATION, _MUL, _RESHAPE, _SOFTMAX, _QUANTIZE = 3, 11, 18, 22, 25, 114

# What ending a model has.
VECTOR = "vector"  # a vector [1,1,1,n] itself
PLAIN = "plain"  # L2_NORMALIZATION, CONV_2D, RESHAPE, SOFTMAX
SCALED = "scaled"  # the same with a MUL behind the convolution
NO_NORM = "no norm"  # no L2_NORMALIZATION at all
OTHER = "other"


class Ending:
    """How a model ends: `kind`; `vector`, the name of the tensor that pictures are told apart by, and its `size`; `rows`, those of the
    classes that it has, as real numbers; `shape_of_vector`, `shape_of_logits`."""

    def __init__(self, model):
        self._g = model.subgraphs[0]
        self.kind, self.rows, self.shape_of_logits = self._kind(), None, (1, 0)
        if self.kind in (PLAIN, SCALED):
            vector = self._norm.outputs[0]
            self.shape_of_logits = self._shape(self._reshape.outputs[0])
            self.rows = self._rows(self._conv.inputs[1])
        else:
            vector = self._g.outputs[0]
        self.vector = self._g.tensors[vector].name
        self.shape_of_vector = self._shape(vector)
        self.size = self.shape_of_vector[-1] if self.shape_of_vector else 0

    def _shape(self, tensor):
        return self._g.tensors[tensor].shape.tuple()

    def _writer(self, tensor, code):
        """The operator of that code that writes a tensor, or None."""
        for i in reversed(range(self._g.n_operators)):
            op = self._g.operators[i]
            if tensor in op.outputs[:op.n_outputs]:
                return op if op.code == code and op.n_inputs else None
        return None

    def _kind(self):
        g = self._g
        if all(g.operators[i].code != _L2_NORMALIZATION for i in range(g.n_operators)):
            shape = self._shape(g.outputs[0]) if g.n_outputs == 1 else ()
            return VECTOR if len(shape) == 4 and shape[:3] == (1, 1, 1) else NO_NORM
        softmax = self._writer(g.outputs[0], _SOFTMAX) if g.n_outputs == 1 else None
        self._reshape = softmax and self._writer(softmax.inputs[0], _RESHAPE)
        mul = self._reshape and self._writer(self._reshape.inputs[0], _MUL)
        before = mul or self._reshape
        # The factor may be either input.
        self._conv = before and next(filter(None, (self._writer(before.inputs[i], _CONV_2D)
                                                   for i in range(before.n_inputs if mul else 1))), None)
        quantise = self._conv and self._writer(self._conv.inputs[0], _QUANTIZE)
        self._norm = self._conv and self._writer((quantise or self._conv).inputs[0], _L2_NORMALIZATION)
        if not self._norm or self._conv.n_inputs < 2:
            return OTHER
        return SCALED if mul else PLAIN

    def _rows(self, tensor):
        t = self._g.tensors[tensor]
        dtypes = {_c.FLOAT32: np.float32, _c.UINT8: np.uint8, _c.INT8: np.int8}
        shape = t.shape.tuple()
        if t.type not in dtypes or not t.data or len(shape) != 4 or shape[1:3] != (1, 1):
            raise _c.Error(_c.ERR_UNSUPPORTED, "the last layer's weights are no constant of UINT8, INT8 or FLOAT32, [n,1,1,size]")
        rows = array_at(t.data, int(np.prod(shape)), dtypes[t.type]).reshape(shape[0], shape[3]).astype(np.float32)
        if t.quant.n:
            scale = array_at(t.quant.scale, t.quant.n, np.float32)
            zero = array_at(t.quant.zero_point, t.quant.n, np.int32)
            rows = (rows - zero[:, np.newaxis]) * scale[:, np.newaxis]
        return rows


class Imprinter:
    """Classes, and what was learnt of them. The row of a class is the sum of its embeddings, brought to length 1.

    `keep` keeps those that the model has. In its description stand, a line each, the number of a class that was imprinted and the
    length of its sum: those can be taught more.
    """

    def __init__(self, model, ending, keep):
        self.model, self.ending, self.trained = model, ending, False
        self._base = ending.rows if keep and ending.rows is not None else np.zeros((0, ending.size), np.float32)
        self._sums = {}
        if len(self._base):
            for number, length in self._noted(model.pointer.contents.description or b""):
                if number < len(self._base):
                    self._sums[number] = self._base[number].astype(np.float64) * length
        self._n = len(self._base)

    @staticmethod
    def _noted(description):
        found = []
        for line in description.decode(errors="replace").splitlines():
            try:
                number, length = line.split()
                found.append((int(number), float(length)))
            except ValueError:
                return []  # a description of another kind
        return [(number, length) for number, length in found if number >= 0 and length > 0]

    @property
    def classes(self):
        return self._n

    def check(self, number):
        """Raises RuntimeError where a class of that number cannot be taught."""
        if not 0 <= number <= self._n:
            raise RuntimeError("The class index of a new category is too large!")
        if number < len(self._base) and number not in self._sums:
            raise RuntimeError("Cannot change the base model classes not trained with imprinting method!")

    def train(self, embedding, number):
        """Adds an embedding to a class, or to a new one, whose number is that of the classes so far."""
        self.check(number)
        self._sums[number] = self._sums.get(number, 0) + np.asarray(embedding, np.float64)
        self._n = max(self._n, number + 1)
        self.trained = True

    def extractor(self):
        """The file of the model up to the vector."""
        return _Extractor(self.model, self.ending.vector).content()

    def content(self):
        """The file of the model with these classes."""
        rows = np.zeros((self._n, self.ending.size), np.float32)
        rows[:len(self._base)] = self._base
        notes = []
        for number, total in sorted(self._sums.items()):
            length = float(np.linalg.norm(total))
            rows[number] = total / length if length else 0
            notes.append("%d %f\n" % (number, length))
        return _call(_c.library.crl_imprinted_write, self.model.pointer, _layer(rows), 0.0, "".join(notes).encode())
