# SPDX-License-Identifier: Apache-2.0
"""A drawn model: random choices, and the flatbuffer that they make. For the generators of gen_ops.py.

    @operator("ADD", "uint8 int8 int16 float32 int32")
    def add(d, kind):
        a, b = d.broadcast_shapes()
        d.op("ADD", [d.input(kind, a), d.input(kind, b)], [d.output(kind)], schema.AddOptionsT(),
             fusedActivationFunction=d.activation())

A generator is a function of a Drawn `d` and a kind of its list, usually a type. It adds tensors and one operator
(more are possible) and returns nothing. It should draw what hurts: odd sizes, zero points at the ends, negative
axes, scales that saturate. What LiteRT refuses is drawn again, so a generator need not know every rule.
"""
import contextlib
import math

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

OPERATORS = {}  # name -> (generator, kinds, ulp, resolver)

TYPES = {"float32": schema.TensorType.FLOAT32, "float16": schema.TensorType.FLOAT16, "int32": schema.TensorType.INT32,
         "uint8": schema.TensorType.UINT8, "int64": schema.TensorType.INT64, "bool": schema.TensorType.BOOL,
         "int16": schema.TensorType.INT16, "int8": schema.TensorType.INT8, "uint32": schema.TensorType.UINT32,
         "resource": schema.TensorType.RESOURCE, "int4": schema.TensorType.INT4,
         "complex64": schema.TensorType.COMPLEX64, "complex128": schema.TensorType.COMPLEX128,
         "float64": schema.TensorType.FLOAT64}
ACTIVATIONS = schema.ActivationFunctionType


def operator(name, kinds, ulp=0, resolver="BUILTIN_REF", flat=""):
    """Registers a generator. `ulp`: how far float outputs may be off on another C library; 0: not at all. `resolver` is
    one of LiteRT's: BUILTIN_WITHOUT_DEFAULT_DELEGATES for the few operators that its reference kernels lack.
    `flat`: kinds that are drawn once more with a scale of 0, as converters write it for constants of zeros: "int8_flat"."""
    def register(function):
        def generate(d, kind):
            function(d, kind.removesuffix("_flat"))
            if kind.endswith("_flat"):
                d.flatten()
        OPERATORS[name] = (generate, kinds.split() + [kind + "_flat" for kind in flat.split()], ulp, resolver)
        return function
    return register


def halves(values):
    """Two to a byte, the first in the lower half."""
    flat = np.append(values.ravel(), np.zeros(values.size % 2, np.int8)) & 15
    return (flat[0::2] | flat[1::2] << 4).astype(np.uint8)


