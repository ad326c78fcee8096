#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a model of given inputs and outputs, with nothing but the standard library, for the transcripts.

    model.py FILE [-]TENSOR...      such as  model.py m.tflite -uint8:1,64,64,3 float32:1,10,4 float32:1,10

A TENSOR is type:shape, and may go on with :scale and :zero_point; with - in front it is an input. -1 in a shape is an
open dimension. A last argument least=X goes into the metadata: scores below X mean nothing. There are no operators: the outputs are constants, all zero.
chain=N as the last argument makes N RESHAPEs that pass the first input on to one more output, of the type and numbers of that, as [1,n];
chain=N:CODE makes all but the first operators of that code of the schema.
"""
import struct
import sys

TYPES = {"float32": (0, 4), "int32": (2, 4), "uint8": (3, 1), "int64": (4, 8), "bool": (6, 1), "int16": (7, 2), "int8": (9, 1)}


class Flat:
    """A FlatBuffer, written forwards: a table, then what it points to."""

    def __init__(self):
        self.out = bytearray(8)

    def align(self, n, ahead=0):
        while (len(self.out) + ahead) % n:
            self.out.append(0)

    def point(self, at):
        self.out[at:at + 4] = struct.pack("<I", len(self.out) - at)

    def table(self, at, fields):
        """fields: {slot: (struct code, value), or a function that is given the place of a pointer}."""
        slots = max(fields, default=-1) + 1
        offsets, layout, size = [0] * slots, [], 4
        for slot, field in sorted(fields.items(), key=lambda f: -(struct.calcsize(f[1][0]) if isinstance(f[1], tuple) else 4)):
            width = struct.calcsize(field[0]) if isinstance(field, tuple) else 4
            size += -size % width
            offsets[slot] = size
            layout.append((size, field))
            size += width
        self.align(8, 4 + 2 * slots)
        vtable = len(self.out)
        self.out += struct.pack("<HH%dH" % slots, 4 + 2 * slots, size, *offsets)
        table = len(self.out)
        if at is not None:
            self.point(at)
        self.out += struct.pack("<i", table - vtable) + bytes(size - 4)
        for place, field in layout:
            if isinstance(field, tuple):
                struct.pack_into("<" + field[0], self.out, table + place, field[1])
            else:
                field(table + place)

    def values(self, code, values, alignment=4):
        def write(at):
            self.align(alignment, 4)
            self.point(at)
            self.out += struct.pack("<I%d%s" % (len(values), code), len(values), *values)
        return write

    def text(self, text):
        def write(at):
            self.align(4)
            self.point(at)
            self.out += struct.pack("<I", len(text)) + text.encode() + b"\0"
        return write

    def tables(self, tables):
        def write(at):
            self.align(4)
            self.point(at)
            self.out += struct.pack("<I", len(tables))
            first = len(self.out)
            self.out += bytes(4 * len(tables))
            for i, fields in enumerate(tables):
                self.table(first + 4 * i, fields)
        return write

    def nested(self, fields):
        return lambda at: self.table(at, fields)


def metadata(least):
    flat = Flat()
    output = {4: flat.tables([{0: ("B", 3), 1: flat.nested({0: ("f", least)})}])}
    flat.table(0, {3: flat.tables([{3: flat.tables([output])}])})
    flat.out[4:8] = b"M001"
    return bytes(flat.out)


def chain(flat, described, ends, length, reshapes):
    """One operator behind the other; returns them."""
    first, operators = described[ends[0][0]], []
    count = 1
    for d in first["dims"]:
        count *= d
    for i in range(length):
        operators.append({0: ("I", min(i, 1)), 1: flat.values("i", [len(described) - 1 if i else ends[0][0]]),
                          2: flat.values("i", [len(described)])})
        if not i or reshapes:
            operators[i].update({3: ("B", 17), 4: flat.nested({0: flat.values("i", [1, count])})})
        fields = {0: flat.values("i", [1, count]), 1: first[1], 3: flat.text("link %d" % i)}
        fields.update({4: first[4]} if 4 in first else {})
        described.append(fields)
    ends[1].append(len(described) - 1)
    return operators


def make(tensors):
    flat = Flat()
    described, buffers, ends = [], [{}], ([], [])
    least = tensors.pop() if tensors[-1].startswith("least=") else None
    links, code = 0, 22  # RESHAPE
    if tensors[-1].startswith("chain="):
        links, code = ([int(n) for n in tensors.pop()[len("chain="):].split(":")] + [code])[:2]
    for i, text in enumerate(tensors):
        is_input = text.startswith("-")
        kind, shape, *quant = text.lstrip("-").split(":")
        dims = [int(d) for d in shape.split(",") if d]
        number, width = TYPES[kind]
        known = [max(d, 1) for d in dims]
        fields = {0: flat.values("i", known), 1: ("b", number), 3: flat.text("tensor %d" % i), "dims": known}
        if known != dims:
            fields[7] = flat.values("i", dims)
        if quant:
            fields[4] = flat.nested({2: flat.values("f", [float(quant[0])]),
                                     3: flat.values("q", [int(quant[1]) if len(quant) > 1 else 0], 8)})
        if not is_input:
            count = 1
            for d in known:
                count *= d
            fields[2] = ("I", len(buffers))
            buffers.append({0: flat.values("B", bytes(count * width), 16)})
        described.append(fields)
        ends[0 if is_input else 1].append(i)
    operators = chain(flat, described, ends, links, code == 22) if links else []
    for fields in described:
        fields.pop("dims", None)
    codes = [{0: ("b", c), 3: ("i", c)} for c in (22, code)] if links else []
    graph = {0: flat.tables(described), 1: flat.values("i", ends[0]), 2: flat.values("i", ends[1]), 3: flat.tables(operators)}
    model = {0: ("I", 3), 1: flat.tables(codes), 2: flat.tables([graph]), 4: flat.tables(buffers)}
    if least:
        model[6] = flat.tables([{0: flat.text("TFLITE_METADATA"), 1: ("I", len(buffers))}])
        buffers.append({0: flat.values("B", metadata(float(least[len("least="):])), 16)})
    flat.table(0, model)
    flat.out[4:8] = b"TFL3"
    return bytes(flat.out)


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as out:
        out.write(make(sys.argv[2:]))
