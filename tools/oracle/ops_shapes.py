# SPDX-License-Identifier: Apache-2.0
"""Drawn models whose shapes are known only while running, or change because inputs are resized.

DYNAMIC has a kind for each operator that takes a shape, an axis or the like as an input, which here is an input of the
model, with another value in each run. RESIZED has small networks with inputs of other sizes in each run. Neither is an
operator: their cases prove the graph around the operators. The kind `any` of both takes what another generator draws."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

import drawn
from drawn import operator
from ops_moves import frame, ones, quant

DYNAMIC = {}


def dynamic(function):
    DYNAMIC[function.__name__.upper().strip("_")] = function
    return function


def kind_of(d):
    return d.choice("float32", "uint8", "int8", "int32")


def follow(d, kind, x):
    """Operators behind the one whose shape is open, so that something is prepared, lowered and planned there."""
    outputs, x = [x], x
    for _ in range(0 if kind == "bare" else d.int(0, 2)):
        y = d.tensor(kind, [], *quant(d, x))
        how = d.int(0, 3)
        if kind in ("float32", "uint8", "int8") and how == 0:
            d.op("RELU", [x], [y])
        elif kind in ("float32", "int32", "uint8", "int8") and how == 1:
            d.op("ADD", [x, x], [y], schema.AddOptionsT())
        elif how == 2:
            shape = d.tensor("int32", [])
            d.op("SHAPE", [x], [shape], schema.ShapeOptionsT(), outType=schema.TensorType.INT32)
            flat = d.tensor(kind, [], *quant(d, x))
            d.op("RESHAPE", [x, d.ints([-1])], [flat], schema.ReshapeOptionsT())
            d.op("RESHAPE", [flat, shape], [y], schema.ReshapeOptionsT())
        else:
            d.op("MAXIMUM", [x, x], [y], schema.MaximumMinimumOptionsT())
        outputs.append(y)
        x = y
    return outputs


def runs(d, draw, n=3):
    """draw() gives the values of the model's inputs."""
    for _ in range(n - 1):
        d.again(*draw())


@dynamic
def reshape(d):
    kind, shape = kind_of(d), d.shape(d.int(1, 4))
    x = d.input(kind, shape)

    def wanted():
        to = [int(n) for n in d.random.permutation(shape)]
        if d.chance(0.5):
            to[d.int(0, len(to) - 1)] = -1
        return to

    y = d.tensor(kind, [], *quant(d, x))
    d.op("RESHAPE", [x, d.input("int32", [len(shape)], values=wanted())], [y], schema.ReshapeOptionsT())
    runs(d, lambda: (d.numbers(kind, shape), wanted()))
    return kind, y


@dynamic
def tile(d):
    kind, shape = kind_of(d), d.shape(d.int(1, 3), limit=30)
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))

    def times():
        return [d.int(1, 3) for _ in shape]

    d.op("TILE", [x, d.input("int32", [len(shape)], values=times())], [y], schema.TileOptionsT(), 2)
    runs(d, lambda: (d.numbers(kind, shape), times()))
    return kind, y


@dynamic
def slice_(d):
    kind, shape = kind_of(d), d.shape()
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))

    def part():
        begin = [d.int(0, n - 1) for n in shape]
        return begin, [d.choice(-1, d.int(1, n - b)) for n, b in zip(shape, begin)]

    begin, size = part()
    fixed = d.chance(0.3)
    d.op("SLICE", [x, d.ints([0] * len(shape)) if fixed else d.input("int32", [len(shape)], values=begin),
                   d.input("int32", [len(shape)], values=size)], [y], schema.SliceOptionsT(), 3)
    runs(d, lambda: (d.numbers(kind, shape), *part()[fixed:]))
    return kind, y


@dynamic
def strided_slice(d):
    kind, shape = kind_of(d), d.shape(d.int(1, 4))
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))

    def part():
        begin = [d.int(0, n - 1) for n in shape]
        return begin, [d.int(b + 1, n) for b, n in zip(begin, shape)], [d.choice(1, 1, 2) for _ in shape]

    d.op("STRIDED_SLICE", [x, *(d.input("int32", [len(shape)], values=v) for v in part())], [y],
         schema.StridedSliceOptionsT(), 4)
    runs(d, lambda: (d.numbers(kind, shape), *part()))
    return kind, y


