#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws models of one operator, asks LiteRT's reference kernels, and packs both into a file for tests/ops/replay.c.

    oracle/bin/python tools/oracle/gen_ops.py --op CONV_2D [--type int8] [--cases 12] [--seed 1] --out FILE
    oracle/bin/python tools/oracle/gen_ops.py --all FOLDER [--cases 12] [--seed 1]
    oracle/bin/python tools/oracle/gen_ops.py --list

--cases is the number for each type. --all writes FOLDER/NAME.ops for every operator. The files of the tree are
those of `--all tests/ops/data` with the defaults. Needs ai-edge-litert 2.3.0, numpy and flatbuffers.

An operator is added by one function in one of the ops_*.py modules here: see drawn.py.

LiteRT runs each case in two processes whose memory holds other garbage. Cases on which the two differ have no truth
and are dropped; so are those that end a process. What LiteRT refuses is drawn again. All are counted.

The file: "CRLOPS1\\n", the length of the rest when unpacked (u64), and a zlib stream of cases, one after the other:
    name      string                 "CONV_2D int8 3"
    ulp       u32                    units in the last place by which float outputs may be off
    model     bytes
    inputs    u32 number, then bytes each
    outputs   u32 number, then each: rank u32, dimensions i32, bytes
Where a case of the file has several runs, it begins with "CRLOPS2\n": inputs are written as outputs are, with their shapes,
and a case without a model is another run of the model before it, as that run left it, its inputs resized where their shapes
differ.
Numbers are little-endian; strings and bytes are a length (u32) and the content.
"""
import argparse
import importlib
import multiprocessing
import os
import pathlib
import struct
import sys
import zlib

import numpy as np

import drawn

for module in sorted(pathlib.Path(__file__).parent.glob("ops_*.py")):
    importlib.import_module(module.stem)

TRIES = 40  # models drawn for one that LiteRT takes


def run(interpreter, inputs):
    """The outputs of one run."""
    sizes = [(d["index"], v.shape) for d, v in zip(interpreter.get_input_details(), inputs) if tuple(d["shape"]) != v.shape]
    for index, shape in sizes:
        interpreter.resize_tensor_input(index, shape)
    if sizes:
        interpreter.allocate_tensors()
    for details, value in zip(interpreter.get_input_details(), inputs):
        interpreter.set_tensor(details["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(d["index"]).copy() for d in interpreter.get_output_details()]


def serve(pipe):
    """The other process: models and the inputs of their runs come, the outputs of the runs or a sentence go."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    while True:
        try:
            model, runs, resolver = pipe.recv()
        except EOFError:
            return
        try:
            interpreter = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType[resolver])
            interpreter.allocate_tensors()
            pipe.send([run(interpreter, inputs) for inputs in runs])
        except (RuntimeError, ValueError) as error:
            pipe.send(str(error).strip().splitlines()[0])


class Oracle:
    """A process that computes, started anew when a model has ended it."""

    def __init__(self, garbage):
        self.garbage, self.process = garbage, None

    def start(self):
        # glibc fills memory that is handed out or given back with this byte.
        os.environ["MALLOC_PERTURB_"] = str(self.garbage)
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(other,), daemon=True)
        self.process.start()
        other.close()
        del os.environ["MALLOC_PERTURB_"]

    def run(self, model, runs, resolver):
        """Outputs of each run, a sentence, or None when the process ended."""
        if self.process is None:
            self.start()
        try:
            self.pipe.send((model, runs, resolver))
            return self.pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self.process.join()
            self.process = None
            return None


def same_run(a, b):
    return len(a) == len(b) and all(x.shape == y.shape and x.tobytes() == y.tobytes() for x, y in zip(a, b))


def same(a, b):
    return all(same_run(x, y) for x, y in zip(a, b))


def block(data):
    return struct.pack("<I", len(data)) + data


def pack_shape(x):
    return struct.pack(f"<I{x.ndim}i", x.ndim, *x.shape)


