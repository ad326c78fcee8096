#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/tiny_*.tflite: small networks of drawn weights for checks that run one model very often.

    oracle/bin/python tools/oracle/gen_tiny.py && oracle/bin/python tools/oracle/gen_models.py tree

    [1,16,16,3] -> CONV_2D 3x3/2 -> DEPTHWISE_CONV_2D 3x3 -> CONV_2D 1x1 -> ADD (with the first's output)
                -> AVERAGE_POOL_2D -> RESHAPE -> FULLY_CONNECTED -> SOFTMAX -> [1,5]

tiny_u8 has uint8 tensors with one scale each; tiny_s8 has int8 tensors with one scale per channel of the
convolutions' weights, and QUANTIZE at both ends. tiny_open takes pictures of any size:

    [-1,-1,-1,3] uint8 -> CONV_2D 3x3/2 -> MEAN -> [-1,8]

tiny_flow sums its inputs up in a variable, halves the sum in a loop, and tells where it is large.
"""
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

import drawn
import gen_models

CHANNELS, CLASSES, SIDE = 8, 5, 16
OPERATOR, OPTIONS = schema.BuiltinOperator, schema.BuiltinOptions
SAME, VALID = schema.Padding.SAME, schema.Padding.VALID
RELU6, NO_ACTIVATION = schema.ActivationFunctionType.RELU6, schema.ActivationFunctionType.NONE


class Writer:
    def __init__(self, signed):
        self.signed = signed
        self.type = schema.TensorType.INT8 if signed else schema.TensorType.UINT8
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.model = schema.ModelT()
        self.model.version, self.model.description = 3, "Drawn weights, of no use but for tests"
        self.model.subgraphs, self.model.buffers, self.model.operatorCodes = [self.graph], [schema.BufferT()], []

    def tensor(self, name, shape, tensor_type, scale, zero, data=None, axis=0):
        t = schema.TensorT()
        t.name, t.shape, t.type, t.buffer = name, list(shape), tensor_type, 0
        if scale is not None:
            t.quantization = schema.QuantizationParametersT()
            t.quantization.scale = np.atleast_1d(np.float32(scale))
            t.quantization.zeroPoint = np.full(t.quantization.scale.shape, zero, np.int64)
            t.quantization.quantizedDimension = axis
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            t.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        self.graph.tensors.append(t)
        return len(self.graph.tensors) - 1

    def activation(self, name, shape, scale, zero):
        """`zero` in the units of uint8."""
        return self.tensor(name, shape, self.type, scale, zero - 128 if self.signed else zero)

    def weights(self, name, shape, axis, input_scale, per_channel=True):
        """Weights and bias; the scales of a signed model differ from channel to channel."""
        n = shape[axis]
        values = gen_models.noise(gen_models.fnv1a(name), shape, np.int8 if self.signed else np.uint8)
        if self.signed:
            scale = 0.004 + 0.001 * (np.arange(n) % 4) if per_channel else np.array([0.005])
            weights = self.tensor(name, shape, self.type, scale, 0, np.maximum(values, -127), axis)
        else:
            scale = np.array([0.005])
            weights = self.tensor(name, shape, self.type, scale, 121, values)
        bias = gen_models.noise(gen_models.fnv1a(name + "/bias"), [n], np.int16).astype(np.int32) // 16
        return weights, self.tensor(name + "/bias", [n], schema.TensorType.INT32, scale * input_scale, 0, bias)

    def operator(self, code, inputs, outputs, kind=OPTIONS.NONE, options=None, version=1):
        codes = [c.builtinCode for c in self.model.operatorCodes]
        if code not in codes:
            c = schema.OperatorCodeT()
            c.builtinCode, c.deprecatedBuiltinCode, c.version = code, min(code, 127), version
            self.model.operatorCodes.append(c)
            codes.append(code)
        op = schema.OperatorT()
        op.opcodeIndex, op.inputs, op.outputs = codes.index(code), inputs, outputs
        op.builtinOptionsType, op.builtinOptions = kind, options
        self.graph.operators.append(op)
        return outputs[0]

    def bytes(self):
        builder = flatbuffers.Builder(1 << 14)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def fields(options, **values):
    for name, value in values.items():
        setattr(options, name, value)
    return options


def tiny(signed):
    w = Writer(signed)
    half, version = SIDE // 2, 3 if signed else 1
    maps = [1, half, half, CHANNELS]
    x = given = w.tensor("image", [1, SIDE, SIDE, 3], schema.TensorType.UINT8, 1 / 128, 128)
    if signed:
        x = w.activation("image/signed", [1, SIDE, SIDE, 3], 1 / 128, 128)
        w.operator(OPERATOR.QUANTIZE, [given], [x], OPTIONS.QuantizeOptions, schema.QuantizeOptionsT())

    first = w.activation("first", maps, 6 / 255, 0)
    w.operator(OPERATOR.CONV_2D, [x, *w.weights("first/w", [CHANNELS, 3, 3, 3], 0, 1 / 128)], [first], OPTIONS.Conv2DOptions,
               fields(schema.Conv2DOptionsT(), padding=SAME, strideW=2, strideH=2, dilationWFactor=1, dilationHFactor=1,
                      fusedActivationFunction=RELU6), version)
    depthwise = w.activation("depthwise", maps, 6 / 255, 0)
    w.operator(OPERATOR.DEPTHWISE_CONV_2D, [first, *w.weights("depthwise/w", [1, 3, 3, CHANNELS], 3, 6 / 255)], [depthwise],
               OPTIONS.DepthwiseConv2DOptions,
               fields(schema.DepthwiseConv2DOptionsT(), padding=SAME, strideW=1, strideH=1, depthMultiplier=1,
                      dilationWFactor=1, dilationHFactor=1, fusedActivationFunction=RELU6), version)
    pointwise = w.activation("pointwise", maps, 0.05, 131)
    w.operator(OPERATOR.CONV_2D, [depthwise, *w.weights("pointwise/w", [CHANNELS, 1, 1, CHANNELS], 0, 6 / 255)], [pointwise],
               OPTIONS.Conv2DOptions,
               fields(schema.Conv2DOptionsT(), padding=VALID, strideW=1, strideH=1, dilationWFactor=1, dilationHFactor=1,
                      fusedActivationFunction=NO_ACTIVATION), version)
    added = w.activation("added", maps, 0.06, 110)
    w.operator(OPERATOR.ADD, [pointwise, first], [added], OPTIONS.AddOptions,
               fields(schema.AddOptionsT(), fusedActivationFunction=NO_ACTIVATION), 2 if signed else 1)
    pooled = w.activation("pooled", [1, 1, 1, CHANNELS], 0.06, 110)
    w.operator(OPERATOR.AVERAGE_POOL_2D, [added], [pooled], OPTIONS.Pool2DOptions,
               fields(schema.Pool2DOptionsT(), padding=VALID, strideW=half, strideH=half, filterWidth=half, filterHeight=half,
                      fusedActivationFunction=NO_ACTIVATION), 2 if signed else 1)
    shape = w.tensor("flat/shape", [2], schema.TensorType.INT32, None, 0, np.array([1, CHANNELS], np.int32))
    flat = w.activation("flat", [1, CHANNELS], 0.06, 110)
    w.operator(OPERATOR.RESHAPE, [pooled, shape], [flat], OPTIONS.ReshapeOptions,
               fields(schema.ReshapeOptionsT(), newShape=[1, CHANNELS]))
    logits = w.activation("logits", [1, CLASSES], 0.04, 120)
    w.operator(OPERATOR.FULLY_CONNECTED, [flat, *w.weights("logits/w", [CLASSES, CHANNELS], 0, 0.06, False)], [logits],
               OPTIONS.FullyConnectedOptions,
               fields(schema.FullyConnectedOptionsT(), fusedActivationFunction=NO_ACTIVATION), 4 if signed else 1)
    scores = w.activation("scores", [1, CLASSES], 1 / 256, 0)
    w.operator(OPERATOR.SOFTMAX, [logits], [scores], OPTIONS.SoftmaxOptions, fields(schema.SoftmaxOptionsT(), beta=1.0),
               2 if signed else 1)
    if signed:
        result = w.tensor("scores/unsigned", [1, CLASSES], schema.TensorType.UINT8, 1 / 256, 0)
        w.operator(OPERATOR.QUANTIZE, [scores], [result], OPTIONS.QuantizeOptions, schema.QuantizeOptionsT())
        scores = result
    w.graph.inputs, w.graph.outputs, w.graph.name = [given], [scores], "main"
    return w.bytes()


def open_size():
    """Pictures of any number and size, which a signature names."""
    w = Writer(False)
    image = w.tensor("image", [1, 8, 8, 3], schema.TensorType.UINT8, 1 / 128, 128)
    maps = w.activation("maps", [1, 4, 4, CHANNELS], 6 / 255, 0)
    means = w.activation("means", [1, CHANNELS], 6 / 255, 0)
    for tensor, signature in (image, [-1, -1, -1, 3]), (maps, [-1, -1, -1, CHANNELS]), (means, [-1, CHANNELS]):
        w.graph.tensors[tensor].shapeSignature = signature
    w.operator(OPERATOR.CONV_2D, [image, *w.weights("maps/w", [CHANNELS, 3, 3, 3], 0, 1 / 128)], [maps], OPTIONS.Conv2DOptions,
               fields(schema.Conv2DOptionsT(), padding=SAME, strideW=2, strideH=2, dilationWFactor=1, dilationHFactor=1,
                      fusedActivationFunction=RELU6))
    axes = w.tensor("axes", [2], schema.TensorType.INT32, None, 0, np.array([1, 2], np.int32))
    w.operator(OPERATOR.MEAN, [maps, axes], [means], OPTIONS.ReducerOptions, schema.ReducerOptionsT())
    w.graph.inputs, w.graph.outputs, w.graph.name = [image], [means, maps], "main"
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = "describe", 0
    signature.inputs, signature.outputs = [named("picture", image)], [named("description", means), named("maps", maps)]
    w.model.signatureDefs = [signature]
    return w.bytes()


def flow():
    """Subgraphs, a variable, and an output whose shape depends on values."""
    d = drawn.Drawn(0)

    def tensor(name, kind="float32", shape=(6,), data=None):
        index = d.const(kind, shape, 0, values=data) if data is not None else d.tensor(kind, shape, 0)
        d.graph.tensors[index].name = name
        return index

    def handle():
        h = tensor("sum", "resource", [])
        d.op("VAR_HANDLE", [], [h], schema.VarHandleOptionsT(), container="", sharedName="sum")
        return h

    with d.subgraph() as begin:
        d.graph.name = "begin"
        d.op("ASSIGN_VARIABLE", [handle(), tensor("zeros", data=np.zeros(6))], [], schema.AssignVariableOptionsT())
    with d.subgraph() as cond:
        d.graph.name = "more"
        d.graph.inputs = [tensor("i", "int32", []), tensor("x")]
        less = tensor("less", "bool", [])
        d.op("LESS", [d.graph.inputs[0], tensor("times", "int32", [], 3)], [less], schema.LessOptionsT())
        d.returns(less)
    with d.subgraph() as body:
        d.graph.name = "halve"
        d.graph.inputs = [tensor("i", "int32", []), tensor("x")]
        up, y = tensor("i + 1", "int32", []), tensor("x / 2")
        d.op("ADD", [d.graph.inputs[0], tensor("one", "int32", [], 1)], [up], schema.AddOptionsT())
        d.op("MUL", [d.graph.inputs[1], tensor("half", "float32", [], 0.5)], [y], schema.MulOptionsT())
        d.returns(up, y)
    d.graph.name, d.model.description = "main", "Of no use but for tests"
    x, old, new = tensor("x"), tensor("old"), tensor("new")
    d.op("CALL_ONCE", [], [], schema.CallOnceOptionsT(), initSubgraphIndex=begin)
    h = handle()
    d.op("READ_VARIABLE", [h], [old], schema.ReadVariableOptionsT())
    d.op("ADD", [x, old], [new], schema.AddOptionsT())
    d.op("ASSIGN_VARIABLE", [h, new], [], schema.AssignVariableOptionsT())
    last, y = tensor("last", "int32", []), tensor("an eighth")
    d.op("WHILE", [tensor("zero", "int32", [], 0), new], [last, y], schema.WhileOptionsT(), condSubgraphIndex=cond,
         bodySubgraphIndex=body)
    large, where = tensor("large", "bool"), tensor("where", "int64", [])
    d.op("GREATER", [y, tensor("level", "float32", [], 0.05)], [large], schema.GreaterOptionsT())
    d.op("WHERE", [large], [where], schema.WhereOptionsT())
    d.graph.inputs = [x]
    d.returns(y, where)
    return d.bytes()


def named(name, tensor):
    entry = schema.TensorMapT()
    entry.name, entry.tensorIndex = name, tensor
    return entry


def main():
    folder = gen_models.ROOT / "tests" / "data"
    folder.mkdir(exist_ok=True)
    for name, data in ("tiny_u8", tiny(False)), ("tiny_s8", tiny(True)), ("tiny_open", open_size()), ("tiny_flow", flow()):
        (folder / f"{name}.tflite").write_bytes(data)
        print(name, len(data), "bytes")


if __name__ == "__main__":
    main()
