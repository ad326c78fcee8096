# SPDX-License-Identifier: Apache-2.0
"""Networks of well-known shapes with random weights: what people have, without their files.

    python3 bench/topologies.py OUT_DIR [NAME...]        needs ai-edge-litert, flatbuffers, numpy

A network is a function of a Net, which adds operators and gives each the tensors that its arithmetic needs:

    int8      as the full-integer converter writes them: scales per channel, biases of 32 bits
    uint8     the same with one scale per tensor, as TensorFlow 1 wrote them
    int16     activations of 16 bits, weights of 8 with scales per channel, biases of 64: "16x8"
    float32
    float16   float activations, weights of 16 bits behind DEQUANTIZE
    dynamic   float activations, weights of 8 bits: "dynamic range"

Scales of activations are guesses that keep values alive from layer to layer: sums of random products grow by the root of
their number. Files are NAME_KIND.tflite.
"""
import pathlib
import sys

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

CODES = schema.BuiltinOperator
TYPES = {"float32": schema.TensorType.FLOAT32, "float16": schema.TensorType.FLOAT16, "int8": schema.TensorType.INT8,
         "uint8": schema.TensorType.UINT8, "int16": schema.TensorType.INT16, "int32": schema.TensorType.INT32,
         "int64": schema.TensorType.INT64}
VERSIONS = {"RESHAPE": 1, "HARD_SWISH": 1, "PRELU": 1, "CONV_2D": 5, "DEPTHWISE_CONV_2D": 5, "FULLY_CONNECTED": 5, "DEQUANTIZE": 3}  # others: 2, of the first with int8
RELU6, RELU, NONE, TANH = (schema.ActivationFunctionType.RELU6, schema.ActivationFunctionType.RELU,
                           schema.ActivationFunctionType.NONE, schema.ActivationFunctionType.TANH)


class Tensor:
    def __init__(self, index, shape, scale=None, zero=0):
        self.index, self.shape, self.scale, self.zero = index, list(shape), scale, zero


