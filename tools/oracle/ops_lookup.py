# SPDX-License-Identifier: Apache-2.0
"""Drawn models of operators that look rows up, replace blocks, or work on bits."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from drawn import operator
from ops_arithmetic import wide_input
from ops_moves import MOVED, index_kind, like, quant

WHOLE = "uint8 int8 uint16 int16 uint32 int32"


@operator("DYNAMIC_UPDATE_SLICE", MOVED + " float16")
def dynamic_update_slice(d, kind):
    shape = d.shape(d.int(1, 5))
    x = d.input(kind, shape)
    update = [d.int(1, n) if d.chance(0.7) else n for n in shape]
    u = (d.input if d.chance(0.7) else d.const)(kind, update, *quant(d, x))
    starts = [d.int(-3, n + 3) if d.chance(0.3) else d.int(0, n - m) for n, m in zip(shape, update)]
    at = index_kind(d)
    s = d.input(at, [len(shape)], values=starts) if d.chance(0.5) else d.ints(starts, at)
    d.op("DYNAMIC_UPDATE_SLICE", [x, u, s], [like(d, kind, x)], schema.DynamicUpdateSliceOptionsT(), 2)


@operator("EMBEDDING_LOOKUP", "float32 int32 int64 uint8 int8 float32-int8 float32-uint8 float32-int4")
def embedding_lookup(d, kind):
    kind, _, of = kind.partition("-")
    rows, shape = d.int(1, 9), d.shape(d.int(1, 3), 40)
    if of == "int4":
        shape[-1] += shape[-1] % 2  # the reference begins odd rows at whole bytes
    n = d.int(1, 7)
    wanted = d.input("int32", [n], values=d.random.integers(0, rows, n))
    if of:
        scale = d.scale(-9, -3) if d.chance(0.5) else [d.scale(-9, -3) for _ in range(rows)]
        values = d.random.integers(-8, 7, [rows, *shape], endpoint=True) if of == "int4" else None
        table, y = d.const(of, [rows, *shape], scale, 0, values), d.output("float32")
    else:
        table = (d.const if d.chance(0.7) else d.input)(kind, [rows, *shape])
        y = like(d, kind, table)
    d.op("EMBEDDING_LOOKUP", [wanted, table], [y], None, 3)


@operator("HASHTABLE_LOOKUP", "float32 int32 int64 uint8 int8")
def hashtable_lookup(d, kind):
    rows, n = d.int(1, 12), d.int(1, 9)
    keys = np.sort(d.random.integers(-20, 20, rows))
    wanted = np.where(d.random.random(n) < 0.6, d.random.choice(keys, n), d.random.integers(-20, 20, n))
    table = (d.const if d.chance(0.7) else d.input)(kind, [rows, *d.shape(d.int(0, 2), 20)])
    k = d.ints(keys) if d.chance(0.7) else d.input("int32", [rows], values=keys)
    y = like(d, kind, table)
    d.op("HASHTABLE_LOOKUP", [d.input("int32", [n], values=wanted), k, table], [y, d.output("uint8", 0)], None)


@operator("BUCKETIZE", "float32 float64 int32 int64")
def bucketize(d, kind):
    bounds = np.sort(d.random.normal(0, 10, d.int(0, 9))).astype(np.float32)
    if d.chance(0.5):
        bounds = np.round(bounds)
    shape = d.shape()
    values = d.random.normal(0, 12, shape) if "float" in kind else d.random.integers(-15, 15, shape)
    values = np.round(values) if d.chance(0.5) else values
    x = d.input(kind, shape, values=np.asarray(values).astype(kind))
    options = schema.BucketizeOptionsT()
    options.boundaries = bounds
    d.op("BUCKETIZE", [x], [d.output("int32")], options)


@operator("REVERSE_SEQUENCE", "float32 uint8 int16 int32 int64")
def reverse_sequence(d, kind):
    shape = d.shape(d.int(2, 5))
    axes = [int(i) for i in d.random.permutation(len(shape))[:2]]
    x = d.input(kind, shape)
    lengths = d.random.integers(0, shape[axes[0]], shape[axes[1]], endpoint=True)
    at = index_kind(d)
    n = d.input(at, lengths.shape, values=lengths) if d.chance(0.5) else d.ints(lengths, at)
    d.op("REVERSE_SEQUENCE", [x, n], [like(d, kind, x)], schema.ReverseSequenceOptionsT(), seqDim=axes[0], batchDim=axes[1])


@operator("ATAN2", "float32", ulp=2)
def atan2(d, kind):
    shape = d.shape()
    d.op("ATAN2", [d.input(kind, shape), d.input(kind, shape)], [d.output(kind)])


def bits(d, kind, name, options):
    shapes = d.broadcast_shapes()
    if name == "RIGHT_SHIFT":
        low = 0 if kind.startswith("u") else -4
        b = (d.const if d.chance(0.4) else d.input)(kind, shapes[1], 0, values=d.random.integers(low, 40, shapes[1]))
    else:
        b = (d.const if d.chance(0.3) else d.input)(kind, shapes[1], 0)
    a = d.input(kind, shapes[0], 0)
    d.op(name, [a, b], [d.output(kind, 0)], options)


@operator("BITWISE_XOR", WHOLE)
def bitwise_xor(d, kind):
    bits(d, kind, "BITWISE_XOR", schema.BitwiseXorOptionsT())


@operator("RIGHT_SHIFT", WHOLE)
def right_shift(d, kind):
    bits(d, kind, "RIGHT_SHIFT", schema.RightShiftOptionsT())


@operator("SPARSE_TO_DENSE", "float32 int32 int64 uint8 int8")
def sparse_to_dense(d, kind):
    shape = d.shape(d.int(1, 4), 80)
    rows = d.int(1, 9)
    indices = np.stack([d.random.integers(0, n, rows) for n in shape], axis=1)
    if len(shape) == 1 and d.chance(0.7):
        indices = indices[:, 0]
        if d.chance(0.3):
            indices, rows = indices[:1].reshape([]), 1
    at = index_kind(d)
    i = d.input(at, indices.shape, values=indices) if d.chance(0.6) else d.const(at, indices.shape, 0, values=indices)
    v = d.input(kind, [] if d.chance(0.3) else [rows])
    q = quant(d, v)
    preset = d.const(kind, [], *q) if d.chance(0.8) else d.input(kind, [], *q)
    d.op("SPARSE_TO_DENSE", [i, d.ints(shape, index_kind(d)), v, preset], [like(d, kind, v)], schema.SparseToDenseOptionsT(), 3)


def blocks(d, rows, columns, block):
    """A constant of INT4 with a scale for each block of its rows."""
    scales = d.random.uniform(0.01, 0.5, [rows, columns // block]).astype("float16")
    s = d.const("float16", scales.shape, 0, values=scales)
    w = d.const("int4", [rows, columns], 0, values=d.random.integers(-8, 7, [rows, columns], endpoint=True))
    q = schema.QuantizationParametersT()
    q.detailsType, q.details = schema.QuantizationDetails.BlockwiseQuantization, schema.BlockwiseQuantizationT()
    q.details.scales, q.details.zeroPoints, q.details.blockSize = s, -1, block
    d.graph.tensors[w].quantization = q
    return w


@operator("BLOCKWISE", "float32", resolver="BUILTIN_WITHOUT_DEFAULT_DELEGATES")
def blockwise(d, kind):
    """FULLY_CONNECTED with scales for blocks of the filter's rows."""
    block = d.choice(32, 32, 64, 128)
    columns, n = block * d.int(1, 3), d.int(4, 12)
    lead = d.choice([1], [3], [2, 2])
    x = wide_input(d, [*lead, columns])
    w = blocks(d, n, columns, block)
    b = d.const(kind, [n]) if d.chance(0.7) else -1
    d.op("FULLY_CONNECTED", [x, w, b], [d.output(kind)], schema.FullyConnectedOptionsT(), 12, keepNumDims=d.chance(0.4),
         asymmetricQuantizeInputs=d.chance(0.5))
