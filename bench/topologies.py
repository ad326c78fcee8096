# SPDX-License-Identifier: Apache-2.0
"""Networks of well-known shapes with random weights: what people have, without their files.

    python3 bench/topologies.py OUT_DIR [NAME...]        needs ai-edge-litert, flatbuffers, numpy

A network is a function of a Net, which adds operators and gives each the tensors that its arithmetic needs:

    int8      as the full-integer converter writes them: scales per channel, biases of 32 bits
    uint8     the same with one scale per tensor, as TensorFlow 1 wrote them
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
         "uint8": schema.TensorType.UINT8, "int32": schema.TensorType.INT32}
VERSIONS = {"CONV_2D": 5, "DEPTHWISE_CONV_2D": 5, "FULLY_CONNECTED": 5, "DEQUANTIZE": 3}  # others: 2, of the first with int8
RELU6, RELU, NONE = (schema.ActivationFunctionType.RELU6, schema.ActivationFunctionType.RELU,
                     schema.ActivationFunctionType.NONE)


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
        q = np.clip(np.round(b / scale), -2 ** 30, 2 ** 30).astype(np.int32)
        return self.tensor("int32", [n], q, scale=scale.astype(np.float32))

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

    def softmax(self, x):
        if self.float:
            y = self.tensor("float32", x.shape)
        else:
            y = self.tensor(self.kind, x.shape, scale=1 / 256, zero=-128 if self.kind == "int8" else 0)
        return self.op("SOFTMAX", [x], [y], schema.SoftmaxOptionsT(), beta=1.0)

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


NETWORKS = {
    "mobilenet_v1": (mobilenet_v1, "int8 uint8 float32 float16 dynamic"),
    "mobilenet_v2": (mobilenet_v2, "int8 uint8 float32 float16 dynamic"),
}


def main():
    if len(sys.argv) < 2:
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