def pack_run(name, ulp, model, inputs, outputs, shapes):
    parts = [block(name.encode()), struct.pack("<I", ulp), block(model), struct.pack("<I", len(inputs))]
    parts += [(pack_shape(x) if shapes else b"") + block(x.tobytes()) for x in inputs]
    parts.append(struct.pack("<I", len(outputs)))
    parts += [pack_shape(y) + block(y.tobytes()) for y in outputs]
    return b"".join(parts)


def pack(cases):
    """A file of cases as draw_case gives them."""
    shapes = any(len(runs) > 1 for _, _, _, runs, _ in cases)
    raw = b"".join(pack_run(name, ulp, model if i == 0 else b"", inputs, outputs, shapes)
                   for name, ulp, model, runs, answers in cases for i, (inputs, outputs) in enumerate(zip(runs, answers)))
    return (b"CRLOPS2\n" if shapes else b"CRLOPS1\n") + struct.pack("<Q", len(raw)) + zlib.compress(raw, 9)


def draw_case(name, kind, number, seed, oracles, counts):
    """A case: name, ulp, model, inputs of its runs, outputs of its runs. None when none of the drawn models gave one."""
    function, _, ulp, resolver = drawn.OPERATORS[name]
    for attempt in range(TRIES):
        d = drawn.Drawn([seed, zlib.crc32(f"{name} {kind}".encode()), number, attempt])
        function(d, kind)
        model, runs = d.bytes(), [d.values, *d.later]
        answers = [oracle.run(model, runs, resolver) for oracle in oracles]
        if any(answer is None for answer in answers):
            counts["ended"] += 1
        elif any(isinstance(answer, str) for answer in answers):
            counts["refused"] += 1
            counts["why"] = next(answer for answer in answers if isinstance(answer, str))
        elif not same(*answers):
            counts["unstable"] += 1
        else:
            return f"{name} {kind} {number}", ulp, model, runs, answers[0]
    return None


def story(counts, missing):
    """What LiteRT made of the models that gave no case."""
    note = f"; last refusal: {counts['why']}" if counts["refused"] else ""
    return (f"{counts['refused']} refused, {counts['unstable']} unstable, {counts['ended']} ended LiteRT"
            + (f", MISSING {', '.join(missing)}" if missing else "") + note)


def generate(name, kinds, cases, seed, oracles, path):
    """Writes the file; the number of cases, counts of what became of other models, kinds that lack cases."""
    counts = {"ended": 0, "refused": 0, "unstable": 0, "why": ""}
    packed, missing = [], []
    for kind in kinds:
        drawn_cases = [draw_case(name, kind, i, seed, oracles, counts) for i in range(cases)]
        packed += [c for c in drawn_cases if c]
        if None in drawn_cases:
            missing.append(f"{kind} {drawn_cases.count(None)}")
    path.write_bytes(pack(packed))
    return len(packed), counts, missing


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--op", help="name of the operator")
    ap.add_argument("--type", help="only this kind of the operator's list")
    ap.add_argument("--cases", type=int, default=12)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--out", type=pathlib.Path)
    ap.add_argument("--all", type=pathlib.Path, metavar="FOLDER")
    ap.add_argument("--list", action="store_true")
    a = ap.parse_args()
    if a.list:
        for name, (_, kinds, ulp, _) in sorted(drawn.OPERATORS.items()):
            print(f"{name:28} {' '.join(kinds)}" + (f"  (<= {ulp} ulp)" if ulp else ""))
        return
    if bool(a.op) == bool(a.all) or (a.op and (a.op not in drawn.OPERATORS or not a.out)):
        sys.exit("one of --op NAME --out FILE, --all FOLDER and --list is needed; --list gives the names")
    oracles = [Oracle(85), Oracle(170)]
    for name in sorted(drawn.OPERATORS) if a.all else [a.op]:
        kinds = [k for k in drawn.OPERATORS[name][1] if a.type in (None, k)]
        path = a.all / f"{name}.ops" if a.all else a.out
        packed, counts, missing = generate(name, kinds, a.cases, a.seed, oracles, path)
        print(f"{name:28} {packed:4} cases {path.stat().st_size:7} bytes, {story(counts, missing)}", flush=True)


if __name__ == "__main__":
    main()
