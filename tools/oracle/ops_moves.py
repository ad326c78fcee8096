# SPDX-License-Identifier: Apache-2.0
"""Drawn models of the operators that move elements, choose among them, or tell about shapes."""
import math

import numpy as np
from ai_edge_litert import schema_py_generated as schema

import drawn
from drawn import operator
from ops_arithmetic import padded_convolution

drawn.TYPES.update(uint16=schema.TensorType.UINT16, float64=schema.TensorType.FLOAT64)
MOVED = "float32 uint8 int8 int16 int32 int64 bool"
MOST_DIMENSIONS = 8  # of our tensors


def quant(d, x):
    """Scale and zero point of a tensor, for another one that has to have the same; 0: none."""
    q = d.graph.tensors[x].quantization
    return (0, 0) if q is None else (float(q.scale[0]), int(q.zeroPoint[0]))


def like(d, kind, x, shape=()):
    scale, zero = quant(d, x)
    return d.output(kind, scale, zero, shape)


def ones(d, shape, p=0.4):
    return [1 if d.chance(p) else n for n in shape]


def index_kind(d):
    return d.choice("int32", "int64")


def axis_of(d, rank):
    return d.int(-rank, rank - 1)


def numbers(d, kind, shape):
    """Few different ones now and then, so that some are equal."""
    if kind == "bool" or d.chance(0.5):
        return d.numbers(kind, shape)
    return np.asarray(d.random.integers(0, 4, shape)).astype(kind)


def concatenation_of_results(d, kind):
    shape = d.shape()
    axis = d.int(0, len(shape) - 1)
    shape[:axis] = [1] * axis
    given, pieces = [], []
    for _ in range(d.int(2, 4)):
        shape[axis] = d.int(1, 9)
        given.append(d.input(kind, shape, *(quant(d, given[0]) if given else ())))
        pieces.append(d.tensor(kind, shape, *quant(d, given[0])))
        d.op("RELU", given[-1:], pieces[-1:])
    d.op("CONCATENATION", pieces, [like(d, kind, given[0])], schema.ConcatenationOptionsT(), 2, axis=axis)


@operator("CONCATENATION", MOVED + " float16 uint32 float32_pieces uint8_pieces int8_pieces")
def concatenation(d, kind):
    """`pieces`: the inputs are results of other operators, and each is one block of the output."""
    kind, _, pieces = kind.partition("_")
    if pieces:
        return concatenation_of_results(d, kind)
    shape = d.shape()
    axis, n = axis_of(d, len(shape)), d.int(1, 4)
    shape[axis] = d.int(1, 4)
    inputs = [d.input(kind, shape)]
    for _ in range(n - 1):
        other = list(shape)
        other[axis] = d.int(0, 4)
        # Only uint8 brings inputs of other scales to that of the output.
        inputs.append(d.input(kind, other, *(() if kind == "uint8" and d.chance(0.7) else quant(d, inputs[0]))))
    y = d.output(kind) if kind == "uint8" else like(d, kind, inputs[0])
    d.op("CONCATENATION", inputs, [y], schema.ConcatenationOptionsT(), 2, axis=axis)


@operator("SPLIT", "float32 uint8 int8 int16 int32 int64")
def split(d, kind):
    shape, n = d.shape(), d.int(1, 4)
    axis = axis_of(d, len(shape))
    shape[axis] = n * d.int(1, 3)
    x = d.input(kind, shape)
    d.op("SPLIT", [d.const("int32", [], values=axis), x], [like(d, kind, x) for _ in range(n)], schema.SplitOptionsT(),
         numSplits=n)


@operator("SPLIT_V", "float32 uint8 int8 int16 int32 int64")
def split_v(d, kind):
    shape, sizes = d.shape(), [d.int(0, 3) for _ in range(d.int(1, 4))]
    axis = axis_of(d, len(shape))
    shape[axis] = sum(sizes)
    if d.chance(0.4):
        sizes[d.int(0, len(sizes) - 1)] = -1
    x = d.input(kind, shape)
    d.op("SPLIT_V", [x, d.ints(sizes, index_kind(d)), d.const("int32", [], values=axis)],
         [like(d, kind, x) for _ in sizes], schema.SplitVOptionsT(), numSplits=len(sizes))


