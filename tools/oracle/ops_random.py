# SPDX-License-Identifier: Apache-2.0
"""Drawn models of random numbers. Without any seed there is no truth: the reference takes another one each time."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from drawn import operator


def seeds(d):
    return {"seed": d.choice(d.int(1, 99), d.int(1, 2**62)), "seed2": d.choice(0, d.int(1, 99), -d.int(1, 2**62))}


def numbers(d, name):
    """Two runs, each with other numbers."""
    x = d.ints(d.shape(d.int(1, 4), limit=90))
    y = d.tensor("float32", [])
    d.op(name, [x], [y], schema.RandomOptionsT(), **seeds(d))
    one = d.input("float32", [1], values=[1])
    z = d.output("float32")
    d.op("MUL", [y, one], [z], schema.MulOptionsT())
    d.again([2])


@operator("RANDOM_UNIFORM", "float32")
def random_uniform(d, kind):
    numbers(d, "RANDOM_UNIFORM")


@operator("RANDOM_STANDARD_NORMAL", "float32", ulp=2)
def random_standard_normal(d, kind):
    numbers(d, "RANDOM_STANDARD_NORMAL")


@operator("MULTINOMIAL", "int32 int64")
def multinomial(d, kind):
    rows, classes = d.int(1, 4), d.int(1, 9)

    def logits():
        values = d.numbers("float32", [rows, classes], 2)
        if d.chance(0.3) and classes > 1:
            values.flat[d.int(0, values.size - 1)] = -np.inf
        return values

    x = d.input("float32", [rows, classes], values=logits())
    d.op("MULTINOMIAL", [x, d.const("int32", [], values=d.int(1, 9))], [d.output(kind)], schema.RandomOptionsT(), **seeds(d))
    d.again(logits())
