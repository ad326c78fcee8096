# SPDX-License-Identifier: Apache-2.0
"""Drawn models of operators that run other subgraphs, and of variables. Most run several times: state must last."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from drawn import operator
from ops_moves import quant


def some_op(d, kind, x):
    """A tensor of the shape and quantisation of x, computed from it."""
    y = d.tensor(kind, [], *quant(d, x))
    how = d.int(0, 3)
    if kind == "bool":
        d.op("LOGICAL_NOT", [x], [y])
    elif how == 0 and kind in ("float32", "uint8", "int8"):
        d.op("RELU", [x], [y])
    elif how == 1 and kind in ("uint8", "int8", "float32"):
        channels = shape_of(d, x)[-1]
        w = d.const(kind, [channels, channels], *(() if kind == "float32" else (0.01, 128 if kind == "uint8" else 0)))
        d.op("FULLY_CONNECTED", [x, w, -1], [y], schema.FullyConnectedOptionsT(), 2, keepNumDims=True)
    elif how == 2 and kind not in ("int16", "uint8", "int8"):
        d.op("MUL", [x, x], [y], schema.MulOptionsT())
    elif how == 3 and kind in ("float32", "uint8", "int8", "int16"):
        d.op("MAXIMUM", [x, d.const(kind, [], *quant(d, x))], [y], schema.MaximumMinimumOptionsT())
    else:
        d.op("ADD" if kind in ("float32", "int32", "int64", "uint8", "int8") else "MAXIMUM", [x, x], [y],
             schema.AddOptionsT() if kind in ("float32", "int32", "int64", "uint8", "int8") else
             schema.MaximumMinimumOptionsT())
    d.graph.tensors[y].shape = shape_of(d, x)
    return y


def shape_of(d, x):
    return list(d.graph.tensors[x].shape)


def longer(d, kind, x):
    """A tensor with more rows than x."""
    shape = shape_of(d, x)
    y = d.tensor(kind, [], *quant(d, x))
    more = d.const(kind, [d.int(1, 3), *shape[1:]], *quant(d, x))
    d.op("CONCATENATION", [x, more] if d.chance(0.5) else [more, x], [y], schema.ConcatenationOptionsT(), 2)
    return y


def branch(d, kind, shapes, quants, body):
    with d.subgraph() as index:
        d.returns(*body([d.argument(kind, s, *q) for s, q in zip(shapes, quants)]))
    return index


@operator("IF", "float32 uint8 int8 int16 int32 int64 bool float32_dynamic int8_dynamic int8_nested float32_where")
def if_(d, kind):
    """`dynamic`: the branches give different shapes. `where`: a branch does not know its own."""
    kind, _, how = kind.partition("_")
    condition = d.input("bool", d.choice([], [1]))
    shape = d.shape(limit=40)
    x = d.input(kind, shape)
    y = d.input(kind, shape, *quant(d, x))
    quants = [quant(d, x)] * 2

    def simple(args):
        return [some_op(d, kind, args[d.int(0, 1)])]

    def grown(args):
        return [longer(d, kind, args[0])]

    def where(args):
        found = d.tensor("int64", [])
        d.op("WHERE", [args[0]], [found], schema.WhereOptionsT())
        z = d.tensor(kind, [])
        d.op("GATHER_ND", [args[1], found], [z], schema.GatherNdOptionsT(), 5)
        return [z]

    def nested(args):
        t = d.tensor("bool", [])
        least = d.tensor(kind, [], *quant(d, args[0]))
        axes = d.ints(range(len(shape)))
        d.op("REDUCE_MAX", [args[0], axes], [least], schema.ReducerOptionsT(), 2, keepDims=False)
        d.op("GREATER", [least, d.const(kind, [], *quant(d, args[0]))], [t], schema.GreaterOptionsT())
        inner = [branch(d, kind, [shape] * 2, quants, simple) for _ in range(2)]
        z = d.tensor(kind, shape, *quant(d, args[0]))
        d.op("IF", [t, *args], [z], schema.IfOptionsT(), thenSubgraphIndex=inner[0], elseSubgraphIndex=inner[1])
        return [z]

    other = {"dynamic": grown, "where": where, "nested": nested}.get(how, simple)
    one = branch(d, kind, [shape] * 2, quants, simple)
    two = branch(d, kind, [shape] * 2, quants, other)
    out = d.tensor(kind, [], *quant(d, x))
    d.op("IF", [condition, x, y], [out], schema.IfOptionsT(), thenSubgraphIndex=one, elseSubgraphIndex=two)
    if d.chance(0.5) and not how:
        d.graph.tensors[out].shape = shape
        out = some_op(d, kind, out)
    d.graph.outputs.append(out)
    flag = np.full(d.values[0].shape, not d.values[0].all())
    d.again(flag, d.numbers(kind, shape), d.numbers(kind, shape))
    d.again(d.values[0], *d.later[0][1:])


@operator("STABLEHLO_COMPOSITE", "float32 uint8 int8 int16 int32 int64 bool float32_where int8_dynamic int8_nested float32_resized")
def stablehlo_composite(d, kind):
    """`where`: the subgraph does not know its outputs' shapes. `dynamic`: nor the operator its own."""
    kind, _, how = kind.partition("_")
    shape = d.shape(limit=40)
    x = d.input(kind, shape)
    y = d.input(kind, shape, *quant(d, x))
    quants = [quant(d, x)] * 2

    def called(name, subgraph, args, outs):
        options = schema.StableHLOCompositeOptionsT()
        options.name, options.compositeAttributes = name, list(flexbuffers.Dumps({"epsilon": 1}))
        d.op("STABLEHLO_COMPOSITE", args, outs, options, decompositionSubgraphIndex=subgraph)

    def body(args):
        a, b = args
        if how == "where":
            found, z = d.tensor("int64", []), d.tensor(kind, [])
            d.op("WHERE", [a], [found], schema.WhereOptionsT())
            d.op("GATHER_ND", [b, found], [z], schema.GatherNdOptionsT(), 5)
            return [z, some_op(d, kind, b)]
        if how == "dynamic":
            return [longer(d, kind, a), some_op(d, kind, b)]
        if how == "nested":
            inner = branch(d, kind, [shape] * 2, quants, lambda inside: [some_op(d, kind, inside[0]), some_op(d, kind, inside[1])])
            outs = [d.tensor(kind, shape, *quant(d, a)) for _ in range(2)]
            called("odml.inner", inner, [b, a], outs)
            return outs
        return [some_op(d, kind, a), d.choice(b, some_op(d, kind, b))]

    subgraph = branch(d, kind, [shape] * 2, quants, body)
    outs = [d.tensor(kind, [], *quant(d, x)) for _ in range(2)]
    called(d.choice("odml.rms_norm", "custom.pair", ""), subgraph, [x, y], outs)
    d.returns(*outs)
    d.again(d.numbers(kind, shape), d.numbers(kind, shape))
    if how == "resized":
        shape = [shape[0] + 1, *shape[1:]]
        d.again(d.numbers(kind, shape), d.numbers(kind, shape))