@operator("PACK", "float32 uint8 int8 int16 int32 int64 uint32")
def pack(d, kind):
    shape, n = d.shape(d.int(0, 4)), d.int(1, 4)
    x = d.input(kind, shape)
    inputs = [x] + [d.input(kind, shape, *quant(d, x)) for _ in range(n - 1)]
    d.op("PACK", inputs, [like(d, kind, x)], schema.PackOptionsT(), valuesCount=n, axis=axis_of(d, len(shape) + 1))


@operator("UNPACK", "float32 uint8 int8 int16 int32 bool")
def unpack(d, kind):
    shape = d.shape(most=5)
    axis = axis_of(d, len(shape))
    x = d.input(kind, shape)
    d.op("UNPACK", [x], [like(d, kind, x) for _ in range(shape[axis])], schema.UnpackOptionsT(), num=shape[axis], axis=axis)


def frame(d, shape):
    return [[d.int(0, 3), d.int(0, 3)] for _ in shape]


@operator("PAD", MOVED + " uint8_conv int8_conv float32_conv")
def pad(d, kind):
    """`conv`: before a convolution."""
    kind, _, conv = kind.partition("_")
    if conv:
        return padded_convolution(d, kind, "PAD")
    shape = d.shape(limit=40)
    x = d.input(kind, shape)
    pads = d.const(index_kind(d), [len(shape), 2], values=frame(d, shape))
    d.op("PAD", [x, pads], [like(d, kind, x)], schema.PadOptionsT(), 2)


@operator("PADV2", MOVED + " uint8_conv int8_conv float32_conv")
def padv2(d, kind):
    kind, _, conv = kind.partition("_")
    if conv:
        return padded_convolution(d, kind, "PADV2")
    shape = d.shape(limit=40)
    x = d.input(kind, shape)
    pads = d.const(index_kind(d), [len(shape), 2], values=frame(d, shape))
    value = (d.const if d.chance(0.7) else d.input)(kind, d.choice([], [1]), *quant(d, x))
    d.op("PADV2", [x, pads, value], [like(d, kind, x)], schema.PadV2OptionsT(), 2)


@operator("MIRROR_PAD", "float32 uint8 int8 int16 int32 int64")
def mirror_pad(d, kind):
    shape, mode = d.shape(d.int(1, 4), limit=40), d.int(0, 1)
    pads = [[d.int(0, n - 1 + mode), d.int(0, n - 1 + mode)] for n in shape]
    x = d.input(kind, shape)
    d.op("MIRROR_PAD", [x, d.const(index_kind(d), [len(shape), 2], values=pads)], [like(d, kind, x)],
         schema.MirrorPadOptionsT(), mode=mode)


def arg(d, kind, name, options):
    shape, out = d.shape(), index_kind(d)
    x = d.input(kind, shape, values=numbers(d, kind, shape))
    d.op(name, [x, d.const(index_kind(d), [], values=axis_of(d, len(shape)))], [d.output(out)], options, 2,
         outputType=drawn.TYPES[out])


@operator("ARG_MAX", "float32 uint8 int8 int32 bool")
def arg_max(d, kind):
    arg(d, kind, "ARG_MAX", schema.ArgMaxOptionsT())


@operator("ARG_MIN", "float32 uint8 int8 int32 bool")
def arg_min(d, kind):
    arg(d, kind, "ARG_MIN", schema.ArgMinOptionsT())