def padded(d, name, options):
    kind, shape = kind_of(d), d.shape(d.int(1, 4), limit=30)
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))

    def pads():
        return frame(d, shape) if name != "MIRROR_PAD" else [[d.int(0, n - 1), d.int(0, n - 1)] for n in shape]

    more = [d.const(kind, [], *quant(d, x))] if name == "PADV2" else []
    d.op(name, [x, d.input("int32", [len(shape), 2], values=pads()), *more], [y], options, 2)
    runs(d, lambda: (d.numbers(kind, shape), pads()))
    return kind, y


@dynamic
def pad(d):
    return padded(d, "PAD", schema.PadOptionsT())


@dynamic
def padv2(d):
    return padded(d, "PADV2", schema.PadV2OptionsT())


@dynamic
def mirror_pad(d):
    return padded(d, "MIRROR_PAD", schema.MirrorPadOptionsT())


@dynamic
def broadcast_to(d):
    kind, full = kind_of(d), d.shape(d.int(1, 4))
    shape = ones(d, full)
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))

    def wanted():
        return [d.int(1, 4) if n == 1 else n for n in shape]

    d.op("BROADCAST_TO", [x, d.input("int32", [len(full)], values=wanted())], [y], schema.BroadcastToOptionsT(), 3)
    runs(d, lambda: (d.numbers(kind, shape), wanted()))
    return kind, y


@dynamic
def fill(d):
    kind, rank = d.choice("float32", "int32"), d.int(1, 4)
    value = d.input(kind, [])
    y = d.tensor(kind, [])
    d.op("FILL", [d.input("int32", [rank], values=d.shape(rank)), value], [y], schema.FillOptionsT(), 3)
    runs(d, lambda: (d.numbers(kind, []), d.shape(rank)))
    return kind, y


@dynamic
def range_(d):
    kind = d.choice("float32", "int32")

    def ends():
        a, b, step = d.int(-20, 20), d.int(-20, 20), d.int(1, 5)
        return (a, b, step if b >= a else -step)

    y = d.tensor(kind, [])
    d.op("RANGE", [d.input(kind, [], 0, values=v) for v in ends()], [y], schema.RangeOptionsT())
    runs(d, ends)
    return kind, y


@dynamic
def where(d):
    """The rows that it finds, gathered."""
    shape, kind = d.shape(d.int(1, 3)), d.choice("float32", "bool", "int32")
    mask, x = d.input(kind, shape, 0), d.input("float32", shape)
    found, y = d.tensor("int64", []), d.tensor("float32", [])
    d.op("WHERE", [mask], [found], schema.WhereOptionsT())
    d.op("GATHER_ND", [x, found], [y], schema.GatherNdOptionsT(), 5)
    d.returns(found)
    runs(d, lambda: (d.random.integers(0, 2, shape) if d.chance(0.8) else np.zeros(shape), d.numbers("float32", shape)))
    return "float32", y


@dynamic
def transpose(d):
    kind, shape = kind_of(d), d.shape(d.int(2, 4))
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))
    d.op("TRANSPOSE", [x, d.input("int32", [len(shape)], values=d.random.permutation(len(shape)))], [y],
         schema.TransposeOptionsT(), 5)
    runs(d, lambda: (d.numbers(kind, shape), d.random.permutation(len(shape))))
    return kind, y


@dynamic
def expand_dims(d):
    kind, shape = kind_of(d), d.shape(d.int(1, 4))
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))

    def axis():
        return d.int(-len(shape) - 1, len(shape))

    d.op("EXPAND_DIMS", [x, d.input("int32", [], values=axis())], [y], schema.ExpandDimsOptionsT())
    runs(d, lambda: (d.numbers(kind, shape), axis()))
    return kind, y


@dynamic
def arg_max(d):
    kind, shape = kind_of(d), d.shape(d.int(2, 4))
    x, y = d.input(kind, shape), d.tensor("int32", [])

    def axis():
        return d.int(-len(shape), len(shape) - 1)

    d.op("ARG_MAX", [x, d.input("int32", [], values=axis())], [y], schema.ArgMaxOptionsT(), 2,
         outputType=schema.TensorType.INT32)
    runs(d, lambda: (d.numbers(kind, shape), axis()))
    return "int32", y


