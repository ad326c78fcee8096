# SPDX-License-Identifier: Apache-2.0
"""Drawn models of the operators that join rows by segments, look for duplicates, and write diagonals."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

import drawn
from drawn import operator
from ops_moves import like, numbers, quant


@operator("MATRIX_DIAG", "float32 uint8 int8 int16 int32 int64")
def matrix_diag(d, kind):
    x = d.input(kind, d.shape(d.int(1, 4), limit=60))
    d.op("MATRIX_DIAG", [x], [like(d, kind, x)], schema.MatrixDiagOptionsT())


@operator("MATRIX_SET_DIAG", "float32 uint8 int8 int16 int32 int64")
def matrix_set_diag(d, kind):
    shape = d.shape(d.int(2, 5))
    x = d.input(kind, shape)
    diag = d.input(kind, shape[:-2] + [min(shape[-2:])], *quant(d, x))
    d.op("MATRIX_SET_DIAG", [x, diag], [like(d, kind, x)], schema.MatrixSetDiagOptionsT())


def sometimes(d, values, *rare):
    """With one of `rare` here and there."""
    if d.chance(0.5):
        return values
    return np.where(d.random.random(values.shape) < 0.2, d.choice(*rare), values).astype(values.dtype)


def rows(d, kind, shape):
    """float32 with NaN and infinity now and then."""
    values = d.numbers(kind, shape)
    return sometimes(d, values, np.nan, np.inf, -np.inf, -0.0) if kind == "float32" else values


# Not among LiteRT's reference kernels; the other kernel is the only one.
@operator("SEGMENT_SUM", "float32 int32", resolver="BUILTIN_WITHOUT_DEFAULT_DELEGATES")
def segment_sum(d, kind):
    shape = d.shape(d.int(1, 4))
    ids = np.cumsum(d.random.integers(0, 2, shape[0]))
    ids -= ids[0]
    ids = (d.ints if d.chance(0.5) else lambda v: d.input("int32", [len(v)], values=v))(ids)
    d.op("SEGMENT_SUM", [d.input(kind, shape, values=rows(d, kind, shape)), ids], [d.output(kind)], schema.SegmentSumOptionsT())


def unsorted(d, kind, name, options):
    shape, n = d.shape(d.int(1, 4)), d.int(1, 6)
    prefix = shape[:d.int(1, len(shape))]
    ids = d.random.integers(-1 if d.chance(0.3) else 0, n, prefix)
    ids = (d.const if d.chance(0.5) else d.input)("int32", prefix, values=ids)
    n = (d.const if d.chance(0.7) else d.input)("int32", d.choice([], [1]), values=np.reshape(n, d.choice([], [1])))
    d.op(name, [d.input(kind, shape, values=rows(d, kind, shape)), ids, n], [d.output(kind)], options)


@operator("UNSORTED_SEGMENT_SUM", "float32 int32")
def unsorted_segment_sum(d, kind):
    unsorted(d, kind, "UNSORTED_SEGMENT_SUM", schema.UnsortedSegmentSumOptionsT())


@operator("UNSORTED_SEGMENT_PROD", "float32 int32")
def unsorted_segment_prod(d, kind):
    unsorted(d, kind, "UNSORTED_SEGMENT_PROD", schema.UnsortedSegmentProdOptionsT())


@operator("UNSORTED_SEGMENT_MAX", "float32 int32")
def unsorted_segment_max(d, kind):
    unsorted(d, kind, "UNSORTED_SEGMENT_MAX", schema.UnsortedSegmentMaxOptionsT())


@operator("UNSORTED_SEGMENT_MIN", "float32 int32")
def unsorted_segment_min(d, kind):
    unsorted(d, kind, "UNSORTED_SEGMENT_MIN", schema.UnsortedSegmentMinOptionsT())


@operator("UNIQUE", "float32 uint8 int8 int16 int32 int64")
def unique(d, kind):
    shape, places = [d.int(1, 40)], d.choice("int32", "int64")
    values = numbers(d, kind, shape)
    if kind == "float32":
        values = sometimes(d, sometimes(d, np.round(values), -0.0, 0.0), np.nan, np.inf, -np.inf)
    x = d.input(kind, shape, values=values)
    d.op("UNIQUE", [x], [like(d, kind, x), d.output(places)], schema.UniqueOptionsT(), idxOutType=drawn.TYPES[places])