@operator("CAST", "float32 float64 float16 uint8 int8 uint16 int16 uint32 int32 int64 bool")
def cast(d, kind):
    shape = d.shape(d.int(0, 4))
    values = None
    if kind in ("float32", "float64", "float16"):
        with np.errstate(over="ignore"):
            values = np.asarray(d.random.normal(0, 1, shape) * 10.0 ** d.random.uniform(-9, 12, shape)).astype(kind)
        if values.size and d.chance(0.5):
            values.flat[d.int(0, values.size - 1)] = d.choice(np.nan, np.inf, -np.inf, -0.0)
    to = d.choice("float32", "float64", "float16", "uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "bool")
    d.op("CAST", [d.input(kind, shape, 0, values=values)], [d.output(to, 0)], schema.CastOptionsT())


@operator("GATHER", MOVED + " float16")
def gather(d, kind):
    shape = d.shape(d.int(1, 4))
    axis = d.int(0, len(shape) - 1)
    batch = d.int(0, axis) if d.chance(0.5) else 0
    to = shape[:batch] + d.shape(d.int(0, 2), limit=12)
    x = d.input(kind, shape)
    indices = d.input(d.choice("int32", "int64", "int16"), to, 0, values=d.random.integers(0, shape[axis], to))
    d.op("GATHER", [x, indices], [like(d, kind, x)], schema.GatherOptionsT(), 7, batchDims=batch,
         axis=axis - len(shape) if d.chance(0.3) else axis)


def rows_of_indices(d, shape, depth, to):
    return np.stack([d.random.integers(0, shape[i], to) for i in range(depth)], -1)


@operator("GATHER_ND", MOVED + " float16")
def gather_nd(d, kind):
    shape, to = d.shape(), d.shape(d.int(0, 2), limit=12)
    rows = rows_of_indices(d, shape, d.int(1, len(shape)), to)
    x = d.input(kind, shape)
    d.op("GATHER_ND", [x, d.input(d.choice("int32", "int64", "int16"), rows.shape, 0, values=rows)], [like(d, kind, x)],
         schema.GatherNdOptionsT(), 5)


@operator("SCATTER_ND", "float32 uint8 int8 int32 int64 bool")
def scatter_nd(d, kind):
    shape, to = d.shape(d.int(1, 4), limit=60), d.shape(d.int(1, 2), limit=12)
    depth = d.int(1, len(shape))
    rows = rows_of_indices(d, shape, depth, to)
    updates = d.input(kind, to + shape[depth:])
    d.op("SCATTER_ND", [d.input("int32", rows.shape, values=rows), updates, d.ints(shape)], [like(d, kind, updates)],
         schema.ScatterNdOptionsT())


@operator("TRANSPOSE", MOVED)
def transpose(d, kind):
    shape = d.shape(d.int(1, 6))
    x = d.input(kind, shape)
    d.op("TRANSPOSE", [x, d.ints(d.random.permutation(len(shape)))], [like(d, kind, x)], schema.TransposeOptionsT(), 5)


@operator("RESHAPE", MOVED)
def reshape(d, kind):
    shape = d.shape(d.int(0, 5))
    wanted = [int(n) for n in d.random.permutation(shape)]
    if d.chance(0.3):
        wanted = [math.prod(shape), 1]
    if wanted and d.chance(0.5):
        wanted[d.int(0, len(wanted) - 1)] = -1
    x = d.input(kind, shape)
    if d.chance(0.3) and wanted:
        d.op("RESHAPE", [x], [like(d, kind, x)], schema.ReshapeOptionsT(), newShape=wanted)
    else:
        d.op("RESHAPE", [x, d.ints(wanted)], [like(d, kind, x)], schema.ReshapeOptionsT())


@operator("SQUEEZE", MOVED)
def squeeze(d, kind):
    shape = ones(d, d.shape())
    dims = [i - len(shape) if d.chance(0.3) else i for i, n in enumerate(shape) if n == 1 and d.chance(0.6)]
    x = d.input(kind, shape)
    d.op("SQUEEZE", [x], [like(d, kind, x)], schema.SqueezeOptionsT(), squeezeDims=dims)


@operator("EXPAND_DIMS", MOVED)
def expand_dims(d, kind):
    shape = d.shape(d.int(0, 5))
    x = d.input(kind, shape)
    d.op("EXPAND_DIMS", [x, d.const(index_kind(d), [], values=axis_of(d, len(shape) + 1))], [like(d, kind, x)],
         schema.ExpandDimsOptionsT())


@operator("SLICE", MOVED)
def slice_(d, kind):
    shape = d.shape()
    begin = [d.int(0, n - 1) for n in shape]
    size = [d.int(0 if d.chance(0.1) else 1, n - b) for n, b in zip(shape, begin)]
    x, of = d.input(kind, shape), index_kind(d)
    given = [-1 if s == n - b and d.chance(0.7) else s for n, b, s in zip(shape, begin, size)]
    # The reference wants the file to have the shape right.
    d.op("SLICE", [x, d.ints(begin, of), d.ints(given, of)], [like(d, kind, x, size)], schema.SliceOptionsT(), 3)


@operator("STRIDED_SLICE", MOVED)
def strided_slice(d, kind):
    shape = d.shape()
    n = d.int(1, len(shape))

    def mask(p):
        return sum(1 << i for i in range(n) if d.chance(p))

    shrink, new = mask(0.15), mask(0.15) if d.chance(0.4) else 0
    if len(shape) + bin(new).count("1") > MOST_DIMENSIONS:
        new = 0
    begin = [d.int(-k - 1, k + 1) for k in shape[:n]]
    end = [d.int(-k - 1, k + 1) for k in shape[:n]]
    stride = [d.choice(1, 1, 1, 2, 3, -1, -2) for _ in range(n)]
    for i in range(n):
        if shrink >> i & 1:
            begin[i], stride[i] = d.int(-shape[i], shape[i] - 1), 1
    x = d.input(kind, shape)
    d.op("STRIDED_SLICE", [x, d.ints(begin), d.ints(end), d.ints(stride)], [like(d, kind, x)],
         schema.StridedSliceOptionsT(), 4, beginMask=mask(0.3), endMask=mask(0.3), shrinkAxisMask=shrink,
         newAxisMask=new, ellipsisMask=1 << d.int(0, n - 1) if d.chance(0.25) else 0)


@operator("TILE", MOVED)
def tile(d, kind):
    shape = d.shape(d.int(1, 4), limit=30)
    x = d.input(kind, shape)
    d.op("TILE", [x, d.ints([d.int(1, 3) for _ in shape], index_kind(d))], [like(d, kind, x)], schema.TileOptionsT(), 2)


@operator("REVERSE_V2", MOVED)
def reverse_v2(d, kind):
    shape = d.shape()
    first = d.int(0, len(shape) - 1)
    axes = [i - len(shape) if d.chance(0.3) else i for i in range(first, d.int(first, len(shape) - 1) + 1)]
    x = d.input(kind, shape)
    d.op("REVERSE_V2", [x, d.ints(axes)], [like(d, kind, x)], schema.ReverseV2OptionsT(), 3)


@operator("SPACE_TO_DEPTH", "float32 uint8 int8 int32 int64")
def space_to_depth(d, kind):
    block = d.int(1, 3)
    x = d.input(kind, [d.int(1, 2), block * d.int(1, 3), block * d.int(1, 3), d.int(1, 3)])
    d.op("SPACE_TO_DEPTH", [x], [like(d, kind, x)], schema.SpaceToDepthOptionsT(), 2, blockSize=block)


@operator("DEPTH_TO_SPACE", "float32 uint8 int8 int32 int64")
def depth_to_space(d, kind):
    block = d.int(1, 3)
    x = d.input(kind, [d.int(1, 2), d.int(1, 3), d.int(1, 3), block * block * d.int(1, 3)])
    d.op("DEPTH_TO_SPACE", [x], [like(d, kind, x)], schema.DepthToSpaceOptionsT(), 1, blockSize=block)


@operator("SPACE_TO_BATCH_ND", MOVED + " float16 float64 uint32")
def space_to_batch_nd(d, kind):
    n = d.int(1, 2)
    block, space = [d.int(1, 3) for _ in range(n)], [d.int(1, 7) for _ in range(n)]
    pads = frame(d, space)
    for i in range(n):
        pads[i][1] += -(space[i] + sum(pads[i])) % block[i]
    x = d.input(kind, [d.int(1, 2), *space, d.int(1, 3)])
    d.op("SPACE_TO_BATCH_ND", [x, d.ints(block), d.const("int32", [n, 2], values=pads)], [like(d, kind, x)],
         schema.SpaceToBatchNDOptionsT(), 3)


@operator("BATCH_TO_SPACE_ND", MOVED + " float16 float64 uint32")
def batch_to_space_nd(d, kind):
    n = d.int(1, 2)
    block, space = [d.int(1, 3) for _ in range(n)], [d.int(1, 4) for _ in range(n)]
    crops = []
    for b, s in zip(block, space):
        front = d.int(0, min(2, b * s - 1))
        crops.append([front, d.int(0, min(2, b * s - front - 1))])
    x = d.input(kind, [math.prod(block) * d.int(1, 2), *space, d.int(1, 3)])
    d.op("BATCH_TO_SPACE_ND", [x, d.ints(block), d.const("int32", [n, 2], values=crops)], [like(d, kind, x)],
         schema.BatchToSpaceNDOptionsT(), 3)


@operator("BROADCAST_TO", MOVED)
def broadcast_to(d, kind):
    shape = d.shape(d.int(1, 6))
    x = d.input(kind, ones(d, shape)[d.int(0, len(shape)) if d.chance(0.4) else 0:])
    d.op("BROADCAST_TO", [x, d.ints(shape, index_kind(d))], [like(d, kind, x)], schema.BroadcastToOptionsT(), 3)


@operator("BROADCAST_ARGS", "int32 int64")
def broadcast_args(d, kind):
    a, b = d.broadcast_shapes()
    d.op("BROADCAST_ARGS", [d.input(kind, [len(s)], 0, values=s) for s in (a, b)], [d.output(kind)])


@operator("SHAPE", MOVED)
def shape_(d, kind):
    of = index_kind(d)
    d.op("SHAPE", [d.input(kind, d.shape())], [d.output(of)], schema.ShapeOptionsT(), outType=drawn.TYPES[of])


@operator("RANK", MOVED)
def rank(d, kind):
    d.op("RANK", [d.input(kind, d.shape(d.int(0, 5)))], [d.output("int32")], schema.RankOptionsT())


@operator("RANGE", "float32 int32 int64")
def range_(d, kind):
    if kind == "float32":
        a, b, step = d.random.uniform(-20, 20), d.random.uniform(-20, 20), d.random.uniform(0.3, 5)
    else:
        a, b, step = d.int(-50, 50), d.int(-50, 50), d.int(1, 7)
    d.op("RANGE", [d.const(kind, [], 0, values=v) for v in (a, b, step if b >= a else -step)], [d.output(kind)],
         schema.RangeOptionsT())


@operator("FILL", "float32 uint8 int8 int16 int32 int64 bool")
def fill(d, kind):
    value = d.input(kind, [])
    d.op("FILL", [d.ints(d.shape(), index_kind(d)), value], [like(d, kind, value)], schema.FillOptionsT(), 3)


@operator("ZEROS_LIKE", "float32 int32 int64")
def zeros_like(d, kind):
    d.op("ZEROS_LIKE", [d.input(kind, d.shape(d.int(0, 5)))], [d.output(kind)], schema.ZerosLikeOptionsT())


@operator("ONE_HOT", "float32 uint8 int8 int32 int64 bool")
def one_hot(d, kind):
    shape, depth = d.shape(d.int(0, 3), limit=30), d.int(1, 6)
    indices = d.input(index_kind(d), shape, 0, values=d.random.integers(-1, depth + 1, shape, endpoint=True))
    d.op("ONE_HOT", [indices, d.const("int32", [], values=depth), d.const(kind, [], 0), d.input(kind, [], 0)],
         [d.output(kind, 0)], schema.OneHotOptionsT(), axis=d.int(-1, len(shape)))


@operator("TOPK_V2", "float32 uint8 int8 int16 int32 int64")
def topk_v2(d, kind):
    shape = d.shape(d.int(1, 3))
    values = numbers(d, kind, shape)
    if kind == "float32" and d.chance(0.3):
        values.flat[d.int(0, values.size - 1)] = np.nan
    x = d.input(kind, shape, values=values)
    d.op("TOPK_V2", [x, d.const("int32", [], values=d.int(1, shape[-1]))], [like(d, kind, x), d.output("int32")],
         schema.TopKV2OptionsT(), 2)


@operator("SELECT", MOVED + " uint32 float16 float64 complex64")
def select(d, kind):
    shape = d.shape(d.int(1, 4))
    x = d.input(kind, shape)
    condition = d.input("bool", d.choice(shape, [], shape[:1]))
    d.op("SELECT", [condition, x, d.input(kind, shape, *quant(d, x))], [like(d, kind, x)], schema.SelectOptionsT(), 4)


@operator("SELECT_V2", MOVED + " uint32 float16 float64 complex64")
def select_v2(d, kind):
    shape = d.shape()

    def part():
        return ones(d, shape, 0.3)[d.int(0, len(shape)) if d.chance(0.4) else 0:]

    x = d.input(kind, part())
    d.op("SELECT_V2", [d.input("bool", part()), x, d.input(kind, part(), *quant(d, x))], [like(d, kind, x)],
         schema.SelectV2OptionsT(), 2)


@operator("WHERE", "float32 uint8 int8 int32 int64 bool uint32")
def where(d, kind):
    shape = d.shape(d.int(1, 4))
    # Of constants: else the shape is known only while running.
    d.op("WHERE", [d.const(kind, shape, 0, values=numbers(d, kind, shape))], [d.output("int64")], schema.WhereOptionsT(), 2)


@operator("CUMSUM", "float32 int32 int64")
def cumsum(d, kind):
    shape = d.shape(d.int(1, 4))
    d.op("CUMSUM", [d.input(kind, shape), d.const("int32", [], values=axis_of(d, len(shape)))], [d.output(kind)],
         schema.CumsumOptionsT(), exclusive=d.chance(0.5), reverse=d.chance(0.5))


@operator("FAKE_QUANT", "float32")
def fake_quant(d, kind):
    d.op("FAKE_QUANT", [d.input(kind, d.shape())], [d.output(kind)], schema.FakeQuantOptionsT(), 2,
         min=-d.random.uniform(0, 6), max=d.random.uniform(0.1, 6), numBits=d.choice(8, 8, 4, 16, 2))


def without_zero(values, zero):
    return np.where(values == zero, zero + 1 if zero < 100 else zero - 1, values)


@operator("DIV", "float32 uint8 int8 int16 int32")
def div(d, kind):
    a, b = d.broadcast_shapes()
    x, y = d.input(kind, a), d.input(kind, b)
    if kind != "float32":
        d.values[1] = without_zero(d.values[1], quant(d, y)[1]).astype(kind)
    scale = 0 if kind in ("float32", "int32") else d.scale_of(x) / d.scale_of(y) * 2.0 ** d.random.uniform(-9, 1)
    d.op("DIV", [x, y], [d.output(kind, scale)], schema.DivOptionsT(), 2, fusedActivationFunction=d.activation())


@operator("FLOOR_DIV", "float32 int8 int16 int32")
def floor_div(d, kind):
    """Without the least number as dividend, whose quotient by -1 the type does not have: of that, the reference makes the largest
    number or the least, by its place in the tensor."""
    a, b = d.broadcast_shapes()
    dividends = d.numbers(kind, a)
    if kind != "float32":
        dividends = np.maximum(dividends, np.iinfo(kind).min + 1)
    x, y = d.input(kind, a, 0, values=dividends), d.input(kind, b, 0, values=without_zero(d.numbers(kind, b), 0))
    d.op("FLOOR_DIV", [x, y], [d.output(kind, 0)], schema.FloorDivOptionsT(), 3)