def reduced(d, name):
    kind, shape = d.choice("float32", "int8", "uint8"), d.shape(d.int(2, 4))
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))

    def axes():
        return [d.int(0, len(shape) - 1) for _ in range(2)]

    d.op(name, [x, d.input("int32", [2], values=axes())], [y], schema.ReducerOptionsT(), 2, keepDims=d.chance(0.5))
    runs(d, lambda: (d.numbers(kind, shape), axes()))
    return kind, y


@dynamic
def mean(d):
    return reduced(d, "MEAN")


@dynamic
def sum_(d):
    return reduced(d, "SUM")


@dynamic
def reduce_max(d):
    return reduced(d, "REDUCE_MAX")


@dynamic
def split(d):
    kind, n = kind_of(d), d.int(1, 3)
    shape = [n * d.int(1, 3) for _ in range(d.int(1, 3))]
    x = d.input(kind, shape)
    ys = [d.tensor(kind, [], *quant(d, x)) for _ in range(n)]

    def axis():
        return d.int(-len(shape), len(shape) - 1)

    d.op("SPLIT", [d.input("int32", [], values=axis()), x], ys, schema.SplitOptionsT(), 4, numSplits=n)
    d.returns(*ys[1:])
    runs(d, lambda: (d.numbers(kind, shape), axis()))
    return kind, ys[0]


@dynamic
def split_v(d):
    kind, total = kind_of(d), d.int(3, 9)
    x = d.input(kind, [2, total])
    ys = [d.tensor(kind, [], *quant(d, x)) for _ in range(2)]

    def sizes():
        k = d.int(1, total - 1)
        return [k, total - k]

    d.op("SPLIT_V", [x, d.input("int32", [2], values=sizes()), d.const("int32", [], values=1)], ys, schema.SplitVOptionsT(), 2,
         numSplits=2)
    d.returns(ys[1])
    runs(d, lambda: (d.numbers(kind, [2, total]), sizes()))
    return kind, ys[0]


@dynamic
def one_hot(d):
    shape = d.shape(d.int(1, 3), limit=20)
    x, y = d.input("int32", shape, values=d.random.integers(0, 4, shape)), d.tensor("float32", [])
    d.op("ONE_HOT", [x, d.input("int32", [], values=d.int(1, 5)), d.const("float32", [], values=1),
                     d.const("float32", [], values=0)], [y], schema.OneHotOptionsT(), axis=-1)
    runs(d, lambda: (d.random.integers(0, 4, shape), d.int(1, 5)))
    return "float32", y


@dynamic
def topk_v2(d):
    kind, shape = d.choice("float32", "uint8", "int8", "int32"), d.shape(d.int(1, 3))
    x = d.input(kind, shape)
    y, index = d.tensor(kind, [], *quant(d, x)), d.output("int32")
    d.op("TOPK_V2", [x, d.input("int32", [], values=d.int(1, shape[-1]))], [y, index], schema.TopKV2OptionsT(), 2)
    runs(d, lambda: (d.numbers(kind, shape), d.int(1, shape[-1])))
    return kind, y


def resized(d, name, options):
    kind, shape = d.choice("float32", "uint8", "int8"), [d.int(1, 2), d.int(2, 6), d.int(2, 6), d.int(1, 4)]
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))
    d.op(name, [x, d.input("int32", [2], values=[d.int(1, 9), d.int(1, 9)])], [y], options, 3)
    runs(d, lambda: (d.numbers(kind, shape), [d.int(1, 9), d.int(1, 9)]))
    return kind, y


@dynamic
def resize_bilinear(d):
    return resized(d, "RESIZE_BILINEAR", schema.ResizeBilinearOptionsT())


@dynamic
def resize_nearest_neighbor(d):
    return resized(d, "RESIZE_NEAREST_NEIGHBOR", schema.ResizeNearestNeighborOptionsT())


@dynamic
def scatter_nd(d):
    n = d.int(1, 4)
    rows, updates = d.input("int32", [n, 1], values=d.random.integers(0, 5, [n, 1])), d.input("float32", [n, 2])
    y = d.tensor("float32", [])
    d.op("SCATTER_ND", [rows, updates, d.input("int32", [2], values=[d.int(5, 8), 2])], [y], schema.ScatterNdOptionsT())
    runs(d, lambda: (d.random.integers(0, 5, [n, 1]), d.numbers("float32", [n, 2]), [d.int(5, 8), 2]))
    return "float32", y