@operator("WHILE", "float32 uint8 int8 int16 int32 int64 bool float32_dynamic int8_dynamic int8_nested float32_resized")
def while_(d, kind):
    """Counts up to an input. `dynamic`: what goes around grows. `nested`: a loop in the loop."""
    kind, _, how = kind.partition("_")
    times = d.input("int32", [], values=d.int(0, 4))
    shape = d.shape(limit=24)
    x = d.input(kind, shape)
    q = quant(d, x)
    state = [("int32", [], (0, 0)), ("int32", [], (0, 0)), (kind, shape, q)]

    def arguments():
        return [d.argument(k, s, *quant_) for k, s, quant_ in state]

    def loop(given, body):
        with d.subgraph() as cond:
            i, n, _ = arguments()
            less = d.tensor("bool", [])
            d.op("LESS", [i, n], [less], schema.LessOptionsT())
            d.returns(less)
        with d.subgraph() as index:
            i, n, y = arguments()
            up = d.tensor("int32", [])
            d.op("ADD", [i, d.const("int32", [], values=1)], [up], schema.AddOptionsT())
            d.returns(up, n, body(y))
        outs = [d.tensor(k, s, *quant_) for k, s, quant_ in state]
        d.op("WHILE", given, outs, schema.WhileOptionsT(), condSubgraphIndex=cond, bodySubgraphIndex=index)
        return outs

    def simple(y):
        return some_op(d, kind, y)

    def nested(y):
        return loop([d.const("int32", [], values=0), d.const("int32", [], values=d.int(0, 3)), y], simple)[2]

    body = {"dynamic": lambda y: longer(d, kind, y), "nested": nested}.get(how, simple)
    outs = loop([d.const("int32", [], values=d.int(0, 1)), times, x], body)
    d.returns(outs[0], outs[2])
    for n in (d.int(0, 6), 0, 2):
        to = [shape[0] + d.int(1, 3), *shape[1:]] if how == "resized" and n else shape
        d.again(n, d.numbers(kind, to))


def handle(d, name):
    h = d.tensor("resource", d.choice([], [1]), 0)
    d.op("VAR_HANDLE", [], [h], schema.VarHandleOptionsT(), container="", sharedName=name)
    return h


def read(d, kind, h, like, shape):
    r = d.tensor(kind, shape, *quant(d, like))
    d.op("READ_VARIABLE", [h], [r], schema.ReadVariableOptionsT())
    return r


def assign(d, h, x):
    d.op("ASSIGN_VARIABLE", [h, x], [], schema.AssignVariableOptionsT())


def accumulate(d, kind, r, x):
    y = d.tensor(kind, shape_of(d, x), *quant(d, x))
    if kind in ("float32", "int32", "int64", "uint8", "int8"):
        d.op("ADD", [r, x], [y], schema.AddOptionsT(), 2)
    elif kind == "bool":
        d.op("LOGICAL_OR", [r, x], [y], schema.LogicalOrOptionsT())
    else:
        d.op("MAXIMUM", [r, x], [y], schema.MaximumMinimumOptionsT())
    return y