class Net:
    def __init__(self, kind, seed=1):
        self.kind = kind
        self.float = kind in ("float32", "float16", "dynamic")
        self.type = "float32" if self.float else kind
        self.random = np.random.default_rng(seed)
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators, self.graph.inputs, self.graph.outputs = [], [], [], []
        self.model = schema.ModelT()
        self.model.version, self.model.subgraphs = 3, [self.graph]
        self.model.buffers, self.model.operatorCodes = [schema.BufferT()], []
        self.dead = 0  # one output channel in so many is dead, as training leaves them; 0: none

    # --- tensors -----------------------------------------------------------------------------------------

    def tensor(self, kind, shape, values=None, scale=None, zero=0, axis=0):
        t = schema.TensorT()
        t.type, t.shape, t.name = TYPES[kind], list(shape), f"t{len(self.graph.tensors)}"
        if values is not None:
            b = schema.BufferT()
            b.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
            self.model.buffers.append(b)
            t.buffer = len(self.model.buffers) - 1
        if scale is not None:
            t.quantization = schema.QuantizationParametersT()
            t.quantization.scale = np.atleast_1d(np.float32(scale))
            t.quantization.zeroPoint = np.zeros(t.quantization.scale.size, np.int64) + zero
            t.quantization.quantizedDimension = axis
        self.graph.tensors.append(t)
        return Tensor(len(self.graph.tensors) - 1, shape, scale, zero)

    def activation(self, shape, low, high):
        """A tensor for real values within low..high."""
        if self.float:
            return self.tensor("float32", shape)
        if self.kind == "int16":
            return self.tensor("int16", shape, scale=max(-low, high, 1e-6) / 32767)
        scale = max(high - low, 1e-6) / 255
        zero = int(np.clip(round(-low / scale), 0, 255)) - (128 if self.kind == "int8" else 0)
        return self.tensor(self.kind, shape, scale=scale, zero=zero)

    def like(self, x, shape):
        """The same quantisation, another shape."""
        return self.tensor(self.type, shape, scale=x.scale, zero=x.zero)

    def ints(self, values):
        values = np.asarray(values, np.int32)
        return self.tensor("int32", values.shape, values)

    def weights(self, shape, fan_in, axis):
        """Weights whose products keep the variance, and the real scale of each channel."""
        w = self.random.normal(0, fan_in ** -0.5, shape)
        if self.kind == "float32":
            return self.tensor("float32", shape, w.astype(np.float32))
        if self.kind == "float16":
            half = self.tensor("float16", shape, w.astype(np.float16))
            full = self.tensor("float32", shape)
            self.op("DEQUANTIZE", [half], [full], schema.DequantizeOptionsT())
            return full
        if self.kind == "uint8":
            scale = np.abs(w).max() / 127
            return self.tensor("uint8", shape, (np.clip(np.round(w / scale), -128, 127) + 128).astype(np.uint8),
                               scale=scale, zero=128)
        others = tuple(i for i in range(len(shape)) if i != axis)
        scale = np.abs(w).max(axis=others) / 127
        if self.dead:
            scale[:: self.dead] = 1e-9
        broad = scale.reshape([-1 if i == axis else 1 for i in range(len(shape))])
        q = np.clip(np.round(w / broad), -127, 127).astype(np.int8)
        return self.tensor("int8", shape, q, scale=scale, axis=axis)

    def bias(self, x, w, n):
        b = self.random.normal(0, 0.1, n)
        if self.float:
            return self.tensor("float32", [n], b.astype(np.float32))
        scale = np.float64(np.float32(x.scale)) * np.float64(np.atleast_1d(np.float32(w.scale)))
        kind = "int64" if self.kind == "int16" else "int32"
        q = np.clip(np.round(b / scale), -2 ** 30, 2 ** 30).astype(kind)
        return self.tensor(kind, [n], q, scale=scale.astype(np.float32))

    def input(self, shape):
        x = self.activation(shape, -1, 1)
        self.graph.inputs.append(x.index)
        return x

    def output(self, *tensors):
        self.graph.outputs += [t.index for t in tensors]

    # --- operators ---------------------------------------------------------------------------------------

    def op(self, name, inputs, outputs, options=None, **fields):
        version = VERSIONS.get(name, 2)
        code = getattr(CODES, name)
        codes = self.model.operatorCodes
        for i, c in enumerate(codes):
            if c.builtinCode == code:
                break
        else:
            c = schema.OperatorCodeT()
            c.builtinCode, c.deprecatedBuiltinCode, c.version = code, min(code, 127), version
            codes.append(c)
            i = len(codes) - 1
        o = schema.OperatorT()
        o.opcodeIndex, o.inputs, o.outputs = i, [t.index for t in inputs], [t.index for t in outputs]
        if options is not None:
            for key, value in fields.items():
                assert hasattr(options, key), key
                setattr(options, key, value)
            o.builtinOptions = options
            o.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
        self.graph.operators.append(o)
        return outputs[0]

    def range_of(self, act, spread=3.0):
        return {RELU6: (0, 6), RELU: (0, spread), NONE: (-spread, spread)}[act]

    @staticmethod
    def extent(n, stride, filter_, same):
        return -(-n // stride) if same else (n - filter_) // stride + 1

    def conv(self, x, channels, k=1, stride=1, act=RELU6, same=True, dilation=1):
        kh, kw = (k, k) if isinstance(k, int) else k
        b, h, w_, c = x.shape
        w = self.weights([channels, kh, kw, c], kh * kw * c, 0)
        reach_h, reach_w = (kh - 1) * dilation + 1, (kw - 1) * dilation + 1
        y = self.activation([b, self.extent(h, stride, reach_h, same), self.extent(w_, stride, reach_w, same), channels],
                            *self.range_of(act))
        return self.op("CONV_2D", [x, w, self.bias(x, w, channels)], [y], schema.Conv2DOptionsT(), padding=int(not same),
                       strideH=stride, strideW=stride, dilationHFactor=dilation, dilationWFactor=dilation,
                       fusedActivationFunction=act)

    def depthwise(self, x, k=3, stride=1, act=RELU6, same=True, multiplier=1, dilation=1):
        kh, kw = (k, k) if isinstance(k, int) else k
        b, h, w_, c = x.shape
        w = self.weights([1, kh, kw, c * multiplier], kh * kw, 3)
        y = self.activation([b, self.extent(h, stride, (kh - 1) * dilation + 1, same),
                             self.extent(w_, stride, (kw - 1) * dilation + 1, same), c * multiplier], *self.range_of(act))
        return self.op("DEPTHWISE_CONV_2D", [x, w, self.bias(x, w, c * multiplier)], [y], schema.DepthwiseConv2DOptionsT(),
                       padding=int(not same), strideH=stride, strideW=stride, depthMultiplier=multiplier,
                       dilationHFactor=dilation, dilationWFactor=dilation, fusedActivationFunction=act)

    def dense(self, x, n, act=NONE):
        c = x.shape[-1]
        w = self.weights([n, c], c, 0)
        rows = int(np.prod(x.shape[:-1]))
        y = self.activation([rows, n], *self.range_of(act))
        return self.op("FULLY_CONNECTED", [x, w, self.bias(x, w, n)], [y], schema.FullyConnectedOptionsT(),
                       fusedActivationFunction=act)

    def add(self, a, b, act=NONE):
        y = self.activation(a.shape, *self.range_of(act, 4.0))
        return self.op("ADD", [a, b], [y], schema.AddOptionsT(), fusedActivationFunction=act)

    def mean(self, x):
        y = self.activation([x.shape[0], x.shape[3]], *self.range_of(NONE))
        return self.op("MEAN", [x, self.ints([1, 2])], [y], schema.ReducerOptionsT(), keepDims=False)

    def share(self, shape):
        """A tensor for values within 0..1, with the scale that the kernels want."""
        scale = None if self.float else 1 / 32768 if self.kind == "int16" else 1 / 256
        return self.tensor(self.type, shape, scale=scale, zero=-128 if self.kind == "int8" else 0)

    def softmax(self, x):
        y = self.share(x.shape)
        return self.op("SOFTMAX", [x], [y], schema.SoftmaxOptionsT(), beta=1.0)

    def logistic(self, x):
        return self.op("LOGISTIC", [x], [self.share(x.shape)])

    def mul(self, a, b):
        y = self.activation(np.broadcast_shapes(a.shape, b.shape), *self.range_of(NONE))
        return self.op("MUL", [a, b], [y], schema.MulOptionsT())

    def silu(self, x):
        return self.mul(x, self.logistic(x))

    def hard_swish(self, x):
        return self.op("HARD_SWISH", [x], [self.activation(x.shape, -0.5, 3)], schema.HardSwishOptionsT())

    def leaky_relu(self, x):
        return self.op("LEAKY_RELU", [x], [self.activation(x.shape, -0.6, 3)], schema.LeakyReluOptionsT(), alpha=0.1)

    def prelu(self, x):
        alpha = self.random.uniform(0, 0.3, [1, 1, x.shape[3]])
        if self.float:
            slope = self.tensor("float32", alpha.shape, alpha.astype(np.float32))
        else:
            slope = self.tensor(self.kind, alpha.shape, np.round(alpha / 0.3 * 127).astype(np.uint8 if self.kind == "uint8" else
                                                                                           np.int8), scale=0.3 / 127)
        return self.op("PRELU", [x, slope], [self.activation(x.shape, -1, 3)])

    def pool(self, x, k, stride, maximum=True, same=False):
        b, h, w, c = x.shape
        y = self.like(x, [b, self.extent(h, stride, k, same), self.extent(w, stride, k, same), c])
        return self.op("MAX_POOL_2D" if maximum else "AVERAGE_POOL_2D", [x], [y], schema.Pool2DOptionsT(), padding=int(not same),
                       strideH=stride, strideW=stride, filterHeight=k, filterWidth=k)

    def concat(self, *parts):
        shape = list(parts[0].shape)
        shape[-1] = sum(p.shape[-1] for p in parts)
        if not self.float and len({(float(p.scale), p.zero) for p in parts}) > 1:
            common = self.activation([1], *self.range_of(NONE))  # as the kernels want it, and converters arrange it
            parts = [self.op("QUANTIZE", [p], [self.like(common, p.shape)], schema.QuantizeOptionsT()) for p in parts]
        y = self.like(parts[0], shape)
        return self.op("CONCATENATION", list(parts), [y], schema.ConcatenationOptionsT(), axis=len(shape) - 1)

    def split(self, x, n):
        shape = x.shape[:-1] + [x.shape[-1] // n]
        parts = [self.like(x, shape) for _ in range(n)]
        self.op("SPLIT", [self.tensor("int32", [], np.int32(len(shape) - 1)), x], parts, schema.SplitOptionsT(), numSplits=n)
        return parts

    def upsample(self, x, times=2, bilinear=False):
        b, h, w, c = x.shape
        y = self.like(x, [b, h * times, w * times, c])
        size = self.ints([h * times, w * times])
        if bilinear:
            return self.op("RESIZE_BILINEAR", [x, size], [y], schema.ResizeBilinearOptionsT(), halfPixelCenters=True)
        return self.op("RESIZE_NEAREST_NEIGHBOR", [x, size], [y], schema.ResizeNearestNeighborOptionsT())

    def transposed(self, x, channels, k=2, stride=2):
        b, h, w, c = x.shape
        f = self.weights([channels, k, k, c], k * k * c // (stride * stride), 0)
        y = self.activation([b, h * stride, w * stride, channels], *self.range_of(NONE))
        return self.op("TRANSPOSE_CONV", [self.ints(y.shape), f, x, self.bias(x, f, channels)], [y],
                       schema.TransposeConvOptionsT(), padding=0, strideH=stride, strideW=stride)

    def reshape(self, x, *shape):
        return self.op("RESHAPE", [x, self.ints(shape)], [self.like(x, shape)], schema.ReshapeOptionsT(), newShape=list(shape))

    def transpose(self, x, *order):
        y = self.like(x, [x.shape[i] for i in order])
        return self.op("TRANSPOSE", [x, self.ints(order)], [y], schema.TransposeOptionsT())

    def pad(self, x, before, after):
        b, h, w, c = x.shape
        y = self.like(x, [b, h + before + after, w + before + after, c])
        return self.op("PAD", [x, self.ints([[0, 0], [before, after], [before, after], [0, 0]])], [y], schema.PadOptionsT())

    def matmul(self, a, b, turned=False):
        shape = a.shape[:-1] + [b.shape[-2] if turned else b.shape[-1]]
        y = self.activation(shape, *self.range_of(NONE, 2 * a.shape[-1] ** 0.5))
        return self.op("BATCH_MATMUL", [a, b], [y], schema.BatchMatMulOptionsT(), adjY=turned)

    def variable(self, shape):
        """A state that lives from run to run."""
        t = self.tensor("float32", shape)
        self.graph.tensors[t.index].isVariable = True
        return t

    def whole_weights(self, shape):
        """Floats, or 8 bits with one scale: recurrent layers have none for each channel."""
        w = self.random.normal(0, shape[1] ** -0.5, shape)
        if self.kind == "float32":
            return self.tensor("float32", shape, w.astype(np.float32))
        scale = np.abs(w).max() / 127
        return self.tensor("int8", shape, np.round(w / scale).astype(np.int8), scale=scale)

    def svdf(self, x, units, memory, rank=1, act=RELU):
        filters = units * rank
        w, time = self.whole_weights([filters, x.shape[1]]), self.whole_weights([filters, memory])
        y = self.activation([1, units], *self.range_of(act))
        return self.op("SVDF", [x, w, time, self.bias(x, w, units), self.variable([1, filters * memory])], [y],
                       schema.SVDFOptionsT(), rank=rank, fusedActivationFunction=act)

    def lstm(self, x, cells):
        """All outputs of a sequence [1, time, features]."""
        inputs = [self.whole_weights([cells, x.shape[2]]) for _ in range(4)] + [self.whole_weights([cells, cells]) for _ in range(4)]
        bias = [self.tensor("float32", [cells], self.random.normal(0, 0.1, cells).astype(np.float32)) for _ in range(4)]
        none = Tensor(-1, [])
        state = [self.variable([1, cells]), self.variable([1, cells])]
        y = self.activation([1, x.shape[1], cells], -1, 1)
        return self.op("UNIDIRECTIONAL_SEQUENCE_LSTM", [x, *inputs, none, none, none, *bias, none, none, *state, none, none, none, none],
                       [y], schema.UnidirectionalSequenceLSTMOptionsT(), fusedActivationFunction=TANH)

    def excite(self, x, squeezed, act=None):
        """Squeeze and excite: a factor for each channel, of the means of all."""
        m = self.reshape(self.mean(x), x.shape[0], 1, 1, x.shape[3])
        m = self.conv(m, squeezed, act=RELU if act is None else NONE)
        return self.mul(x, self.logistic(self.conv(m if act is None else act(m), x.shape[3], act=NONE)))

    def bytes(self):
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


# --- the networks ------------------------------------------------------------------------------------------


def mobilenet_v1(net, size=224, width=1.0):
    x = net.conv(net.input([1, size, size, 3]), int(32 * width), 3, 2)
    for channels, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2),
                                                                                                         (1024, 1)]:
        x = net.conv(net.depthwise(x, 3, stride), int(channels * width))
    net.output(net.dense(net.mean(x), 1001))


def mobilenet_v2(net, size=224):
    x = net.conv(net.input([1, size, size, 3]), 32, 3, 2)
    for expand, channels, repeat, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                             (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(repeat):
            s = stride if i == 0 else 1
            y = net.conv(x, x.shape[3] * expand) if expand > 1 else x
            y = net.conv(net.depthwise(y, 3, s), channels, act=NONE)
            x = net.add(x, y) if s == 1 and x.shape[3] == channels else y
    x = net.conv(x, 1280)
    net.output(net.dense(net.mean(x), 1001))


def mobilenet_v3(net, size=224):
    x = net.hard_swish(net.conv(net.input([1, size, size, 3]), 16, 3, 2, act=NONE))
    for k, expand, channels, squeeze, hard, stride in [
            (3, 16, 16, True, False, 2), (3, 72, 24, False, False, 2), (3, 88, 24, False, False, 1), (5, 96, 40, True, True, 2),
            (5, 240, 40, True, True, 1), (5, 120, 48, True, True, 1), (5, 288, 96, True, True, 2), (5, 576, 96, True, True, 1)]:
        y = net.conv(x, expand, act=NONE if hard else RELU)
        y = net.depthwise(net.hard_swish(y) if hard else y, k, stride, act=NONE if hard else RELU)
        y = net.hard_swish(y) if hard else y
        y = net.excite(y, expand // 4) if squeeze else y
        y = net.conv(y, channels, act=NONE)
        x = net.add(x, y) if stride == 1 and x.shape[3] == channels else y
    x = net.mean(net.hard_swish(net.conv(x, 576, act=NONE)))
    net.output(net.dense(x, 1001))


def efficientnet_b0(net, size=224):
    x = net.silu(net.conv(net.input([1, size, size, 3]), 32, 3, 2, act=NONE))
    for expand, channels, repeat, stride, k in [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3),
                                                (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]:
        for i in range(repeat):
            s = stride if i == 0 else 1
            y = net.silu(net.conv(x, x.shape[3] * expand, act=NONE)) if expand > 1 else x
            y = net.silu(net.depthwise(y, k, s, act=NONE))
            y = net.conv(net.excite(y, max(1, x.shape[3] // 4), act=net.silu), channels, act=NONE)
            x = net.add(x, y) if s == 1 and x.shape[3] == channels else y
    net.output(net.dense(net.mean(net.silu(net.conv(x, 1280, act=NONE))), 1000))


def resnet50(net, size=224):
    x = net.pool(net.pad(net.conv(net.input([1, size, size, 3]), 64, 7, 2, act=RELU), 1, 1), 3, 2)
    for width, repeat, stride in [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]:
        for i in range(repeat):
            s = stride if i == 0 else 1
            y = net.conv(net.conv(net.conv(x, width, act=RELU), width, 3, s, act=RELU), 4 * width, act=NONE)
            x = net.add(net.conv(x, 4 * width, 1, s, act=NONE) if i == 0 else x, y, RELU)
    net.output(net.dense(net.mean(x), 1000))


def squeezenet(net, size=224):
    x = net.pool(net.conv(net.input([1, size, size, 3]), 64, 3, 2, act=RELU, same=False), 3, 2)
    for i, (squeeze, expand) in enumerate([(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)]):
        if i in (2, 4):
            x = net.pool(x, 3, 2)
        s = net.conv(x, squeeze, act=RELU)
        x = net.concat(net.conv(s, expand, act=RELU), net.conv(s, expand, 3, act=RELU))
    net.output(net.mean(net.conv(x, 1000, act=RELU)))


def densenet(net, size=128):
    x = net.conv(net.input([1, size, size, 3]), 32, 3, 2, act=RELU)
    for repeat in (4, 6, 6):
        for _ in range(repeat):
            x = net.concat(x, net.conv(net.conv(x, 64, act=RELU), 16, 3, act=RELU))
        x = net.pool(net.conv(x, x.shape[3] // 2, act=RELU), 2, 2, maximum=False)
    net.output(net.dense(net.mean(x), 100))


def shufflenet(net, size=224):
    x = net.pool(net.conv(net.input([1, size, size, 3]), 24, 3, 2, act=RELU), 3, 2, same=True)

    def shuffle(y):
        b, h, w, c = y.shape
        return net.reshape(net.transpose(net.reshape(y, b, h, w, 2, c // 2), 0, 1, 2, 4, 3), b, h, w, c)

    for channels, repeat in [(116, 4), (232, 8), (464, 4)]:
        half = channels // 2
        left = net.conv(net.depthwise(x, 3, 2, act=NONE), half, act=RELU)
        right = net.conv(net.depthwise(net.conv(x, half, act=RELU), 3, 2, act=NONE), half, act=RELU)
        x = shuffle(net.concat(left, right))
        for _ in range(repeat - 1):
            left, right = net.split(x, 2)
            right = net.conv(net.depthwise(net.conv(right, half, act=RELU), 3, act=NONE), half, act=RELU)
            x = shuffle(net.concat(left, right))
    net.output(net.dense(net.mean(net.conv(x, 1024, act=RELU)), 1000))


def unet(net, size=128):
    x, skips = net.input([1, size, size, 3]), []
    for channels in (16, 32, 64, 128):
        x = net.conv(net.conv(x, channels, 3, act=RELU), channels, 3, act=RELU)
        skips.append(x)
        x = net.pool(x, 2, 2)
    x = net.conv(x, 256, 3, act=RELU)
    for channels in (128, 64, 32, 16):
        x = net.concat(net.transposed(x, channels), skips.pop())
        x = net.conv(net.conv(x, channels, 3, act=RELU), channels, 3, act=RELU)
    net.output(net.logistic(net.conv(x, 1, act=NONE)))


def yolov8n(net, size=320, classes=80):
    def conv(x, c, k=1, s=1):
        return net.silu(net.conv(x, c, k, s, act=NONE))

    def c2f(x, c, n, shortcut):
        parts = net.split(conv(x, c), 2)
        for _ in range(n):
            y = conv(conv(parts[-1], c // 2, 3), c // 2, 3)
            parts.append(net.add(parts[-1], y) if shortcut else y)
        return conv(net.concat(*parts), c)

    x = conv(conv(net.input([1, size, size, 3]), 16, 3, 2), 32, 3, 2)
    x = conv(c2f(x, 32, 1, True), 64, 3, 2)
    p3 = c2f(x, 64, 2, True)
    p4 = c2f(conv(p3, 128, 3, 2), 128, 2, True)
    y = conv(c2f(conv(p4, 256, 3, 2), 256, 1, True), 128)
    pools = [y]
    for _ in range(3):
        pools.append(net.pool(pools[-1], 5, 1, same=True))
    p5 = conv(net.concat(*pools), 256)
    q4 = c2f(net.concat(net.upsample(p5), p4), 128, 1, False)
    q3 = c2f(net.concat(net.upsample(q4), p3), 64, 1, False)
    r4 = c2f(net.concat(conv(q3, 64, 3, 2), q4), 128, 1, False)
    r5 = c2f(net.concat(conv(r4, 128, 3, 2), p5), 256, 1, False)
    boxes, scores = [], []
    for p in (q3, r4, r5):
        n = p.shape[1] * p.shape[2]
        boxes.append(net.reshape(net.conv(conv(conv(p, 64, 3), 64, 3), 64, act=NONE), 1, n, 64))
        scores.append(net.reshape(net.conv(conv(conv(p, 80, 3), 80, 3), classes, act=NONE), 1, n, classes))
    along = [net.concat(*[net.transpose(t, 0, 2, 1) for t in parts]) for parts in (boxes, scores)]
    n = along[0].shape[2]
    shares = net.softmax(net.transpose(net.reshape(along[0], 1, 4, 16, n), 0, 1, 3, 2))
    net.output(shares, net.logistic(along[1]))


def keyword_spotting(net):
    x = net.conv(net.input([1, 49, 10, 1]), 64, (10, 4), 2, act=RELU)
    for _ in range(4):
        x = net.conv(net.depthwise(x, 3, act=RELU), 64, act=RELU)
    net.output(net.softmax(net.dense(net.mean(x), 12)))


def speech_commands(net):
    x = net.depthwise(net.input([1, 49, 40, 1]), (10, 8), 2, act=RELU, multiplier=8)
    net.output(net.softmax(net.dense(net.reshape(x, 1, int(np.prod(x.shape))), 4)))


def person_detection(net):
    x = net.depthwise(net.input([1, 96, 96, 1]), 3, 2, multiplier=8)
    for channels, stride in [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2)] + [(128, 1)] * 5 + [(256, 2), (256, 1)]:
        x = net.conv(net.depthwise(x, 3, stride) if x.shape[3] > 8 or stride > 1 else x, channels)
    net.output(net.dense(net.mean(x), 2))


def fomo(net, size=96):
    x = net.conv(net.input([1, size, size, 3]), 16, 3, 2)
    for expand, channels, stride in [(1, 8, 1), (6, 8, 2), (6, 8, 1), (6, 16, 2), (6, 16, 1), (6, 16, 1)]:
        y = net.conv(x, x.shape[3] * expand) if expand > 1 else x
        y = net.conv(net.depthwise(y, 3, stride), channels, act=NONE)
        x = net.add(x, y) if stride == 1 and x.shape[3] == channels else y
    net.output(net.softmax(net.conv(net.conv(x, 32, act=RELU), 3, act=NONE)))


def autoencoder(net):
    x = net.input([1, 640])
    for n in (128, 128, 128, 128, 8, 128, 128, 128, 128):
        x = net.dense(x, n, RELU)
    net.output(net.dense(x, 640))


def attention(net, tokens=196, width=192, heads=3, blocks=4):
    x = net.reshape(net.conv(net.input([1, 224, 224, 3]), width, 16, 16, act=NONE, same=False), tokens, width)

    def part(y):
        return net.transpose(net.reshape(y, 1, tokens, heads, width // heads), 0, 2, 1, 3)

    for _ in range(blocks):
        q, k, v = (part(net.dense(x, width)) for _ in range(3))
        mixed = net.matmul(net.softmax(net.matmul(q, k, turned=True)), v)
        y = net.dense(net.reshape(net.transpose(mixed, 0, 2, 1, 3), tokens, width), width)
        x = net.add(x, net.reshape(y, tokens, width))
        x = net.add(x, net.dense(net.dense(x, 4 * width, RELU), width))
    net.output(net.dense(x, 100))


def super_resolution(net, size=96):
    x = y = net.conv(net.input([1, size, size, 3]), 28, 3, act=RELU)
    for _ in range(4):
        y = net.conv(y, 28, 3, act=RELU)
    y = net.conv(net.add(x, y), 12, 3, act=NONE)
    b, h, w, _ = y.shape
    out = net.like(y, [b, 2 * h, 2 * w, 3])
    net.output(net.op("DEPTH_TO_SPACE", [y], [out], schema.DepthToSpaceOptionsT(), blockSize=2))


def face_landmarks(net, size=192):
    x = net.prelu(net.conv(net.input([1, size, size, 3]), 16, 3, 2, act=NONE))
    for channels in (16, 32, 64, 128, 128):
        for _ in range(2):
            x = net.prelu(net.add(x, net.conv(net.depthwise(net.prelu(net.conv(x, x.shape[3] // 2, act=NONE)), 3, act=NONE),
                                              x.shape[3], act=NONE)))
        x = net.prelu(net.conv(x, channels, 2, 2, act=NONE))
    net.output(net.dense(net.reshape(x, 1, int(np.prod(x.shape))), 1404))


def segmenter(net, size=257):
    x = net.conv(net.input([1, size, size, 3]), 32, 3, 2)
    for channels, stride, dilation in [(16, 1, 1), (24, 2, 1), (32, 2, 1), (64, 1, 2), (96, 1, 2), (160, 1, 4)]:
        x = net.conv(net.depthwise(net.conv(x, 6 * x.shape[3]), 3, stride, dilation=dilation), channels, act=NONE)
    x = net.conv(net.conv(x, 256), 21, act=NONE)
    b, h, w, c = x.shape
    y = net.like(x, [b, size, size, c])
    net.output(net.op("RESIZE_BILINEAR", [x, net.ints([size, size])], [y], schema.ResizeBilinearOptionsT(), alignCorners=True))


def hotword(net):
    x = net.input([1, 120])
    for _ in range(4):
        x = net.dense(net.svdf(x, 128, 8), 64, RELU)
    net.output(net.softmax(net.dense(x, 3)))


def digits_lstm(net, cells=64):
    x = net.lstm(net.input([1, 28, 28]), cells)
    net.output(net.softmax(net.dense(net.reshape(x, 1, 28 * cells), 10)))


def speech_lstm(net, frames=50, cells=128):
    x = net.lstm(net.lstm(net.input([1, frames, 40]), cells), cells)
    net.output(net.softmax(net.dense(net.reshape(x, frames, cells), 30)))


EVERY = "int8 float32 dynamic"
NETWORKS = {
    "mobilenet_v1": (mobilenet_v1, "int8 uint8 int16 float32 float16 dynamic"),
    "mobilenet_v2": (mobilenet_v2, "int8 uint8 int16 float32 float16 dynamic"),
    "mobilenet_v3": (mobilenet_v3, EVERY),
    "efficientnet_b0": (efficientnet_b0, EVERY + " int16"),
    "resnet50": (resnet50, EVERY + " int16"),
    "squeezenet": (squeezenet, EVERY + " int16"),
    "densenet": (densenet, EVERY + " int16"),
    "shufflenet": (shufflenet, EVERY + " int16"),
    "unet": (unet, EVERY + " int16"),
    "yolov8n": (yolov8n, EVERY + " int16"),
    "keyword_spotting": (keyword_spotting, EVERY + " int16"),
    "speech_commands": (speech_commands, EVERY + " int16"),
    "person_detection": (person_detection, EVERY + " int16"),
    "fomo": (fomo, EVERY + " int16"),
    "autoencoder": (autoencoder, EVERY + " int16"),
    "attention": (attention, EVERY + " int16"),
    "super_resolution": (super_resolution, EVERY),
    "face_landmarks": (face_landmarks, EVERY),
    "segmenter": (segmenter, EVERY + " int16"),
    "hotword": (hotword, "float32 dynamic"),
    "digits_lstm": (digits_lstm, "float32 dynamic"),
    "speech_lstm": (speech_lstm, "float32 dynamic"),
}


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__.strip())
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or NETWORKS:
        function, kinds = NETWORKS[name]
        for kind in kinds.split():
            net = Net(kind)
            function(net)
            (out / f"{name}_{kind}.tflite").write_bytes(net.bytes())
            print(f"{name}_{kind}")


if __name__ == "__main__":
    main()
