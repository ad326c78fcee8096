#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/compile/pairs.tsv: what the Edge TPU's compiler made of public models, as facts, without a byte of them.

    tools/oracle/gen_pairs.py PROGRAM FOLDER=COMPILER... > tests/compile/pairs.tsv

PROGRAM is build/corallite, which lists operators and tensors. A folder is a checkout that has X.tflite beside X_edgetpu.tflite, and the
major version of the compiler that made them: google-coral/test_data (104342d=16; c21de44=15), google-coral/edgetpu (5020de9 and 657d2b6: 2),
ricardodeazambuja/LibrEdgeTPU (16), Jorgitou98/EdgeTPU-QuantRL-Evaluation (16), fredriktegnell/edgetpu-tcn (16), system-software-lab/nrf20 (15)
iwatake2222/EdgeTPU_Analysis (2), zye1996/facemesh_EdgeTPU (15), and of YOLOv8 nerbivol/edgetpu_lite, Sathishmahi/cricket-bat-key-point-detection,
MRezqalla/GoalBuddy and G-aad-a/ddu-eksamen (16). Equal models give one row for each compiler. Lines, with tabs between fields:

    pair    name, SHA-256 of the CPU model, compiler, operators, those left on the CPU ("63,65-68", "-"), parameter bytes,
            parameter bytes that are streamed
    layer   in or out, name, bytes: of the pair above
"""
import hashlib
import json
import pathlib
import struct
import subprocess
import sys

CACHING_TYPE = 1


class Table:
    """A table of a FlatBuffer."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        self.fields = at - struct.unpack_from("<i", data, at)[0]
        self.size = struct.unpack_from("<H", data, self.fields)[0]

    def place(self, field):
        entry = 4 + 2 * field
        return struct.unpack_from("<H", self.data, self.fields + entry)[0] if entry < self.size else 0

    def number(self, field, form):
        place = self.place(field)
        return struct.unpack_from("<" + form, self.data, self.at + place)[0] if place else 0

    def vector(self, field):
        """Where the elements begin, and how many they are."""
        place = self.place(field)
        if not place:
            return 0, 0
        at = self.at + place
        at += struct.unpack_from("<I", self.data, at)[0]
        return at + 4, struct.unpack_from("<I", self.data, at)[0]

    def bytes(self, field):
        at, n = self.vector(field)
        return self.data[at:at + n]

    def places(self, field):
        at, n = self.vector(field)
        return [at + 4 * i + struct.unpack_from("<I", self.data, at + 4 * i)[0] for i in range(n)]


def root(data):
    return Table(data, struct.unpack_from("<I", data)[0])


def executables(path):
    raw = path.read_bytes()
    found = raw.find(b"DWN1")
    if found < 0:
        return []
    several = root(root(raw[found - 4:]).bytes(1))
    return [root(several.data[at + 4:at + 4 + struct.unpack_from("<I", several.data, at)[0]]) for at in several.places(0)]


def subgraph(program, path):
    run = subprocess.run([program, "inspect", "--json", str(path)], stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)["subgraphs"][0]


def names(graph, operator):
    return tuple(graph["tensors"][t]["name"] for t in operator["outputs"])


def alive(graph):
    """Operators that lead to an output: the compiler drops the others."""
    wanted, found = set(graph["outputs"]), set()
    for i in reversed(range(len(graph["operators"]))):
        if wanted & set(graph["operators"][i]["outputs"]):
            wanted |= set(graph["operators"][i]["inputs"])
            found.add(i)
    return found


def ranges(numbers):
    text, numbers = [], sorted(numbers)
    while numbers:
        n = 1
        while n < len(numbers) and numbers[n] == numbers[0] + n:
            n += 1
        text.append(str(numbers[0]) if n == 1 else f"{numbers[0]}-{numbers[n - 1]}")
        numbers = numbers[n:]
    return ",".join(text) or "-"


def rows(program, cpu, compiled, compiler):
    graph, outer = subgraph(program, cpu), subgraph(program, compiled)
    outside = {names(outer, o) for o in outer["operators"] if o["name"] != "edgetpu-custom-op"}
    left = {i for i, o in enumerate(graph["operators"]) if names(graph, o) in outside}
    left |= set(range(len(graph["operators"]))) - alive(graph)
    parts = executables(compiled)
    total = sum(e.vector(6)[1] for e in parts)
    streamed = sum(e.vector(6)[1] for e in parts if e.number(13, "h") != CACHING_TYPE)
    digest = hashlib.sha256(cpu.read_bytes()).hexdigest()
    yield digest, "\t".join(["pair", cpu.stem, digest, compiler, str(len(graph["operators"])), ranges(left), str(total), str(streamed)])
    for e in parts:
        for kind, field in (("in", 8), ("out", 9)):
            for at in e.places(field):
                layer = Table(e.data, at)
                yield digest, "\t".join(["layer", kind, layer.bytes(0).decode(), str(layer.number(1, "i"))])


def main():
    program, *folders = sys.argv[1:]
    print("# SPDX-License-Identifier: Apache-2.0")
    print("# Written by tools/oracle/gen_pairs.py, which explains the lines.")
    seen = set()
    for folder in folders:
        folder, _, compiler = folder.partition("=")
        for compiled in sorted(pathlib.Path(folder).rglob("*_edgetpu.tflite")):
            cpu = compiled.with_name(compiled.name.replace("_edgetpu.tflite", ".tflite"))
            if not cpu.exists():
                continue
            lines = list(rows(program, cpu, compiled, compiler))
            if (lines[0][0], compiler) not in seen:
                seen.add((lines[0][0], compiler))
                print("\n".join(line for _, line in lines))


if __name__ == "__main__":
    main()
