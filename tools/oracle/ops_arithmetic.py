# SPDX-License-Identifier: Apache-2.0
"""Drawn models of the operators that compute: convolutions, pools, activations, sums, reductions, changes of scale."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from drawn import operator

QUANT = "uint8 int8 int16 float32"
OPTIMISED = "BUILTIN_WITHOUT_DEFAULT_DELEGATES"
SAME, VALID = schema.Padding.SAME, schema.Padding.VALID


def picture(d, limit=200, channels=None):
    c = d.int(1, 7) if channels is None else channels
    h = d.int(1, max(1, min(11, limit // c)))
    w = d.int(1, max(1, min(11, limit // (c * h))))
    return [d.choice(1, 1, 2) if c * h * w * 2 <= limit else 1, h, w, c]


def filter_values(d, of, shape):
    return d.random.integers(-8, 7, shape, endpoint=True) if of == "int4" else None


def weights(d, kind, shape, axis, x, of="int8"):
    """Filter, bias (its index, or -1) and what quantised_bias_type has to say; `x` is the input tensor. `of`: the filter's
    type under int8 and int16, which may be int4."""
    n = shape[axis]
    if kind == "float32":
        bias = d.const("float32", [n]) if d.chance(0.8) else -1
        return d.const("float32", shape), bias, schema.TensorType.FLOAT32
    in_scale = d.scale_of(x)
    if kind == "uint8":
        scale = d.scale()
        w = d.const("uint8", shape, scale)
    elif d.chance(0.7) and n > 1:
        scale = [d.scale(-9, -4) for _ in range(n)]
        w = d.const(of, shape, scale, 0, filter_values(d, of, shape), axis)
    else:
        scale = d.scale()
        w = d.const(of, shape, scale, 0, filter_values(d, of, shape))
    wide = kind == "int16" and d.chance(0.6)
    values = d.random.integers(-2000, 2000, [n]) * d.choice(0, 1, 1, 50)
    product = np.float32(in_scale) * np.float32(np.broadcast_to(scale, [n]))
    b = d.const("int64" if wide else "int32", [n], product if np.ndim(scale) else float(product[0]), 0, values)
    return w, b, schema.TensorType.INT64 if wide else schema.TensorType.INT32


def narrow_weights(d, shape, axis, channels=0.5, of="int8"):
    """An 8-bit filter for float inputs; with scales of its own for each channel in a share of `channels` of all. Without
    -128, which converters do not write, and of which the reference's vector instructions lose the sign."""
    n = shape[axis]
    values = filter_values(d, of, shape) if of == "int4" else np.maximum(d.numbers("int8", shape), -127)
    if n > 1 and d.chance(channels):
        return d.const(of, shape, [d.scale(-9, -4) for _ in range(n)], 0, values, axis)
    return d.const(of, shape, d.scale(-9, -4), 0, values)


def wide_input(d, shape):
    """Floats that are all of one sign, or zero, now and then: they set the range that inputs are quantised by."""
    values = d.numbers("float32", shape)
    values = np.abs(values) if d.chance(0.2) else -np.abs(values) if d.chance(0.2) else values
    return d.input("float32", shape, values=values * 0 if d.chance(0.05) else values)


def float_bias(d, n):
    """Now and then what activations treat in their own ways: zeros of the other sign, and what is no number."""
    values = np.full(n, d.choice(-0.0, np.nan)) if d.chance(0.1) else None
    return d.const("float32", [n], values=values)


def out_scale(d, x, w, depth):
    """Such that outputs fill their range, or overflow it."""
    typical = d.scale_of(x) * d.scale_of(w) * 128 * 128 * np.sqrt(depth) / 128
    return float(np.float32(typical * 2.0 ** d.random.uniform(-4, 2)))


