# SPDX-License-Identifier: Apache-2.0
"""Drawn models of the recurrent operators."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from drawn import operator

GATES = 4


def variable(d, kind, shape, scale=0, zero=0):
    index = d.tensor(kind, shape, scale, zero)
    d.graph.tensors[index].isVariable = True
    return index


class Lstm:
    """Sizes and which parts there are: all that `kind` names, and others at random."""

    def __init__(self, d, kind):
        self.no_input_gate, self.peephole, self.norm, self.project = (
            part in kind or d.chance(0.25) for part in ("cifg", "peephole", "norm", "project"))
        self.inputs, self.batch, self.time = d.int(1, 9), d.int(1, 3), d.int(1, 5)
        # The reference's variance is right for powers of two only; any size gives the same bytes.
        self.cells = d.choice(4, 8, d.int(1, 9)) if self.norm else d.int(1, 9)
        self.outputs = d.int(1, self.cells) if self.project else self.cells
        self.time_major = d.chance(0.4)

    def gates(self, make, first=0):
        """A tensor for each gate from `first` on, -1 for the input gate where there is none."""
        return [-1 if g == 0 and self.no_input_gate else make(g) for g in range(first, GATES)]

    def sequence(self, size):
        return [self.time, self.batch, size] if self.time_major else [self.batch, self.time, size]


def narrow(d, *shape):
    """Weights of 8 bits under float inputs; without -128, see ops_arithmetic.py: narrow_weights."""
    return d.const("int8", shape, d.scale(-10, -6), 0, d.random.integers(-127, 127, shape, endpoint=True))


@operator("UNIDIRECTIONAL_SEQUENCE_RNN", "float32 float32-int8")
def unidirectional_sequence_rnn(d, kind):
    kind, _, of = kind.partition("-")
    inputs, units, batch, time, time_major = d.int(1, 19), d.int(1, 19), d.int(1, 3), d.int(1, 5), d.chance(0.4)

    def weights(shape):
        if of and len(shape) == 2:
            return narrow(d, *shape)
        return d.const(kind, shape, values=d.random.normal(0, d.choice(0.2, 0.5, 1), shape))

    x = d.input(kind, [time, batch, inputs] if time_major else [batch, time, inputs])
    state = variable(d, kind, [batch, units])
    d.op("UNIDIRECTIONAL_SEQUENCE_RNN", [x, weights([units, inputs]), weights([units, units]), weights([units]), state],
         [d.output(kind)], schema.SequenceRNNOptionsT(), timeMajor=time_major, asymmetricQuantizeInputs=bool(of) and d.chance(0.5),
         fusedActivationFunction=d.activation(*[schema.ActivationFunctionType.TANH] * 4, schema.ActivationFunctionType.SIGN_BIT))


@operator("RNN", "float32 float32-int8")
def rnn(d, kind):
    """Two runs, the second with the state of the first."""
    kind, _, of = kind.partition("-")
    inputs, units, batch = d.int(1, 19), d.int(1, 19), d.int(1, 3)

    def weights(shape):
        if of and len(shape) == 2:
            return narrow(d, *shape)
        return d.const(kind, shape, values=d.random.normal(0, d.choice(0.2, 0.5, 1), shape))

    x, state = d.input(kind, [batch, inputs]), variable(d, kind, [batch, units])
    d.op("RNN", [x, weights([units, inputs]), weights([units, units]), weights([units]), state], [d.output(kind)],
         schema.RNNOptionsT(), asymmetricQuantizeInputs=bool(of) and d.chance(0.5),
         fusedActivationFunction=d.activation(*[schema.ActivationFunctionType.TANH] * 4, schema.ActivationFunctionType.SIGN_BIT))
    d.again(d.numbers(kind, [batch, inputs]))


def integer_lstm(d, kind, name, options, sequence, **values):
    p = Lstm(d, kind)

    def weights(rows, columns):
        return d.const("int8", [rows, columns], d.scale(-9, -5), 0, d.random.integers(-127, 127, [rows, columns], endpoint=True))

    def coefficients(low, high):
        return d.const("int16", [p.cells], d.scale(low, high), 0, d.random.integers(-32767, 32767, [p.cells]))

    def bias(n):
        return d.const("int32", [n], d.scale(-16, -13), 0, d.random.integers(-20000, 20000, [n]))

    x = d.input("int8", p.sequence(p.inputs) if sequence else [p.batch, p.inputs], d.scale(-8, -5))
    state = (d.scale(-8, -6), d.int(-30, 30))
    inputs = [x] + p.gates(lambda g: weights(p.cells, p.inputs)) + p.gates(lambda g: weights(p.cells, p.outputs))
    inputs += [coefficients(-17, -10) if p.peephole and (g or not p.no_input_gate) else -1 for g in range(3)]
    inputs += p.gates(lambda g: bias(p.cells))
    inputs += [weights(p.outputs, p.cells) if p.project else -1, bias(p.outputs) if p.project and d.chance(0.7) else -1]
    inputs += [variable(d, "int8", [p.batch, p.outputs], *state),
               variable(d, "int16", [p.batch, p.cells], 2.0 ** -d.int(9, 15))]
    if p.norm or d.chance(0.5):
        inputs += p.gates(lambda g: coefficients(-17, -13)) if p.norm else [-1] * GATES
    inner = [d.tensor("int16" if p.norm else "float32", [0], d.scale(-11, -7) if p.norm else 0, 0) for _ in range(GATES)]
    inner.append(d.tensor("int8", [0], *((d.scale(-8, -6), d.int(-30, 30)) if p.project else state)))
    if sequence:
        values["timeMajor"] = p.time_major
    d.op(name, inputs, [d.output("int8", *state)], options, 3, fusedActivationFunction=schema.ActivationFunctionType.TANH,
         cellClip=float(d.choice(0, 10, 1)), projClip=float(d.choice(0, 0.3)), **values)
    d.graph.operators[-1].intermediates = inner


def float_lstm(d, name, options, sequence, hybrid=False, **values):
    p = Lstm(d, "")
    p.time_major = p.time_major and sequence
    if d.chance(0.4):  # the order of sums goes by sizes
        p.inputs, p.batch, p.cells = d.int(1, 25), d.int(1, 6), d.int(1, 21)
        p.outputs = d.int(1, p.cells) if p.project else p.cells

    def vector(*shape):
        return d.const("float32", shape, values=d.random.uniform(-0.5, 0.5, shape))

    def weights(*shape):
        return narrow(d, *shape) if hybrid else vector(*shape)

    shape = p.sequence(p.inputs) if sequence else [p.batch, p.inputs]
    x = d.input("float32", shape, values=d.random.normal(0, 1, shape))  # more saturates gates, where functions differ
    inputs = [x] + p.gates(lambda g: weights(p.cells, p.inputs)) + p.gates(lambda g: weights(p.cells, p.outputs))
    inputs += [weights(p.cells) if p.peephole and (g or not p.no_input_gate) else -1 for g in range(3)]
    inputs += p.gates(lambda g: vector(p.cells))
    inputs += [weights(p.outputs, p.cells) if p.project else -1, vector(p.outputs) if p.project and d.chance(0.7) else -1]
    inputs += [variable(d, "float32", [p.batch, p.outputs]), variable(d, "float32", [p.batch, p.cells])]
    inputs += p.gates(lambda g: vector(p.cells)) if p.norm else [-1] * GATES
    if hybrid:
        values["asymmetricQuantizeInputs"] = d.chance(0.5)
    if sequence:
        values["timeMajor"] = p.time_major
    d.op(name, inputs, [d.output("float32")], options, fusedActivationFunction=schema.ActivationFunctionType.TANH,
         cellClip=float(d.choice(0, 10, 1)), projClip=float(d.choice(0, 0.3)), **values)


def narrow_lstm(d):
    """Gates whose two sums have 8 bits each, every one with a scale of its own: 12 intermediate tensors. The reference takes it with
    normalisation, projection and its bias only; it lets pass an input gate and peephole weights, and does not look at them."""
    p = Lstm(d, "norm project")
    rows = p.batch

    def weights(rows, columns):
        return d.const("int8", [rows, columns], d.scale(-9, -5), 0, d.random.integers(-127, 127, [rows, columns], endpoint=True))

    def coefficients(low, high):
        return d.const("int16", [p.cells], d.scale(low, high), 0, d.random.integers(-32767, 32767, [p.cells]))

    def bias(n, magnitude):
        return d.const("int32", [n], d.scale(-16, -13), 0, d.random.integers(-2**magnitude, 2**magnitude, [n]))

    def sum_scales(g):
        """Of all, of the input's, of the state's share. Of the output gate's the reference mistakes the last for another number, which
        counts when it is much larger than the first."""
        if g == GATES - 1 and d.chance(0.4):
            return [d.scale(-31, -27), d.scale(-29, -25), d.scale(-6, -3)]
        return [d.scale(-11, -5), d.scale(-9, -4), d.scale(-9, -4)]

    x = d.input("int8", [rows, p.inputs], d.scale(-8, -5))
    state = (d.scale(-8, -6), d.int(-30, 30))
    inputs = [x] + p.gates(lambda g: weights(p.cells, p.inputs)) + p.gates(lambda g: weights(p.cells, p.outputs))
    inputs += [coefficients(-17, -10) if p.peephole and (g or not p.no_input_gate) else -1 for g in range(3)]
    magnitude = d.int(10, 27)
    inputs += p.gates(lambda g: bias(p.cells, magnitude))
    inputs += [weights(p.outputs, p.cells), bias(p.outputs, d.int(10, 20))]
    inputs += [variable(d, "int8", [rows, p.outputs], *state), variable(d, "int16", [rows, p.cells], 2.0 ** -15)]
    inputs += p.gates(lambda g: coefficients(-17, -13))
    d.op("LSTM", inputs, [d.output("int8", *state)], schema.LSTMOptionsT(), 3,
         fusedActivationFunction=schema.ActivationFunctionType.TANH, cellClip=float(d.choice(0, 10, 0.4)), projClip=float(d.choice(0, 0.3)))
    d.graph.operators[-1].intermediates = [d.tensor("int8", [0], scale, d.int(-128, 127)) for g in range(GATES) for scale in sum_scales(g)]
    for _ in range(d.int(1, 3)):
        d.again(d.numbers("int8", [rows, p.inputs]))


def basic_lstm(d, kind):
    """The kernel of old converters. Its states are inputs, so that they are not zero, or variables, over three runs."""
    rows, n_input, n, kept = d.int(1, 5), d.int(1, 9), d.int(1, 9), d.chance(0.5)

    def state(kind, shape, scale=0, zero=0, values=None):
        return variable(d, kind, shape, scale, zero) if kept else d.input(kind, shape, scale, zero, values)

    if kind == "float32":
        def floats(*shape):
            return d.random.normal(0, 1, shape)
        inputs = [d.input(kind, [rows, n_input], values=floats(rows, n_input)), state(kind, [rows, n], values=floats(rows, n)),
                  d.const(kind, [4 * n, n_input + n], values=floats(4 * n, n_input + n)), d.const(kind, [4 * n]),
                  state(kind, [rows, n], values=floats(rows, n))]
        outputs = [d.output(kind) for _ in range(4)]
    else:
        scale = d.scale(-8, -6)
        inputs = [d.input("uint8", [rows, n_input], 1 / 128, 128), state("uint8", [rows, n], 1 / 128, 128),
                  d.const("uint8", [4 * n, n_input + n], scale),
                  d.const("int32", [4 * n], scale / 128, 0, d.random.integers(-20000, 20000, [4 * n])),
                  state("int16", [rows, n], 2.0 ** -11, 0)]
        outputs = [d.output("uint8", 1 / 128, 128), d.output("int16", 2.0 ** -11, 0), d.output("uint8", 1 / 128, 128),
                   d.output("int16", 2.0 ** -12, 0)]
    d.op("LSTM", inputs, outputs, schema.LSTMOptionsT(), 2, fusedActivationFunction=schema.ActivationFunctionType.TANH,
         kernelType=schema.LSTMKernelType.BASIC)
    if kept:
        d.again(d.numbers(kind, [rows, n_input]))
        d.again(d.numbers(kind, [rows, n_input]))


@operator("LSTM", "float32 float32-int8 int8 float32_basic uint8_basic int8_narrow", ulp=2)
def lstm(d, kind):
    if kind == "int8_narrow":
        return narrow_lstm(d)
    if kind == "int8":
        return integer_lstm(d, kind, "LSTM", schema.LSTMOptionsT(), False)
    if kind.endswith("basic"):
        return basic_lstm(d, kind.partition("_")[0])
    float_lstm(d, "LSTM", schema.LSTMOptionsT(), False, kind == "float32-int8")


@operator("UNIDIRECTIONAL_SEQUENCE_LSTM", "int8 int8_cifg int8_peephole int8_norm int8_project float32 float32-int8", ulp=2)
def unidirectional_sequence_lstm(d, kind):
    options = schema.UnidirectionalSequenceLSTMOptionsT()
    if kind.startswith("float32"):
        return float_lstm(d, "UNIDIRECTIONAL_SEQUENCE_LSTM", options, True, kind == "float32-int8")
    integer_lstm(d, kind, "UNIDIRECTIONAL_SEQUENCE_LSTM", options, True)


@operator("SVDF", "int8 float32 float32-int8", flat="float32-int8")
def svdf(d, kind):
    batch, n, rank, units, memory = d.int(1, 3), d.int(1, 9), d.int(1, 3), d.int(1, 5), d.int(1, 7)
    kind, _, of = kind.partition("-")
    filters, wide = units * rank, "int16" if kind == "int8" else kind
    x = d.input(kind, [batch, n])
    if of:
        feature, time = narrow(d, filters, n), narrow(d, filters, memory)
    else:
        feature = d.const(kind, [filters, n], None if kind == "int8" else 0, 0)
        time = d.const(wide, [filters, memory], d.scale(-15, -12) if kind == "int8" else 0, 0)
    bias = d.const("int32" if kind == "int8" else kind, [units], 0) if d.chance(0.7) else -1
    state = variable(d, wide, [batch, memory * filters], d.scale(-12, -6) if kind == "int8" else 0)
    d.op("SVDF", [x, feature, time, bias, state], [d.output(kind)], schema.SVDFOptionsT(), 3 if kind == "int8" else 1, rank=rank,
         fusedActivationFunction=schema.ActivationFunctionType.RELU if kind == "int8" else d.choice(0, 1),
         asymmetricQuantizeInputs=bool(of) and d.chance(0.5))
