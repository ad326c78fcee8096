# SPDX-License-Identifier: Apache-2.0
"""Drawn models of arrays without elements, and of bytes without scales. EMPTY is no operator: its kinds are."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from drawn import operator


def fully_connected(d):
    """Rows of nothing, the bias of which is left out as well."""
    kind, n = d.choice("float32", "uint8", "int8", "int16", "hybrid"), d.int(1, 6)
    shape = d.shape(d.int(0, 3)) + [d.choice(0, 0, d.int(1, 4))]
    x = d.input("float32" if kind == "hybrid" else kind, shape)
    of = {"float32": None, "uint8": "uint8"}.get(kind, "int8")
    w = d.const(of or kind, [n, 0], *((d.scale(-9, -6), 0) if of else ()))
    bias = -1
    if d.chance(0.6):
        whole = kind in ("uint8", "int8", "int16")
        scale = np.float32(d.scale_of(w)) * np.float32(d.scale_of(x)) if whole else None
        bias = d.const({"int16": "int64"}.get(kind, "int32") if whole else "float32", [n], scale, 0 if whole else None)
    keep = d.chance(0.4)
    d.op("FULLY_CONNECTED", [x, w, bias], [d.output("float32" if kind == "hybrid" else kind)], schema.FullyConnectedOptionsT(),
         9, keepNumDims=keep, fusedActivationFunction=d.activation())


def reshape(d):
    """An open dimension beside one of 0."""
    shape, to = d.shape(d.int(1, 4)), d.shape(d.int(2, 4))
    shape[d.int(0, len(shape) - 1)] = 0
    to[0], to[1] = -1, 0
    to = [int(n) for n in d.random.permutation(to)]
    sizes = d.ints(to) if d.chance(0.6) else d.input("int32", [len(to)], values=to)
    x = d.input("float32", shape)
    d.op("RESHAPE", [x, sizes], [d.output("float32")], schema.ReshapeOptionsT())


def dequantize(d):
    """Without quantisation, which is a scale of 0."""
    kind = d.choice("uint8", "int8", "int16")
    x = d.input(kind, d.shape(), 0)
    d.op("DEQUANTIZE", [x], [d.output("float32")], schema.DequantizeOptionsT(), 5)


KINDS = {"FULLY_CONNECTED": fully_connected, "RESHAPE": reshape, "DEQUANTIZE": dequantize}


@operator("EMPTY", " ".join(KINDS))
def empty(d, kind):
    KINDS[kind](d)