@dynamic
def reverse_v2(d):
    kind, shape = kind_of(d), d.shape(d.int(1, 4))
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))
    d.op("REVERSE_V2", [x, d.input("int32", [1], values=[d.int(0, len(shape) - 1)])], [y], schema.ReverseV2OptionsT(), 3)
    runs(d, lambda: (d.numbers(kind, shape), [d.int(0, len(shape) - 1)]))
    return kind, y


@dynamic
def cumsum(d):
    shape = d.shape(d.int(1, 4))
    y = d.tensor("float32", [])
    d.op("CUMSUM", [d.input("float32", shape), d.input("int32", [], values=d.int(0, len(shape) - 1))], [y],
         schema.CumsumOptionsT(), exclusive=d.chance(0.5))
    runs(d, lambda: (d.numbers("float32", shape), d.int(0, len(shape) - 1)))
    return "float32", y


@dynamic
def space_to_batch_nd(d):
    kind, block = kind_of(d), d.int(1, 2)
    shape = [1, block * d.int(1, 4), block * d.int(1, 4), d.int(1, 3)]
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))

    def pads():
        return [[block * d.int(0, 1), block * d.int(0, 1)] for _ in range(2)]

    d.op("SPACE_TO_BATCH_ND", [x, d.ints([block, block]), d.input("int32", [2, 2], values=pads())], [y],
         schema.SpaceToBatchNDOptionsT(), 3)
    runs(d, lambda: (d.numbers(kind, shape), pads()))
    return kind, y


@dynamic
def batch_to_space_nd(d):
    kind = kind_of(d)
    shape = [4, d.int(2, 4), d.int(2, 4), d.int(1, 3)]
    x = d.input(kind, shape)
    y = d.tensor(kind, [], *quant(d, x))

    def crops():
        return [[d.int(0, 1), d.int(0, 1)] for _ in range(2)]

    d.op("BATCH_TO_SPACE_ND", [x, d.ints([2, 2]), d.input("int32", [2, 2], values=crops())], [y],
         schema.BatchToSpaceNDOptionsT(), 3)
    runs(d, lambda: (d.numbers(kind, shape), crops()))
    return kind, y


def conv(d, kind, x, channels, out, depthwise=False, size=3):
    """A convolution with constant weights; gives its output."""
    quantised = kind != "float32"
    shape = [1, size, size, channels] if depthwise else [out, size, size, channels]
    out = channels if depthwise else out
    scale = [d.scale(-9, -6) for _ in range(out)] if kind == "int8" else d.scale(-9, -6) if quantised else None
    w = d.const(kind, shape, scale, 0 if kind == "int8" else 131, axis=3 if depthwise else 0)
    b = d.const("int32", [out], list(np.float32(scale) * np.float32(d.scale_of(x))) if kind == "int8" else
                np.float32(scale) * np.float32(d.scale_of(x)), 0) if quantised else d.const(kind, [out])
    y = d.tensor(kind, [], *((d.scale(-6, -3), None) if quantised else ()))
    step, padding = d.choice(1, 1, 2), d.choice(schema.Padding.SAME, schema.Padding.VALID)
    options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
    more = {"depthMultiplier": 1} if depthwise else {}
    d.op("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", [x, w, b], [y], options, 3, strideW=step, strideH=step,
         padding=padding, fusedActivationFunction=d.activation(), **more)
    return y


@dynamic
def conv_2d(d):
    """A picture of a size that a RESHAPE reads from an input, through fast kernels."""
    kind, channels = d.choice("float32", "uint8", "int8"), d.int(1, 8)
    h, w = d.int(2, 4), d.int(2, 4)
    flat = d.input(kind, [1, h * w * 4 * channels])

    def size():
        return [1, *d.choice([2 * h, 2 * w], [4 * h, w], [h, 4 * w]), channels]

    x = d.tensor(kind, [1, 2 * h, 2 * w, channels], *quant(d, flat))
    d.op("RESHAPE", [flat, d.input("int32", [4], values=size())], [x], schema.ReshapeOptionsT())
    y = conv(d, kind, x, channels, d.int(1, 20), size=1)
    runs(d, lambda: (d.numbers(kind, [1, h * w * 4 * channels]), size()), 4)
    return kind, y


