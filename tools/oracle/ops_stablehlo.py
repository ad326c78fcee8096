# SPDX-License-Identifier: Apache-2.0
"""Drawn models of StableHLO operators and their neighbours."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

import drawn
from drawn import operator

drawn.TYPES.update(uint64=schema.TensorType.UINT64)
NUMBERS = "float32 float16 float64 uint8 int8 uint16 int16 uint32 int32 uint64 int64 bool"
JOINED = "float32 uint8 int8 int16 int32 int64 bool float64"


def values(d, kind, shape):
    x = d.numbers(kind, shape)
    if kind.startswith("float") and kind != "float16" and x.size and d.chance(0.3):
        x.flat[d.int(0, x.size - 1)] = d.choice(np.nan, np.inf, -np.inf, -0.0)
    return x


def given(d, kind, shape):
    return d.input(kind, shape, 0, values=values(d, kind, shape))


def pair(d, kind, name):
    shape = d.shape(d.int(0, 4), limit=60)
    d.op(name, [given(d, kind, shape), given(d, kind, shape)], [d.output(kind, 0)])


@operator("STABLEHLO_ADD", NUMBERS)
def stablehlo_add(d, kind):
    pair(d, kind, "STABLEHLO_ADD")


@operator("STABLEHLO_MULTIPLY", NUMBERS)
def stablehlo_multiply(d, kind):
    pair(d, kind, "STABLEHLO_MULTIPLY")


@operator("STABLEHLO_MAXIMUM", NUMBERS)
def stablehlo_maximum(d, kind):
    pair(d, kind, "STABLEHLO_MAXIMUM")


@operator("STABLEHLO_MINIMUM", NUMBERS)
def stablehlo_minimum(d, kind):
    pair(d, kind, "STABLEHLO_MINIMUM")


@operator("STABLEHLO_AND", "uint8 int8 uint16 int16 uint32 int32 uint64 int64 bool", resolver="BUILTIN_WITHOUT_DEFAULT_DELEGATES")
def stablehlo_and(d, kind):
    pair(d, kind, "STABLEHLO_AND")


@operator("STABLEHLO_SHIFT_LEFT", "int8 int16 int32", resolver="BUILTIN_WITHOUT_DEFAULT_DELEGATES")
def stablehlo_shift_left(d, kind):
    shape = d.shape(d.int(0, 4), limit=60)
    shift = d.input(kind, shape, 0, values=d.random.integers(0, 31, shape, endpoint=True))
    d.op("STABLEHLO_SHIFT_LEFT", [given(d, kind, shape), shift], [d.output(kind, 0)])


def region(d, kind, name):
    """A subgraph of one operator, of none with None."""
    with d.subgraph() as index:
        a, b = d.argument(kind, [], 0), d.argument(kind, [], 0)
        if name:
            y = d.tensor(kind, [], 0)
            options = {"ADD": schema.AddOptionsT, "MUL": schema.MulOptionsT, "MAXIMUM": schema.MaximumMinimumOptionsT,
                       "MINIMUM": schema.MaximumMinimumOptionsT, "LOGICAL_AND": schema.LogicalAndOptionsT,
                       "LOGICAL_OR": schema.LogicalOrOptionsT}.get(name)
            d.op(name, [a, b], [y], options() if options else None)
            b = y
        d.returns(b)
    return index


def some(d, n, p=0.5):
    return [i for i in range(n) if d.chance(p)]


@operator("STABLEHLO_GATHER", "float32 float16 uint8 int8 int16 uint32 int32 int64 bool")
def stablehlo_gather(d, kind):
    shape, batch = d.shape(d.int(1, 4), limit=80), d.shape(d.int(0, 2), limit=8)
    rank = len(shape)
    gone, to = some(d, rank, 0.4), [int(i) for i in d.random.permutation(rank)[:d.int(1, rank)]]
    size = [1 if i in gone else d.int(1, n) for i, n in enumerate(shape)]
    window = [size[i] for i in range(rank) if i not in gone]
    offset = sorted(int(i) for i in d.random.permutation(len(batch) + len(window))[:len(window)])
    vector = d.int(0, len(batch))
    index = d.random.integers(-2, max(shape) + 1, batch[:vector] + [len(to)] + batch[vector:])
    d.op("STABLEHLO_GATHER", [given(d, kind, shape), d.input(d.choice("int32", "int64"), index.shape, 0, values=index)],
         [d.output(kind, 0, shape=[1] * (len(batch) + len(window)))], schema.StablehloGatherOptionsT(), offsetDims=offset,
         collapsedSliceDims=gone, startIndexMap=to, indexVectorDim=vector, sliceSizes=size)


@operator("STABLEHLO_SCATTER", NUMBERS)
def stablehlo_scatter(d, kind):
    shape, batch = d.shape(d.int(1, 4), limit=80), d.shape(d.int(0, 2), limit=8)
    rank = len(shape)
    gone, to = some(d, rank, 0.4), [int(i) for i in d.random.permutation(rank)[:d.int(1, rank)]]
    window = [d.int(1, n) for i, n in enumerate(shape) if i not in gone]
    inside = sorted(int(i) for i in d.random.permutation(len(batch) + len(window))[:len(window)])
    rest, sizes = list(batch), list(window)
    updates = [sizes.pop(0) if i in inside else rest.pop(0) for i in range(len(batch) + len(window))]
    vector = d.int(0, len(batch))
    index = d.random.integers(-1, max(shape), batch[:vector] + [len(to)] + batch[vector:])
    name = d.choice(None, "STABLEHLO_ADD", "STABLEHLO_MULTIPLY", "STABLEHLO_MAXIMUM", "STABLEHLO_MINIMUM")
    d.op("STABLEHLO_SCATTER", [given(d, kind, shape), d.input(d.choice("int32", "int64"), index.shape, 0, values=index),
                               given(d, kind, updates)], [d.output(kind, 0)], schema.StablehloScatterOptionsT(),
         updateWindowDims=inside, insertedWindowDims=gone, scatterDimsToOperandDims=to, indexVectorDim=vector,
         updateComputationSubgraphIndex=region(d, kind, name))


@operator("STABLEHLO_PAD", NUMBERS)
def stablehlo_pad(d, kind):
    shape = d.shape(d.int(1, 4), limit=40)
    cut = d.choice(0, 0, -2)
    low, high = [[d.int(cut, 3) for _ in shape] for _ in range(2)]
    d.op("STABLEHLO_PAD", [given(d, kind, shape), given(d, kind, [])], [d.output(kind, 0)], schema.StablehloPadOptionsT(),
         edgePaddingLow=low, edgePaddingHigh=high, interiorPadding=[d.choice(0, 0, 1, 2) for _ in shape])


@operator("DILATE", "float32 uint8 int8 int16 int32 int64 bool")
def dilate(d, kind):
    shape = d.shape(d.int(1, 4), limit=40)
    steps = [d.choice(1, 1, 2, 3) for _ in shape]
    # Where nothing is dilated the reference reads past its input.
    steps[d.int(0, len(steps) - 1)] += 1
    d.op("DILATE", [given(d, kind, shape), d.ints(steps), given(d, kind, [])], [d.output(kind, 0)], schema.DilateOptionsT())


def windows(d, shape):
    return [d.int(1, min(n, 4)) for n in shape]


BODIES = "ADD", "MUL", "MAXIMUM", "MINIMUM", "LOGICAL_AND", "LOGICAL_OR"


@operator("STABLEHLO_REDUCE_WINDOW", JOINED)
def stablehlo_reduce_window(d, kind):
    shape = d.shape(d.int(1, 4), limit=60)
    frame = [d.int(d.choice(0, 0, -1), 2) if d.chance(0.5) else 0 for _ in range(2 * len(shape))]
    name = d.choice(*BODIES)
    if d.chance(0.5) and not name.startswith("LOGICAL"):
        name = {"MUL": "STABLEHLO_MULTIPLY"}.get(name, "STABLEHLO_" + name)
    d.op("STABLEHLO_REDUCE_WINDOW", [given(d, kind, shape), given(d, kind, [])], [d.output(kind, 0)],
         schema.StablehloReduceWindowOptionsT(), windowDimensions=windows(d, shape),
         windowStrides=[d.choice(1, 1, 2, 3) for _ in shape], baseDilations=[d.choice(1, 1, 2) for _ in shape],
         windowDilations=[d.choice(1, 1, 2) for _ in shape], padding=frame,
         bodySubgraphIndex=region(d, kind if not name.startswith("LOGICAL") else "bool", name))


@operator("REDUCE_WINDOW", JOINED)
def reduce_window(d, kind):
    shape = d.shape(d.int(1, 4), limit=60)
    inputs = [given(d, kind, shape), given(d, kind, []), d.ints(windows(d, shape), "int64"),
              d.ints([d.choice(1, 1, 2, 3) for _ in shape], "int64"), d.ints([d.choice(1, 1, 2) for _ in shape], "int64")]
    d.op("REDUCE_WINDOW", inputs, [d.output(kind, 0)], schema.ReduceWindowOptionsT(), reduceFunction=d.int(1, 6))


@operator("STABLEHLO_RNG_BIT_GENERATOR", "int32 uint32 int64 uint64")
def stablehlo_rng_bit_generator(d, kind):
    algorithm = d.int(0, 2)
    n = 2 if algorithm == 2 else d.int(2, 3)
    state = d.random.integers(0, 2**64 - 1, n, dtype=np.uint64)
    if d.chance(0.3):
        state[1] |= np.uint64(0xffffffff)
    shape = d.shape(d.int(1, 3), limit=40)
    d.op("STABLEHLO_RNG_BIT_GENERATOR", [d.input("uint64", [n], 0, values=state)],
         [d.output("uint64", 0, shape=[n]), d.output(kind, 0, shape=shape)], schema.StablehloRngBitGeneratorOptionsT(),
         algorithm=algorithm)


@operator("BITCAST", "float32 uint8 int8 uint16 int16 uint32 int32 int64")
def bitcast(d, kind):
    other = d.choice("float32", "uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "float64")
    wider = np.dtype(other).itemsize // np.dtype(kind).itemsize
    shape = d.shape(d.int(0, 3), limit=20) + ([wider] if wider > 1 else [])
    d.op("BITCAST", [given(d, kind, shape)], [d.output(other, 0)], schema.BitcastOptionsT())
