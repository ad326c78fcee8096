#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times whole programs: Python starts, imports the Interpreter, loads a model, runs it 100 times, ends.

    python3 bench/python_scripts.py [--rounds 9] [--runs 100] [--threads 1] [MODEL.tflite...]

The program is the same but for one import: tflite_runtime of this tree (build/), or ai_edge_litert, which has to be installed. The two
take turns, and the least of the rounds counts: of the time that passed, and of processor time, which says more on a machine that has
other things to do. Importing numpy alone is shown beside them. Models default to some of $CRL_TESTDATA/models. Beneath the table: what a call
from Python adds to one of C.
"""
import argparse
import importlib.util
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODELS = ["mobilenet_v1_0.25_128_quant", "mobilenet_v2_1.0_224_quant", "tf2_mobilenet_v2_1.0_224_ptq", "coco_ssd_mobilenet_v1_1.0_quant"]
PROGRAM = """
import sys
import numpy as np
from {package}.interpreter import Interpreter

interpreter = Interpreter(sys.argv[1], num_threads=int(sys.argv[2]))
interpreter.allocate_tensors()
given = interpreter.get_input_details()[0]
picture = np.random.RandomState(1).randint(0, 256, given["shape"]).astype(given["dtype"])
outputs = [d["index"] for d in interpreter.get_output_details()]
for _ in range(int(sys.argv[3])):
    interpreter.set_tensor(given["index"], picture)
    interpreter.invoke()
    results = [interpreter.get_tensor(i) for i in outputs]
"""


def milliseconds(arguments, folder):
    """That passed, and of processors."""
    begin = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": ""}
    child = subprocess.Popen([sys.executable, "-c", *arguments], env=environment, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"python_scripts.py: a program ended with {child.returncode}: {' '.join(arguments[1:])}")
    return (time.perf_counter() - begin) * 1e3, (used.ru_utime + used.ru_stime) * 1e3


def least(pairs):
    return [min(column) for column in zip(*pairs)]


def overhead(rounds):
    """Microseconds that invoke() takes longer than the library's function, on a model of no work."""
    sys.path.insert(0, str(ROOT / "python"))
    from corallite import _c
    from tflite_runtime.interpreter import Interpreter

    interpreter = Interpreter(str(ROOT / "tests/data/tiny_u8.tflite"), num_threads=1)
    interpreter.allocate_tensors()
    function, engine = _c.library.crl_engine_run, interpreter._main.engine

    def once(call):
        begin = time.perf_counter()
        for _ in range(100):
            call()
        return (time.perf_counter() - begin) * 1e4

    # As short as a call through ctypes can be. They take turns, too.
    calls = interpreter.invoke, lambda: function(engine._pointer, engine._err_pointer)
    return least([[once(call) for call in calls] for _ in range(100 * rounds)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("models", nargs="*", help="files; default: some of the public Coral test set")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if importlib.util.find_spec("ai_edge_litert") is None:
        sys.exit("python_scripts.py: ai-edge-litert is not installed for this Python")
    there = pathlib.Path(os.environ.get("CRL_TESTDATA") or ROOT / "../shared/testdata") / "models"
    models = [pathlib.Path(m) for m in options.models] or [there / f"{name}.tflite" for name in MODELS]
    numpy = least([milliseconds(["import numpy"], "") for _ in range(options.rounds)])
    print(f"numpy alone: {numpy[0]:.0f} ms, of processors {numpy[1]:.0f} ms; {options.threads} threads\n")
    print("| model | Corallite, ms | LiteRT, ms | ratio | Corallite, processor ms | LiteRT, processor ms | ratio |\n|---|---:|---:|---:|---:|---:|---:|")
    packages = {"tflite_runtime": str(ROOT / "python"), "ai_edge_litert": ""}
    for model in models:
        taken = {package: [] for package in packages}
        for _ in range(options.rounds):
            for package, folder in packages.items():
                arguments = [PROGRAM.format(package=package), str(model), str(options.threads), str(options.runs)]
                taken[package].append(milliseconds(arguments, folder))
        ours, theirs = map(least, taken.values())
        cells = [f"{a:.0f} | {b:.0f} | {b / a:.2f}" for a, b in zip(ours, theirs)]
        print(f"| {model.stem} | {' | '.join(cells)} |", flush=True)
    invoke, bare = overhead(options.rounds)
    print(f"\ninvoke() {invoke:.2f} us, the same run called without it {bare:.2f} us: {invoke - bare:.2f} us more")


if __name__ == "__main__":
    main()