@dynamic
def non_max_suppression_v4(d):
    """The boxes that are kept, as many as there are."""
    n = d.int(2, 8)

    def boxes():
        corner = d.random.uniform(0, 1, [n, 2])
        return np.concatenate([corner, corner + d.random.uniform(0.1, 0.6, [n, 2])], 1)

    def scores():
        return d.random.uniform(0, 1, [n])

    given, score = d.input("float32", [n, 4], values=boxes()), d.input("float32", [n], values=scores())
    index, count = d.tensor("int32", []), d.tensor("int32", [])
    d.op("NON_MAX_SUPPRESSION_V4", [given, score, d.const("int32", [], values=n), d.const("float32", [], values=0.3),
                                    d.const("float32", [], values=0.2)], [index, count], schema.NonMaxSuppressionV4OptionsT())
    size, kept, y = d.tensor("int32", []), d.tensor("int32", []), d.tensor("float32", [])
    d.op("RESHAPE", [count, d.ints([1])], [size], schema.ReshapeOptionsT())
    d.op("SLICE", [index, d.ints([0]), size], [kept], schema.SliceOptionsT(), 3)
    d.op("GATHER", [given, kept], [y], schema.GatherOptionsT(), 7, axis=0)
    runs(d, lambda: (boxes(), scores()))
    return "float32", y


@dynamic
def transpose_conv(d):
    """Of the sizes that lead to one input, each in its turn."""
    kind, channels, out, step = d.choice("float32", "uint8", "int8"), d.int(1, 4), d.int(1, 4), d.choice(2, 3)
    shape = [d.int(1, 2), d.int(1, 5), d.int(1, 5), channels]
    x = d.input(kind, shape)
    w = d.const(kind, [out, 3, 3, channels], *(() if kind == "float32" else (d.scale(-9, -6), 0 if kind == "int8" else 131)))

    def size():
        return [shape[0], *(n * step - d.int(0, step - 1) for n in shape[1:3]), out]

    y = d.tensor(kind, [], *quant(d, x))
    d.op("TRANSPOSE_CONV", [d.input("int32", [4], values=size()), w, x], [y], schema.TransposeConvOptionsT(), 3,
         padding=schema.Padding.SAME, strideW=step, strideH=step)
    runs(d, lambda: (d.numbers(kind, shape), size()))
    return kind, y


@dynamic
def conv_3d_transpose(d):
    channels, out, step = d.int(1, 3), d.int(1, 3), d.int(1, 2)
    shape = [1, d.int(1, 3), d.int(1, 3), d.int(1, 3), channels]

    def size():
        return [1, *(n * step - d.int(0, step - 1) for n in shape[1:4]), out]

    x, y = d.input("float32", shape), d.tensor("float32", [])
    d.op("CONV_3D_TRANSPOSE", [d.input("int32", [5], values=size()), d.const("float32", [2, 2, 2, out, channels]), x], [y],
         schema.Conv3DOptionsT(), padding=schema.Padding.SAME, strideD=step, strideH=step, strideW=step, dilationDFactor=1,
         dilationHFactor=1, dilationWFactor=1)
    runs(d, lambda: (d.numbers("float32", shape), size()))
    return "float32", y


@dynamic
def sparse_to_dense(d):
    kind, rank, rows = d.choice("float32", "int32", "int8"), d.int(1, 3), d.int(1, 5)
    y = d.tensor(kind, [], 0)

    def draw():
        return d.random.integers(0, 3, [rows, rank]), [d.int(3, 5) for _ in range(rank)], d.numbers(kind, [rows])

    places, shape, values = draw()
    d.op("SPARSE_TO_DENSE", [d.input("int32", [rows, rank], values=places), d.input("int32", [rank], values=shape),
                             d.input(kind, [rows], 0, values=values), d.const(kind, [], 0)], [y],
         schema.SparseToDenseOptionsT(), 3)
    runs(d, draw)
    return "int32" if kind == "int32" else "bare", y