class Drawn:
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.graph.inputs, self.graph.outputs = [], []
        self.model = schema.ModelT()
        self.model.version, self.model.subgraphs = 3, [self.graph]
        self.model.buffers, self.model.operatorCodes = [schema.BufferT()], []
        self.values = []  # of the inputs
        self.later = []  # lists like it, for runs that follow in the same interpreter

    # --- choices ---------------------------------------------------------------------------------------

    def int(self, low, high):
        """Both ends included."""
        return int(self.random.integers(low, high, endpoint=True))

    def chance(self, p):
        return bool(self.random.random() < p)

    def choice(self, *values):
        return values[self.int(0, len(values) - 1)]

    def shape(self, rank=None, limit=160, most=9):
        """Small and mostly odd; at most `limit` elements."""
        rank = self.int(1, 5) if rank is None else rank
        shape = []
        for _ in range(rank):
            room = max(1, limit // max(1, math.prod(shape)))
            shape.append(self.int(1, min(room, self.choice(1, 3, 5, most))))
        self.random.shuffle(shape)
        return [int(n) for n in shape]

    def broadcast_shapes(self, limit=160, rank=4):
        """Two shapes that go together: equal, with ones, of different ranks."""
        full = self.shape(self.int(1, rank), limit)
        if self.chance(0.4):
            return full, list(full)
        pair = []
        for _ in range(2):
            shape = [1 if self.chance(0.3) else n for n in full]
            pair.append(shape[self.int(0, len(shape)) if self.chance(0.3) else 0:])
        if self.chance(0.3):
            pair[1] = []
        return pair if self.chance(0.5) else pair[::-1]

    def scale(self, low=-9, high=0):
        """Log-even between 2^low and 2^high; sometimes the power of two itself."""
        x = self.random.uniform(low, high)
        return float(np.float32(2.0 ** (round(x) if self.chance(0.15) else x)))

    def zero(self, kind):
        """A zero point; often at an end or in the middle."""
        if kind not in ("uint8", "int8"):
            return 0
        low, high = (0, 255) if kind == "uint8" else (-128, 127)
        return self.choice(low, high, (low + high + 1) // 2, self.int(low, high), self.int(low, high))

    def activation(self, *more):
        return self.choice(ACTIVATIONS.NONE, ACTIVATIONS.NONE, ACTIVATIONS.RELU, ACTIVATIONS.RELU6,
                           ACTIVATIONS.RELU_N1_TO_1, *more)

    def numbers(self, kind, shape, spread=None):
        """Values of a type: noise over the whole range, ends only, or near one value. `spread` is that of floats."""
        how = self.int(0, 5)
        if kind in ("float32", "float16", "float64"):
            spread = spread or self.choice(1, 4, 30)
            values = self.random.normal(0, spread, shape)
            if how == 0:
                values = np.round(values)
            return values.astype(kind)
        if kind in ("complex64", "complex128"):
            return (self.random.normal(0, 1, shape) + 1j * self.random.normal(0, 1, shape)).astype(kind)
        if kind == "bool":
            return self.random.integers(0, 1, shape, endpoint=True).astype(np.bool_)
        info = np.iinfo(kind)
        low, high = info.min, info.max
        if kind in ("int32", "int64", "uint32", "uint64") and how != 0:
            low, high = max(low, -1000), 1000
        values = self.random.integers(low, high, shape, dtype=info.dtype, endpoint=True)
        if how == 1:
            values = np.where(self.random.random(shape) < 0.5, low, high)
        elif how == 2:
            values = np.clip(self.random.integers(-3, 3, shape, endpoint=True) + int(values.flat[0]) if values.size
                             else values, low, high)
        return np.asarray(values).astype(kind)

    # --- tensors ---------------------------------------------------------------------------------------

    def tensor(self, kind, shape, scale=None, zero=None, data=None, axis=0):
        """scale None: drawn for quantised types, none for others; 0: none. Lists are one for each of `axis`."""
        t = schema.TensorT()
        t.name, t.shape, t.type, t.buffer = "t%d" % len(self.graph.tensors), list(shape), TYPES[kind], 0
        if scale is None and kind in ("uint8", "int8", "int16"):
            scale = self.scale(-14, -6) if kind == "int16" else self.scale()
        if scale is not None and np.any(scale):
            q = schema.QuantizationParametersT()
            q.scale = np.atleast_1d(np.float32(scale))
            q.zeroPoint = np.broadcast_to(np.int64(self.zero(kind) if zero is None else zero), q.scale.shape).copy()
            q.quantizedDimension = axis
            t.quantization = q
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            t.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        self.graph.tensors.append(t)
        return len(self.graph.tensors) - 1

    def input(self, kind, shape, scale=None, zero=None, values=None):
        """A tensor that is given when the model runs."""
        index = self.tensor(kind, shape, scale, zero)
        self.graph.inputs.append(index)
        self.values.append(self.numbers(kind, shape) if values is None else np.asarray(values, kind))
        return index

    def again(self, *values):
        """The model runs once more, with these inputs. Other shapes than before resize them."""
        self.later.append([np.asarray(v, old.dtype) for v, old in zip(values, self.values, strict=True)])

    @contextlib.contextmanager
    def subgraph(self):
        """What is added within goes into a new subgraph, whose index this gives. `argument` adds its inputs."""
        outer, self.graph = self.graph, schema.SubGraphT()
        self.graph.tensors, self.graph.operators, self.graph.inputs, self.graph.outputs = [], [], [], []
        self.model.subgraphs.append(self.graph)
        yield len(self.model.subgraphs) - 1
        self.graph = outer

    def argument(self, kind, shape, scale=None, zero=None):
        """An input of a subgraph that is called."""
        index = self.tensor(kind, shape, scale, zero)
        self.graph.inputs.append(index)
        return index

    def const(self, kind, shape, scale=None, zero=None, values=None, axis=0):
        """int4: `values` lie in -8..7, and need be given."""
        data = self.numbers(kind, shape) if values is None else np.asarray(values, "int8" if kind == "int4" else kind).reshape(shape)
        return self.tensor(kind, shape, scale, zero, halves(data) if kind == "int4" else data, axis)

    def ints(self, values, kind="int32"):
        """A constant list of plain integers."""
        return self.const(kind, [len(values)], 0, values=values)

    def output(self, kind, scale=None, zero=None, shape=()):
        """The shape need not be right: it is worked out again."""
        index = self.tensor(kind, shape, scale, zero)
        self.graph.outputs.append(index)
        return index

    def returns(self, *tensors):
        """Outputs of a subgraph, in this order."""
        self.graph.outputs.extend(tensors)

    def flatten(self):
        """Gives an input of the last operator a scale of 0, a constant most likely, and zeros."""
        tensors = [self.graph.tensors[i] for i in self.graph.operators[-1].inputs if i >= 0]
        tensors = [t for t in tensors if t.quantization is not None]
        t = self.choice(*[t for t in tensors if t.buffer] or tensors) if self.chance(0.7) else self.choice(*tensors)
        t.quantization.scale = np.zeros_like(t.quantization.scale)
        if t.buffer and t.type != TYPES["int4"]:
            data = self.model.buffers[t.buffer].data
            zero = int(t.quantization.zeroPoint[0]) & 255
            self.model.buffers[t.buffer].data = np.full_like(data, zero if t.type in (TYPES["uint8"], TYPES["int8"]) else 0)

    def scale_of(self, index, i=0):
        return float(self.graph.tensors[index].quantization.scale[i])

    def zero_of(self, index):
        return int(self.graph.tensors[index].quantization.zeroPoint[0])

    # --- operators ---------------------------------------------------------------------------------------

    def op(self, name, inputs, outputs, options=None, version=1, custom=None, **values):
        """`options` is a new object of the schema, `values` its fields; `custom` are a custom operator's bytes."""
        code = schema.OperatorCodeT()
        builtin = getattr(schema.BuiltinOperator, name, None)
        code.builtinCode = schema.BuiltinOperator.CUSTOM if builtin is None else builtin
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        code.version = version
        if builtin is None:
            code.customCode = name
        op = schema.OperatorT()
        op.opcodeIndex, op.inputs, op.outputs = len(self.model.operatorCodes), list(inputs), list(outputs)
        self.model.operatorCodes.append(code)
        if options is not None:
            for field, value in values.items():
                assert hasattr(options, field), field
                setattr(options, field, value)
            kind = type(options).__name__[:-1]
            if hasattr(schema.BuiltinOptions, kind):
                op.builtinOptionsType, op.builtinOptions = getattr(schema.BuiltinOptions, kind), options
            else:
                op.builtinOptions2Type, op.builtinOptions2 = getattr(schema.BuiltinOptions2, kind), options
        if custom is not None:
            op.customOptions = np.frombuffer(custom, np.uint8)
        self.graph.operators.append(op)

    def bytes(self):
        builder = flatbuffers.Builder(1 << 12)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())