KEPT = "float32 uint8 int8 int16 int32 int64 bool"


def remember(d, kind, declare=True):
    """A variable that a CALL_ONCE begins and each run adds to. What is read has the shape that the file declares, or,
    where it declares none, that of the variable."""
    shape = d.shape(limit=24)
    x = d.input(kind, shape)
    with d.subgraph() as begin:
        assign(d, handle(d, "v"), d.const(kind, shape, *quant(d, x)))
    d.op("CALL_ONCE", [], [], schema.CallOnceOptionsT(), initSubgraphIndex=begin)
    h = handle(d, "v")
    r = read(d, kind, h, x, shape if declare else [])
    y = accumulate(d, kind, r, x)
    return shape, x, h, r, y


@operator("CALL_ONCE", KEPT)
def call_once(d, kind):
    shape, _, h, r, y = remember(d, kind)
    assign(d, h, y)
    d.returns(r, some_op(d, kind, y))
    for _ in range(2):
        d.again(d.numbers(kind, shape))


@operator("VAR_HANDLE", KEPT)
def var_handle(d, kind):
    """Two variables, and two handles of one."""
    shape = d.shape(limit=24)
    x = d.input(kind, shape)
    a, b, again = handle(d, "a"), handle(d, "b"), handle(d, "a")
    assign(d, a, x)
    assign(d, b, some_op(d, kind, x))
    d.returns(read(d, kind, again, x, shape), accumulate(d, kind, read(d, kind, b, x, shape), x))
    d.again(d.numbers(kind, shape))


@operator("READ_VARIABLE", KEPT + " float32_grown int8_grown float32_branch int32_loop")
def read_variable(d, kind):
    """`grown`: the variable has another shape in each run. `branch`, `loop`: other subgraphs read, by a handle that they are given."""
    kind, _, how = kind.partition("_")
    shape, x, h, r, y = remember(d, kind, how != "grown" or d.chance(0.3))
    if how == "grown":
        y = longer(d, kind, r)
        d.returns(y)
    elif how == "branch":
        turn = d.input("bool", [])

        def change(args):
            z = read(d, kind, args[0], args[1], shape)
            out = accumulate(d, kind, z, args[1])
            assign(d, args[0], out)
            return [out]

        with d.subgraph() as one:
            d.returns(*change([d.argument("resource", [], 0), d.argument(kind, shape, *quant(d, x))]))
        with d.subgraph() as two:
            args = [d.argument("resource", [], 0), d.argument(kind, shape, *quant(d, x))]
            d.returns(some_op(d, kind, args[1]))
        out = d.tensor(kind, shape, *quant(d, x))
        d.op("IF", [turn, h, y], [out], schema.IfOptionsT(), thenSubgraphIndex=one, elseSubgraphIndex=two)
        d.returns(out, read(d, kind, h, x, shape))
        for flag in (not d.values[1], True, False):
            d.again(d.numbers(kind, shape), flag)
        return
    elif how == "loop":
        with d.subgraph() as cond:
            i, _ = d.argument("int32", []), d.argument("resource", [], 0)
            less = d.tensor("bool", [])
            d.op("LESS", [i, d.const("int32", [], values=3)], [less], schema.LessOptionsT())
            d.returns(less)
        with d.subgraph() as body:
            i, v = d.argument("int32", []), d.argument("resource", [], 0)
            up = d.tensor("int32", [])
            d.op("ADD", [i, d.const("int32", [], values=1)], [up], schema.AddOptionsT())
            z = read(d, kind, v, r, shape)
            assign(d, v, accumulate(d, kind, z, d.const(kind, shape, 0)))
            d.returns(up, v)
        outs = [d.tensor("int32", []), d.tensor("resource", [], 0)]
        d.op("WHILE", [d.const("int32", [], values=0), h], outs, schema.WhileOptionsT(), condSubgraphIndex=cond,
             bodySubgraphIndex=body)
        y = read(d, kind, h, x, shape)
        d.returns(y, r)
    else:
        d.returns(r, y)
    assign(d, h, y)
    for _ in range(2):
        d.again(d.numbers(kind, shape))


@operator("ASSIGN_VARIABLE", KEPT + " float32_resized")
def assign_variable(d, kind):
    """`resized`: the value takes the shape of an input that changes its own."""
    kind, _, how = kind.partition("_")
    shape = d.shape(limit=24)
    x = d.input(kind, shape)
    h = handle(d, "v")
    assign(d, h, x)
    y = some_op(d, kind, x)
    declared = d.choice(shape, [])
    d.returns(read(d, kind, h, x, declared), y)
    assign(d, h, y)
    d.returns(read(d, kind, h, x, declared))
    for _ in range(2):
        d.again(d.numbers(kind, [n + d.int(0, 2) for n in shape[:-1]] + shape[-1:] if how else shape))