@dynamic
def unsorted_segment_sum(d):
    kind, shape = d.choice("float32", "int32"), d.shape(d.int(1, 3))
    y = d.tensor(kind, [])

    def draw():
        return d.numbers(kind, shape), d.random.integers(-1, 3, [shape[0]]), d.int(3, 7)

    values, ids, n = draw()
    name, options = d.choice(("UNSORTED_SEGMENT_SUM", schema.UnsortedSegmentSumOptionsT()),
                             ("UNSORTED_SEGMENT_MAX", schema.UnsortedSegmentMaxOptionsT()))
    d.op(name, [d.input(kind, shape, values=values), d.input("int32", [shape[0]], values=ids), d.input("int32", [], values=n)],
         [y], options)
    runs(d, draw)
    return kind, y


def different(d, high):
    """A list without its duplicates: as long as its values make it. Gives it, a row of numbers from 0 to high - 1."""
    n = d.int(1, 20)
    x, y = d.input("int32", [n], values=d.random.integers(0, high, n)), d.tensor("int32", [])
    d.op("UNIQUE", [x], [y, d.tensor("int32", [])], schema.UniqueOptionsT(), idxOutType=schema.TensorType.INT32)
    return y, lambda: (d.random.integers(0, high, n),)


@dynamic
def unique(d):
    y, draw = different(d, 9)
    runs(d, draw)
    return "int32", y


@dynamic
def lookup(d):
    """Rows of a table, as many as there are different numbers."""
    rows, kind = d.int(1, 9), d.choice("float32", "int8", "float32-int8")
    wanted, draw = different(d, rows)
    kind, _, of = kind.partition("-")
    table = d.const(of or kind, [rows, *d.shape(d.int(1, 2), 20)], *((d.scale(-9, -3), 0) if of else ()))
    y = d.tensor(kind, [], *(() if of else quant(d, table)))
    d.op("EMBEDDING_LOOKUP", [wanted, table], [y], None, 3)
    runs(d, draw)
    return kind, y


@dynamic
def behind(d):
    """The newer operators behind one whose shape is open."""
    x, draw = different(d, 50)
    for _ in range(d.int(1, 3)):
        y, how = d.tensor("int32", []), d.int(0, 5)
        if how < 3:
            d.op(d.choice("STABLEHLO_ADD", "STABLEHLO_MULTIPLY", "STABLEHLO_MAXIMUM", "STABLEHLO_MINIMUM"), [x, x], [y])
        elif how == 3:
            d.op("BITWISE_XOR", [x, d.const("int32", [], values=d.int(0, 99))], [y], schema.BitwiseXorOptionsT())
        elif how == 4:
            options = schema.BucketizeOptionsT()
            options.boundaries = np.float32([3, 10, 30])
            d.op("BUCKETIZE", [x], [y], options)
        else:
            d.op("DYNAMIC_UPDATE_SLICE", [x, d.const("int32", [1]), d.ints([0])], [y], schema.DynamicUpdateSliceOptionsT(), 2)
        x = y
    runs(d, draw)
    return "int32", x


@dynamic
def diagonal(d):
    x, draw = different(d, 7)
    y = d.tensor("int32", [])
    d.op("MATRIX_DIAG", [x], [y], schema.MatrixDiagOptionsT())
    runs(d, draw)
    return "int32", y


OWN = "DYNAMIC", "RESIZED", "EMPTY", "IF", "WHILE", "CALL_ONCE", "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE"


# The reference reads past the end of an input that has another size than the others.
TRUSTING = "MATRIX_SET_DIAG", "STABLEHLO_SCATTER"


AMONG = []  # where it is not empty, the operators that `any` draws: fresh_ops.py --among


def any_operator(d, without=()):
    """Draws with another generator, one whose results are exact."""
    names = sorted(n for n, (_, _, ulp, resolver) in drawn.OPERATORS.items()
                   if n not in OWN and n not in without and not ulp and resolver == "BUILTIN_REF" and n in (AMONG or [n]))
    function, kinds = drawn.OPERATORS[d.choice(*names)][:2]
    function(d, d.choice(*kinds))