def convolution(d, kind, name, depthwise, x=None):
    """`x`: what it reads, a tensor that is there already."""
    shape = picture(d) if x is None else d.graph.tensors[x].shape
    kind, _, of = kind.partition("-")
    hybrid = of and kind == "float32"
    if x is None:
        x = wide_input(d, shape) if hybrid else d.input(kind, shape)
    fh, fw = d.int(1, 5), d.int(1, 5)
    if depthwise:
        n = shape[3] * d.choice(1, 1, 1, 2, 3)
        filter_shape, axis, depth = [1, fh, fw, n], 3, fh * fw
    else:
        groups = d.choice(*[g for g in range(1, shape[3] + 1) if shape[3] % g == 0], 1, 1, 1)
        n = groups * d.int(1, 4)
        filter_shape, axis, depth = [n, fh, fw, shape[3] // groups], 0, fh * fw * shape[3] // groups
    if hybrid:
        # The reference reads scales past the end where there is one for several channels of groups.
        w = narrow_weights(d, filter_shape, axis, 1 if depthwise or filter_shape[3] != shape[3] else 0.7, of)
        b, bias_type = float_bias(d, n) if d.chance(0.8) else -1, schema.TensorType.FLOAT32
    else:
        w, b, bias_type = weights(d, kind, filter_shape, axis, x, of or "int8")
    y = d.output(kind, None if kind == "float32" else out_scale(d, x, w, depth) / (256 if kind == "int16" else 1))
    options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
    values = {"depthMultiplier": n // shape[3]} if depthwise else {"quantizedBiasType": bias_type}
    # A bias may be missing only here.
    inputs = [x, w] if b < 0 and depthwise else [x, w, b if b >= 0 else d.const("float32", [n])]
    d.op(name, inputs, [y], options, 3, padding=d.choice(SAME, VALID), strideW=d.choice(1, 1, 2, 3),
         strideH=d.choice(1, 1, 2, 3), dilationWFactor=d.choice(1, 1, 1, 2, 3), dilationHFactor=d.choice(1, 1, 1, 2, 4),
         fusedActivationFunction=d.activation(), **values)


def residual(d, kind, fully):
    """A product, and its sum with, or difference to, another tensor."""
    rows, depth, n = [1, d.int(1, 4), d.int(1, 5)], d.int(1, 20), d.choice(d.int(1, 8), d.int(9, 70))
    rows = [rows[1]] if fully else rows
    x = d.input(kind, [*rows, depth])
    w, b, bias_type = weights(d, kind, [n, depth] if fully else [n, 1, 1, depth], 0, x)
    y = d.tensor(kind, [*rows, n], out_scale(d, x, w, depth))
    if fully:
        d.op("FULLY_CONNECTED", [x, w, b], [y], schema.FullyConnectedOptionsT(), 4, quantizedBiasType=bias_type)
    else:
        b = b if b >= 0 else d.const("float32", [n])
        d.op("CONV_2D", [x, w, b], [y], schema.Conv2DOptionsT(), 3, padding=VALID, strideW=1, strideH=1,
             quantizedBiasType=bias_type, fusedActivationFunction=d.activation())
    other = d.input(kind, [*rows, n], d.scale_of(y) * d.scale(-1, 2))
    operands, minus = [y, other] if d.chance(0.5) else [other, y], d.chance(0.3)
    out = d.output(kind, d.scale_of(y) * d.scale(0, 3))
    d.op("SUB" if minus else "ADD", operands, [out], schema.SubOptionsT() if minus else schema.AddOptionsT(), 2,
         fusedActivationFunction=d.activation())


def padded_convolution(d, kind, name):
    """A convolution of what PAD or PADV2 frames, with zeros or with something else."""
    shape = picture(d, 100)
    x = d.input(kind, shape)
    pads = [[0, 0] if d.chance(0.9) else [0, 1], [d.int(0, 3), d.int(0, 2)], [d.int(0, 2), d.int(0, 3)], [0, 0]]
    like = () if kind == "float32" else (d.scale_of(x), d.zero_of(x))
    framed = d.tensor(kind, [n + sum(p) for n, p in zip(shape, pads)], *like)
    inputs = [x, d.const("int32", [4, 2], values=pads)]
    if name == "PADV2":
        inputs.append(d.const(kind, [1], *like, values=[like[1] if like else 0] if d.chance(0.7) else None))
    d.op(name, inputs, [framed], schema.PadOptionsT() if name == "PAD" else schema.PadV2OptionsT(), 2)
    depthwise = d.chance(0.5)
    convolution(d, kind, "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", depthwise, framed)


@operator("CONV_2D", QUANT + " float32-int8 int8-int4 float32-int4 uint8_sum int8_sum", flat="uint8 int8 int16 float32-int8")
def conv_2d(d, kind):
    """`sum`: with another tensor."""
    kind, _, with_sum = kind.partition("_")
    residual(d, kind, False) if with_sum else convolution(d, kind, "CONV_2D", False)


@operator("DEPTHWISE_CONV_2D", QUANT + " float32-int8 int8-int4", flat="uint8 int8 int16 float32-int8")
def depthwise_conv_2d(d, kind):
    convolution(d, kind, "DEPTHWISE_CONV_2D", True)


@operator("FULLY_CONNECTED", QUANT + " float32-int8 int8-int4 int16-int4 float32-int4 uint8_sum int8_sum int16-int16", flat="uint8 int8 int16 float32-int8")
def fully_connected(d, kind):
    kind, _, with_sum = kind.partition("_")
    if with_sum:
        return residual(d, kind, True)
    depth, n = d.int(1, 40), d.int(1, 9)
    lead = d.choice([], [1], [3], [2, 2])
    kind, _, of = kind.partition("-")
    if of and kind == "float32":
        x = wide_input(d, lead + [depth])
        w, b = narrow_weights(d, [n, depth], 0, of=of), float_bias(d, n) if d.chance(0.7) else -1
        return d.op("FULLY_CONNECTED", [x, w, b], [d.output("float32")], schema.FullyConnectedOptionsT(), 9,
                    keepNumDims=d.chance(0.4), fusedActivationFunction=d.activation(), asymmetricQuantizeInputs=d.chance(0.5))
    x = d.input(kind, lead + [depth])
    w, b, bias_type = weights(d, kind, [n, depth], 0, x, of or "int8")
    y = d.output(kind, None if kind == "float32" else out_scale(d, x, w, depth) / (256 if kind == "int16" else 1))
    if kind == "int16" and d.chance(0.2):
        b, bias_type = -1, bias_kind(d)
    keep = d.chance(0.4)
    d.op("FULLY_CONNECTED", [x, w, b], [y], schema.FullyConnectedOptionsT(), 5 if keep else 4, keepNumDims=keep,
         fusedActivationFunction=d.activation(), quantizedBiasType=bias_type)


def whole_picture(d):
    return [d.int(1, 3), d.int(1, 12), d.int(1, 12), d.choice(1, 3, d.int(1, 70))]


def pool(d, kind, name):
    x = d.input(kind, picture(d))
    quantised = kind != "float32"
    y = d.output(kind, d.scale_of(x) if quantised else None, d.zero_of(x) if quantised else None)
    d.op(name, [x], [y], schema.Pool2DOptionsT(), 2 if kind == "int8" else 3 if kind == "int16" else 1,
         padding=d.choice(SAME, VALID), strideW=d.choice(1, 2, 3), strideH=d.choice(1, 2, 3), filterWidth=d.int(1, 6),
         filterHeight=d.int(1, 6), fusedActivationFunction=d.activation())


@operator("AVERAGE_POOL_2D", QUANT + " uint8_whole int8_whole")
def average_pool_2d(d, kind):
    """`whole`: the window is as large as the picture."""
    kind, _, whole = kind.partition("_")
    if not whole:
        return pool(d, kind, "AVERAGE_POOL_2D")
    shape = whole_picture(d)
    x = d.input(kind, shape)
    d.op("AVERAGE_POOL_2D", [x], [d.output(kind, d.scale_of(x), d.zero_of(x))], schema.Pool2DOptionsT(), 2, padding=VALID,
         strideW=1, strideH=1, filterWidth=shape[2], filterHeight=shape[1], fusedActivationFunction=d.activation())


@operator("MAX_POOL_2D", QUANT)
def max_pool_2d(d, kind):
    pool(d, kind, "MAX_POOL_2D")


@operator("L2_POOL_2D", "float32")
def l2_pool_2d(d, kind):
    pool(d, kind, "L2_POOL_2D")


@operator("SOFTMAX", "uint8 int8 uint8-int16 int8-int16 int16 float32", ulp=2)
def softmax(d, kind):
    kind, _, to = kind.partition("-")
    to = to or kind
    x = d.input(kind, d.shape(d.int(1, 4)), d.scale(-6, 1) if kind != "int16" else d.scale(-13, -8))
    y = {"float32": (None, None), "uint8": (1 / 256, 0), "int8": (1 / 256, -128), "int16": (1 / 32768, 0)}[to]
    d.op("SOFTMAX", [x], [d.output(to, *y)], schema.SoftmaxOptionsT(), 3 if "int16" in to else 2,
         beta=d.choice(1.0, 1.0, 0.5, 2.3))


@operator("LOGISTIC", QUANT + " float16", ulp=2)
def logistic(d, kind):
    x = d.input(kind, d.shape(), d.scale(-14, -9) if kind == "int16" and d.chance(0.8) else
                2.0 ** -12 if kind == "int16" else None)
    y = {"uint8": (1 / 256, None), "int8": (1 / 256, None), "int16": (1 / 32768, 0)}.get(kind, (None, None))
    d.op("LOGISTIC", [x], [d.output(kind, *y)], version=3 if kind == "int16" else 2)


@operator("TANH", QUANT + " float16", ulp=2)
def tanh(d, kind):
    x = d.input(kind, d.shape(), d.scale(-14, -9) if kind == "int16" and d.chance(0.7) else
                d.choice(2.0 ** -12, 2.0 ** -11) if kind == "int16" else None)
    y = d.output(kind, *((1 / 32768, 0) if kind == "int16" else (None, None)))
    d.op("TANH", [x], [y], version=3 if kind == "int16" else 2)


def relu(d, kind, name, version):
    x = d.input(kind, d.shape())
    y = d.output(kind, None if kind == "float32" else d.scale_of(x) * (1 if d.chance(0.4) else d.scale(-2, 2)),
                 d.zero_of(x) if kind != "float32" and d.chance(0.4) else None)
    d.op(name, [x], [y], version=version)


@operator("RELU", QUANT, flat="int8 int16")
def relu_(d, kind):
    relu(d, kind, "RELU", 3 if kind == "int16" else 2)


@operator("RELU6", QUANT)
def relu6(d, kind):
    relu(d, kind, "RELU6", 3 if kind == "int16" else 2)


@operator("RELU_N1_TO_1", "uint8 int8 float32")
def relu_n1_to_1(d, kind):
    relu(d, kind, "RELU_N1_TO_1", 1)


@operator("RELU_0_TO_1", "uint8 int8 float32")
def relu_0_to_1(d, kind):
    relu(d, kind, "RELU_0_TO_1", 1)


def sum_of_two(d, kind, name, options):
    shapes = d.broadcast_shapes()
    kind, plain = kind.removesuffix("-plain"), kind.endswith("-plain")
    pot = kind == "int16" and d.chance(0.3)
    quantised = kind in ("uint8", "int8", "int16") and not plain
    s = [d.choice(2.0 ** -12, 2.0 ** -10) if pot else None for _ in range(2)]
    a, b = (d.const if i and d.chance(0.3) else d.input for i in range(2))
    a, b = a(kind, shapes[0], 0 if plain else s[0]), b(kind, shapes[1], 0 if plain else s[1])
    scale = 0 if plain else None
    if quantised:
        scale = max(d.scale_of(a), d.scale_of(b)) * (1 if pot else d.scale(-1, 3))
    d.op(name, [a, b], [d.output(kind, scale)], options, 2 if kind in ("int8", "uint8") else 1 if pot or plain else 4,
         fusedActivationFunction=d.activation(), potScaleInt16=pot)


@operator("ADD", QUANT + " int32 int64 int16-plain float16")
def add(d, kind):
    sum_of_two(d, kind, "ADD", schema.AddOptionsT())


@operator("SUB", QUANT + " int32 int64")
def sub(d, kind):
    sum_of_two(d, kind, "SUB", schema.SubOptionsT())


@operator("MUL", QUANT + " int32 int64 int16-plain float16", flat="uint8 int8 int16")
def mul(d, kind):
    shapes = d.broadcast_shapes()
    kind, plain = kind.removesuffix("-plain"), kind.endswith("-plain")
    a = d.input(kind, shapes[0], 0 if plain else None)
    b = (d.const if d.chance(0.3) else d.input)(kind, shapes[1], 0 if plain else None)
    scale = 0 if plain else None
    if kind in ("uint8", "int8", "int16") and not plain:
        scale = d.scale_of(a) * d.scale_of(b) * (2 ** 14 if kind == "int16" else 64) * d.scale(-3, 3)
    d.op("MUL", [a, b], [d.output(kind, scale)], schema.MulOptionsT(), 4 if kind == "int16" else 2,
         fusedActivationFunction=d.activation())


def reduction(d, kind, name, scaled, version=2):
    shape = d.shape(d.int(1, 4))
    rank = len(shape)
    axes = [a - rank if d.chance(0.3) else a for a in range(rank) if d.chance(0.5)] or [d.int(-rank, rank - 1)]
    values = None
    if kind == "float32" and d.chance(0.3):
        axes = list(range(rank)) if d.chance(0.7) else axes
        odd = d.choice(np.nan, np.inf, -np.inf)  # not both infinities: whose NaN their sum is, compilers decide
        values = np.reshape([d.choice(-0.0, -0.0, odd) for _ in range(int(np.prod(shape)))], shape)
    x = d.input(kind, shape, values=values)
    scale = zero = None
    if kind in ("uint8", "int8", "int16"):
        scale, zero = d.scale_of(x) * (d.scale(-3, 3) if scaled and d.chance(0.7) else 1), d.zero_of(x)
        zero = None if scaled and d.chance(0.7) else zero
    d.op(name, [x, d.ints(axes)], [d.output(kind, scale, zero)], schema.ReducerOptionsT(), version,
         keepDims=d.chance(0.5))


@operator("MEAN", QUANT + " int32 int64 uint8_whole int8_whole", flat="uint8 int8 int16")
def mean(d, kind):
    """`whole`: over height and width of a picture."""
    kind, _, whole = kind.partition("_")
    if whole:
        x = d.input(kind, whole_picture(d))
        y = d.output(kind, d.scale_of(x) * d.scale(-3, 3), d.zero(kind))
        return d.op("MEAN", [x, d.ints([1, 2])], [y], schema.ReducerOptionsT(), 2, keepDims=d.chance(0.5))
    reduction(d, kind, "MEAN", True, 3 if kind == "int16" else 2)


@operator("SUM", "uint8 int8 float32 int32 int64")
def sum_(d, kind):
    reduction(d, kind, "SUM", True)


@operator("REDUCE_MAX", QUANT + " int32 int64")
def reduce_max(d, kind):
    reduction(d, kind, "REDUCE_MAX", False, 3 if kind == "int16" else 2)


@operator("REDUCE_MIN", QUANT + " int32 int64")
def reduce_min(d, kind):
    reduction(d, kind, "REDUCE_MIN", False, 3 if kind == "int16" else 2)


@operator("REDUCE_ANY", "bool")
def reduce_any(d, kind):
    reduction(d, kind, "REDUCE_ANY", False, 1)


@operator("REDUCE_ALL", "bool")
def reduce_all(d, kind):
    reduction(d, kind, "REDUCE_ALL", False, 1)


@operator("QUANTIZE", "float32-uint8 float32-int8 float32-int16 uint8-uint8 uint8-int8 uint8-int16 int8-uint8 int8-int8 "
          "int8-int16 int16-int8 int16-int16 int16-int32 int32-int8 int32-int16")
def quantize(d, kind):
    kind, to = kind.split("-")
    shape = d.shape()
    if kind == "float32" and d.chance(0.3):
        axis = d.int(0, len(shape) - 1)
        x = d.input(kind, shape)
        y = d.tensor(to, shape, [d.scale(-8, -2) for _ in range(shape[axis])], axis=axis)
        d.graph.outputs.append(y)
    else:
        x = d.input(kind, shape, None if kind == "float32" else d.scale(-9, 0))
        same = kind != "float32" and d.chance(0.3)
        y = d.output(to, d.scale_of(x) if same else d.scale(-9, -1),
                     None if not same or kind == to or to == "int32" else d.zero(to))
    d.op("QUANTIZE", [x], [y], schema.QuantizeOptionsT(), 2 if kind != "int16" else 3)


@operator("DEQUANTIZE", "uint8 int8 int16 float16 int4")
def dequantize(d, kind):
    shape = d.shape()
    if kind == "int4":
        x = d.const(kind, shape, d.scale(), 0, filter_values(d, kind, shape))
    elif kind in ("uint8", "int8") and d.chance(0.4):
        axis = d.int(0, len(shape) - 1)
        x = d.const(kind, shape, [d.scale(-8, -2) for _ in range(shape[axis])], axis=axis)
    else:
        x = (d.const if d.chance(0.3) else d.input)(kind, shape)
    d.op("DEQUANTIZE", [x], [d.output("float32")], schema.DequantizeOptionsT(), 5 if len(d.graph.inputs) == 0 else 3)


def resize(d, kind, name, options, exclusive):
    quantised = kind != "float32"
    shape = picture(d, 120)
    # Zeros of either sign, of which sums of -0 can be made.
    x = d.input(kind, shape, values=None if quantised or d.chance(0.6) else d.random.choice([-0.0, 0.0, -1.5], shape, p=[0.8, 0.1, 0.1]))
    y = d.output(kind, d.scale_of(x) if quantised else None, d.zero_of(x) if quantised else None)
    corners = d.chance(0.4)
    d.op(name, [x, d.ints([d.int(1, 13), d.int(1, 13)])], [y], options, 3 if kind != "int16" else 4,
         alignCorners=corners, halfPixelCenters=d.chance(0.5) and not (corners and exclusive))


@operator("RESIZE_BILINEAR", QUANT)
def resize_bilinear(d, kind):
    resize(d, kind, "RESIZE_BILINEAR", schema.ResizeBilinearOptionsT(), True)


@operator("RESIZE_NEAREST_NEIGHBOR", QUANT)
def resize_nearest_neighbor(d, kind):
    resize(d, kind, "RESIZE_NEAREST_NEIGHBOR", schema.ResizeNearestNeighborOptionsT(), False)


def bias_kind(d):
    """What the option of a layer of int16 may say when there is no bias: it rules the width of the sum."""
    return d.choice(schema.TensorType.INT64, schema.TensorType.INT32, schema.TensorType.FLOAT32)


@operator("TRANSPOSE_CONV", QUANT + " float32-int8", flat="uint8 int8 int16")
def transpose_conv(d, kind):
    shape = picture(d, 80)
    kind, _, of = kind.partition("-")
    x = wide_input(d, shape) if of else d.input(kind, shape)
    fh, fw, n = d.int(1, 5), d.int(1, 5), d.int(1, 4)
    if of:
        w, b, bias_type = narrow_weights(d, [n, fh, fw, shape[3]], 0, of=of), float_bias(d, n), schema.TensorType.FLOAT32
    else:
        w, b, bias_type = weights(d, kind, [n, fh, fw, shape[3]], 0, x)
    sh, sw, padding = d.choice(1, 2, 2, 3), d.choice(1, 2, 2, 3), d.choice(SAME, VALID)
    if padding == SAME:
        out = [shape[1] * sh, shape[2] * sw]
    else:
        out = [(shape[1] - 1) * sh + fh, (shape[2] - 1) * sw + fw]
    out = [n + (d.int(0, 1) if d.chance(0.2) else 0) for n in out]
    y = d.output(kind, None if kind == "float32" else out_scale(d, x, w, fh * fw * shape[3]) /
                 (256 if kind == "int16" else 1))
    inputs = [d.ints([shape[0], *out, n]), w, x]
    bias = b >= 0 and d.chance(0.7)
    d.op("TRANSPOSE_CONV", inputs + [b] if bias else inputs, [y], schema.TransposeConvOptionsT(), 4, padding=padding,
         strideW=sw, strideH=sh, fusedActivationFunction=d.activation(),
         quantizedBiasType=bias_type if bias or kind != "int16" else bias_kind(d))


@operator("HARD_SWISH", "uint8 int8 float32", flat="int8")
def hard_swish(d, kind):
    x = d.input(kind, d.shape())
    y = d.output(kind, None if kind == "float32" else d.scale_of(x) * d.scale(-3, 3))
    d.op("HARD_SWISH", [x], [y], schema.HardSwishOptionsT())


@operator("LEAKY_RELU", QUANT, flat="int8 int16")
def leaky_relu(d, kind):
    x = d.input(kind, d.shape())
    y = d.output(kind, None if kind == "float32" else d.scale_of(x) * d.scale(-2, 2))
    d.op("LEAKY_RELU", [x], [y], schema.LeakyReluOptionsT(), 2, alpha=d.choice(0.01, 0.2, 0.1, 1.5, 0.0))


@operator("PRELU", QUANT, flat="uint8 int8 int16")
def prelu(d, kind):
    shape = d.shape(d.int(1, 4))
    slope = [1 if d.chance(0.4) else n for n in shape][d.int(0, len(shape) - 1):]
    x = d.input(kind, shape)
    a = (d.const if d.chance(0.7) else d.input)("int8" if kind == "int16" else kind, slope,
                                                None if kind == "float32" else d.scale(-9, -5))
    y = d.output(kind, None if kind == "float32" else d.scale_of(x) * d.scale(-2, 2))
    d.op("PRELU", [x, a], [y])


def pairwise(d, kind, name, to=None, options=None, version=2, one_scale=False):
    shapes = d.broadcast_shapes()
    plain = kind.endswith("-plain")
    kind = kind.removesuffix("-plain")
    scale = 0 if plain else None
    a = d.input(kind, shapes[0], scale)
    if one_scale and kind in ("uint8", "int8", "int16"):
        b = (d.const if d.chance(0.3) else d.input)(kind, shapes[1], d.scale_of(a), d.zero_of(a))
        y = d.output(kind, d.scale_of(a), d.zero_of(a))
    else:
        b = (d.const if d.chance(0.3) else d.input)(kind, shapes[1], scale)
        y = d.output(to or kind, scale)
    d.op(name, [a, b], [y], options, version)
    return a, b, y


@operator("MAXIMUM", QUANT + " int32 int64 float16")
def maximum(d, kind):
    pairwise(d, kind, "MAXIMUM", options=schema.MaximumMinimumOptionsT(), version=4, one_scale=True)


@operator("MINIMUM", QUANT + " int32 int64 float16")
def minimum(d, kind):
    pairwise(d, kind, "MINIMUM", options=schema.MaximumMinimumOptionsT(), version=4, one_scale=True)


@operator("SQUARED_DIFFERENCE", "int8 float32 int32")
def squared_difference(d, kind):
    shapes = d.broadcast_shapes()
    a = d.input(kind, shapes[0])
    b = (d.const if d.chance(0.3) else d.input)(kind, shapes[1], None if kind != "int8" else d.scale())
    scale = None
    if kind == "int8":
        scale = max(d.scale_of(a), d.scale_of(b)) ** 2 * d.scale(0, 8)
    d.op("SQUARED_DIFFERENCE", [a, b], [d.output(kind, scale)], schema.SquaredDifferenceOptionsT(), 2)


@operator("POW", "float32 int32", ulp=2)
def power(d, kind):
    shapes = d.broadcast_shapes()
    if kind == "int32":
        a = d.random.integers(-9, 9, shapes[0])
        b = d.random.integers(0, 12, shapes[1])
    else:
        a = d.random.normal(0, 3, shapes[0])
        b = d.random.normal(0, 2, shapes[1])
        b = np.round(b) if d.chance(0.5) else b
    if d.chance(0.4):
        shapes = [shapes[0], d.choice([], [1])]
        b = np.reshape(np.ravel(b)[:1], shapes[1]) * (d.choice(1, 3) if kind == "int32" else 1)
    d.op("POW", [d.input(kind, shapes[0], values=a), d.input(kind, shapes[1], values=b)], [d.output(kind)],
         schema.PowOptionsT())


@operator("FLOOR_MOD", "float32 int32 int64 int8 int16")
def floor_mod(d, kind):
    shapes = d.broadcast_shapes()
    b = d.numbers(kind, shapes[1])
    b = np.where(b == 0, 7, b)
    d.op("FLOOR_MOD", [d.input(kind, shapes[0], 0), d.input(kind, shapes[1], 0, values=b)], [d.output(kind, 0)],
         schema.FloorModOptionsT(), 2)


def comparison(name, options, kinds, version):
    def generate(d, kind):
        pairwise(d, kind, name, "bool", options(), version)
    operator(name, kinds)(generate)


COMPARED = "uint8 int8 int16-plain float32 int32 int64 int16"
comparison("EQUAL", schema.EqualOptionsT, COMPARED + " bool float16", 3)
comparison("NOT_EQUAL", schema.NotEqualOptionsT, "uint8 int8 int16 float32 int32 int64 bool float16", 3)
comparison("GREATER", schema.GreaterOptionsT, COMPARED + " float16", 2)
comparison("GREATER_EQUAL", schema.GreaterEqualOptionsT, COMPARED + " float16", 3)
comparison("LESS", schema.LessOptionsT, COMPARED + " float16", 3)
comparison("LESS_EQUAL", schema.LessEqualOptionsT, COMPARED + " float16", 2)
comparison("LOGICAL_AND", schema.LogicalAndOptionsT, "bool", 1)
comparison("LOGICAL_OR", schema.LogicalOrOptionsT, "bool", 1)


@operator("LOGICAL_NOT", "bool")
def logical_not(d, kind):
    d.op("LOGICAL_NOT", [d.input(kind, d.shape())], [d.output(kind)], schema.LogicalNotOptionsT())


def unary(name, kinds, options=None, version=1, ulp=0, values=None, in_scale=None, out=None, fields=None,
          resolver="BUILTIN_REF"):
    """`values` maps inputs to those that the function is defined for; `out` gives a scale and zero from the input's."""
    def generate(d, kind):
        plain = kind.endswith("-plain")
        kind = kind.removesuffix("-plain")
        shape = d.shape()
        x = d.numbers(kind, shape)
        if values:
            x = values(d, kind, x)
        scale = 0 if plain else d.scale(*in_scale) if in_scale and kind in ("uint8", "int8", "int16") else None
        zero = None
        if values and kind in ("int8", "int16"):
            zero = -128 if kind == "int8" else 0
        i = d.input(kind, shape, scale, zero, x)
        y = (0 if plain else None, None)
        if out and kind in ("uint8", "int8", "int16") and not plain:
            y = out(d, i)
        d.op(name, [i], [d.output(kind, *y)], options and options(), version, **(fields(d) if fields else {}))
    operator(name, kinds, ulp, resolver)(generate)


def positive(d, kind, x):
    if kind == "int16":
        return np.maximum(x, 0)
    return np.abs(x) if kind == "float32" else x


unary("ABS", "int8 int16 int16-plain int32 float32", schema.AbsOptionsT, 3,
      out=lambda d, i: (d.scale_of(i) * d.choice(1.0, 1.0, d.scale(-2, 2)), None))
unary("NEG", "int8 int16 int32 int64 float32 float16", schema.NegOptionsT)
unary("EXP", "int8 int16 float32", schema.ExpOptionsT, 2, 2, in_scale=(-9, -4), out=lambda d, i: (d.scale(-9, 3), None))
unary("LOG", "int8 int16 float32", None, 2, 2, positive, out=lambda d, i: (d.scale(-8, -2), None))
unary("SIN", "float32 float16", None, 1, 2)
unary("COS", "float32 float16", schema.CosOptionsT, 1, 2)
unary("RSQRT", "int8 int16 float32", None, 3, 2, positive, out=lambda d, i: (d.scale(-8, -1), None))
unary("SQRT", "int8 int16 float32", None, 1, 0, positive, out=lambda d, i: (d.scale(-8, -1), None))
unary("SQUARE", "float32", schema.SquareOptionsT)
unary("FLOOR", "float32 float16")
unary("CEIL", "float32", resolver=OPTIMISED)
unary("ROUND", "float32 float16", resolver=OPTIMISED)
unary("SIGN", "float32 int32", schema.SignOptionsT, 2)
unary("ELU", "int8 float32", None, 1, 2, resolver=OPTIMISED)
unary("GELU", "uint8 int8 int16 float32", schema.GeluOptionsT, 2, 2, out=lambda d, i: (d.scale_of(i) * d.scale(-2, 1), None),
      fields=lambda d: {"approximate": d.chance(0.5)})


@operator("L2_NORMALIZATION", "uint8 int8 float32")
def l2_normalization(d, kind):
    x = d.input(kind, d.shape(d.int(1, 4)))
    y = {"float32": (None, None), "uint8": (1 / 128, 128), "int8": (1 / 128, 0)}[kind]
    d.op("L2_NORMALIZATION", [x], [d.output(kind, *y)], schema.L2NormOptionsT(), 2 if kind == "int8" else 1)


@operator("LOCAL_RESPONSE_NORMALIZATION", "float32", ulp=2)
def local_response_normalization(d, kind):
    d.op("LOCAL_RESPONSE_NORMALIZATION", [d.input(kind, d.shape(4))], [d.output(kind)],
         schema.LocalResponseNormalizationOptionsT(), radius=d.int(0, 5), bias=d.choice(1.0, 0.5),
         alpha=d.choice(1.0, 0.001, 0.3), beta=d.choice(0.5, 0.75, 1.0))


@operator("LOG_SOFTMAX", "uint8 int8 float32", ulp=2)
def log_softmax(d, kind):
    x = d.input(kind, d.shape(d.int(1, 4)), d.scale(-7, 1) if kind != "float32" else None)
    y = {"float32": (None, None), "uint8": (1 / 16, 255), "int8": (1 / 16, 127)}[kind]
    d.op("LOG_SOFTMAX", [x], [d.output(kind, *y)], schema.LogSoftmaxOptionsT(), 2)


@operator("ADD_N", "float32 int32")
def add_n(d, kind):
    shape = d.shape()
    d.op("ADD_N", [d.input(kind, shape) for _ in range(d.int(2, 5))], [d.output(kind)], schema.AddNOptionsT())


@operator("REDUCE_PROD", "int8 int16 int8-plain int16-plain float32 int32 int64")
def reduce_prod(d, kind):
    plain = kind.endswith("-plain")
    kind = kind.removesuffix("-plain")
    shape = d.shape(d.int(1, 3), 40)
    axes = [a for a in range(len(shape)) if d.chance(0.5)] or [-1]
    scale = 0 if plain else None
    x = d.input(kind, shape, scale)
    if not plain and kind in ("int8", "int16"):
        count = int(np.prod([shape[a] for a in axes]))
        peak = 128 if kind == "int8" else 32768
        scale = min(1.0, (d.scale_of(x) * peak / 2) ** min(count, 4) / peak * d.scale(-2, 2))
    d.op("REDUCE_PROD", [x, d.ints(axes)], [d.output(kind, scale)], schema.ReducerOptionsT(), 2,
         keepDims=d.chance(0.5))


@operator("BATCH_MATMUL", "int8 int8-int32 int16 int16-int8 float32 float32-int8", flat="int8 int16")
def batch_matmul(d, kind):
    rows, depth, cols = d.int(1, 6), d.int(1, 7), d.int(1, 6)
    batch = d.shape(d.int(0, 2), 6) if d.chance(0.7) else []
    lead = [[1 if d.chance(0.25) else n for n in batch] for _ in range(2)]
    lead[1] = lead[1][d.int(0, len(batch)) if d.chance(0.3) else 0:]
    adj = d.chance(0.4), d.chance(0.4)
    if kind == "float32-int8":
        # With two dimensions of matrices the reference takes scales of the wrong ones, and row sums of none.
        n = d.int(1, 4)
        x = wide_input(d, d.choice([], [1], [n]) + ([depth, rows] if adj[0] else [rows, depth]))
        shape = d.choice([], [1], [n]) + ([cols, depth] if adj[1] else [depth, cols])
        w = narrow_weights(d, shape, len(shape) - (2 if adj[1] else 1), 0.4)
        return d.op("BATCH_MATMUL", [x, w], [d.output("float32")], schema.BatchMatMulOptionsT(), 3, adjX=adj[0], adjY=adj[1],
                    asymmetricQuantizeInputs=d.chance(0.5))
    a_kind = b_kind = kind.split("-")[0]
    b_kind = "int8" if kind == "int16-int8" else b_kind
    a = d.input(a_kind, lead[0] + ([depth, rows] if adj[0] else [rows, depth]))
    b = (d.const if d.chance(0.3) else d.input)(b_kind, lead[1] + ([cols, depth] if adj[1] else [depth, cols]), None,
                                                0 if "int16" in kind else None)
    to, scale = a_kind, None
    if kind == "int8-int32":
        to, scale = "int32", 0
    elif kind != "float32":
        scale = d.scale_of(a) * d.scale_of(b) * 128 * np.sqrt(depth) * d.scale(-3, 2)
    d.op("BATCH_MATMUL", [a, b], [d.output(to, scale)], schema.BatchMatMulOptionsT(), 4 if "int16" in kind else 3,
         adjX=adj[0], adjY=adj[1])


@operator("CONV_3D", "float32")
def conv_3d(d, kind):
    c, n = d.int(1, 3), d.int(1, 3)
    size, filter_size = [d.int(1, 5) for _ in range(3)], [d.int(1, 3) for _ in range(3)]
    x, w = d.input(kind, [d.choice(1, 2), *size, c]), d.const(kind, [*filter_size, c, n])
    inputs = [x, w, d.const(kind, [n])] if d.chance(0.7) else [x, w]
    stride, dilation = [d.choice(1, 1, 2) for _ in range(3)], [d.choice(1, 1, 2) for _ in range(3)]
    d.op("CONV_3D", inputs, [d.output(kind)], schema.Conv3DOptionsT(), padding=d.choice(SAME, VALID), strideD=stride[0],
         strideH=stride[1], strideW=stride[2], dilationDFactor=dilation[0], dilationHFactor=dilation[1],
         dilationWFactor=dilation[2], fusedActivationFunction=d.activation())


@operator("CONV_3D_TRANSPOSE", "float32")
def conv_3d_transpose(d, kind):
    c, n, batch = d.int(1, 3), d.int(1, 3), d.choice(1, 2)
    filter_size, padding = [d.int(1, 3) for _ in range(3)], d.choice(SAME, VALID)
    stride, dilation = [d.choice(1, 1, 2) for _ in range(3)], [d.choice(1, 1, 2) for _ in range(3)]
    reach = [(f - 1) * a + 1 for f, a in zip(filter_size, dilation)]
    out = [d.int(1, 7) if padding == SAME else r + d.int(0, 4) for r in reach]
    size = [-(-o // s) if padding == SAME else (o - r) // s + 1 for o, s, r in zip(out, stride, reach)]
    shape = (d.ints if d.chance(0.7) else lambda v: d.input("int32", [5], values=v))([batch, *out, n])
    inputs = [shape, d.const(kind, [*filter_size, n, c]), d.input(kind, [batch, *size, c])]
    inputs += [d.const(kind, [n])] if d.chance(0.7) else []
    d.op("CONV_3D_TRANSPOSE", inputs, [d.output(kind)], schema.Conv3DOptionsT(), padding=padding, strideD=stride[0],
         strideH=stride[1], strideW=stride[2], dilationDFactor=dilation[0], dilationHFactor=dilation[1],
         dilationWFactor=dilation[2], fusedActivationFunction=d.activation())