def release(d):
    """Constants become inputs of the model, with the same values: each with a chance of one half."""
    for index, t in enumerate(d.graph.tensors):
        if t.buffer and not t.sparsity and t.type != drawn.TYPES.get("int4") and d.chance(0.5):
            kind = next(k for k, v in drawn.TYPES.items() if v == t.type)
            value = d.model.buffers[t.buffer].data.view(kind).reshape(t.shape)
            for run in [d.values, *d.later]:
                run.append(value)
            d.graph.inputs.append(index)
            t.buffer = 0


@operator("DYNAMIC", " ".join(sorted(DYNAMIC)) + " any")
def dynamic_shapes(d, kind):
    if kind == "any":
        any_operator(d)
        release(d)
    else:
        d.returns(*follow(d, *DYNAMIC[kind](d)))


# --- resized inputs --------------------------------------------------------------------------------------


def pool(d, kind, x):
    y = d.tensor(kind, [], *quant(d, x))
    d.op(d.choice("MAX_POOL_2D", "AVERAGE_POOL_2D"), [x], [y], schema.Pool2DOptionsT(), 2, strideW=2, strideH=2, filterWidth=2,
         filterHeight=2, padding=d.choice(schema.Padding.SAME, schema.Padding.VALID))
    return y


def enlarge(d, kind, x):
    """To a size that is computed from that of x, as converters write it."""
    shape, part, size = (d.tensor("int32", [n]) for n in (4, 2, 2))
    d.op("SHAPE", [x], [shape], schema.ShapeOptionsT(), outType=schema.TensorType.INT32)
    d.op("STRIDED_SLICE", [shape, d.ints([1]), d.ints([3]), d.ints([1])], [part], schema.StridedSliceOptionsT())
    d.op("MUL", [part, d.ints([2, 2])], [size], schema.MulOptionsT())
    y = d.tensor(kind, [], *quant(d, x))
    if d.chance(0.5):
        d.op("RESIZE_BILINEAR", [x, size], [y], schema.ResizeBilinearOptionsT(), 3)
    else:
        d.op("RESIZE_NEAREST_NEIGHBOR", [x, size], [y], schema.ResizeNearestNeighborOptionsT(), 3)
    return y


def lengthen(d, v):
    """With one dimension longer than it was; the values are the same ones, so that indices stay in range."""
    if not v.ndim:
        return v
    shape = list(v.shape)
    shape[d.int(0, v.ndim - 1) if d.chance(0.3) else 0] += d.int(1, 2)
    return np.resize(v, shape)


@operator("RESIZED", "float32 uint8 int8 any")
def resized_inputs(d, kind):
    if kind == "any":
        any_operator(d, TRUSTING)
        seed = d.int(0, 2**31)
        for _ in range(2):
            # All inputs alike, more often than not.
            same = np.random.default_rng(seed)
            d.again(*(lengthen(d, v) if same.random() < 0.8 else v for v in d.values))
        return
    channels = d.int(1, 6)

    def picture():
        return [d.int(1, 2), d.int(5, 9), d.int(5, 9), channels]

    shape = picture()
    y = d.input(kind, shape)
    for _ in range(d.int(2, 3)):
        how = d.int(0, 5)
        if how == 0:
            out = d.int(1, 10)
            y, channels = conv(d, kind, y, channels, out, size=d.choice(1, 3)), out
        elif how == 1:
            y = conv(d, kind, y, channels, channels, depthwise=True)
        elif how == 2:
            y = pool(d, kind, y)
        elif how == 3:
            y = enlarge(d, kind, y)
        else:
            x, y = y, d.tensor(kind, [], *quant(d, y))
            if how == 4:
                d.op("CONCATENATION", [x, x], [y], schema.ConcatenationOptionsT(), 2, axis=3)
                channels *= 2
            else:
                pads = d.const("int32", [4, 2], values=[[0, 0], [1, 1], [1, 0], [0, 0]])
                d.op("PAD", [x, pads], [y], schema.PadOptionsT(), 2)
    d.returns(y)
    if d.chance(0.5):
        z = d.tensor(kind, [], *quant(d, y))
        d.op("MEAN", [y, d.ints([1, 2])], [z], schema.ReducerOptionsT(), 2, keepDims=d.chance(0.5))
        d.returns(z)
    channels = shape[3]
    for _ in range(2):
        d.again(d.numbers(kind, picture()))
