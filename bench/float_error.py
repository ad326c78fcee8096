#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far `--float fast` is from the exact sums, for models of float layers.

    bench/float_error.py --corallite build/corallite MODEL.tflite...

Each model gets one seeded random input, and runs both ways. A row has the greatest difference of any output element, as a part
of the greatest magnitude in its tensor, and how many elements differ at all. Needs numpy."""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np


def inputs_of(program, model, folder, rng):
    """Writes an .npy for each input, which `inspect --json` describes; gives the arguments of `run`."""
    text = subprocess.run([program, "inspect", "--json", model], capture_output=True, text=True, check=True).stdout
    arguments = []
    graph = json.loads(text)["subgraphs"][0]
    for i, tensor in enumerate(graph["tensors"][index] for index in graph["inputs"]):
        shape, kind = [max(d, 1) for d in tensor["shape"]], np.dtype(tensor["type"].lower())
        if kind.kind == "f":
            values = rng.normal(0, 1, shape).astype(kind)
        else:
            values = rng.integers(np.iinfo(kind).min, np.iinfo(kind).max, shape, endpoint=True).astype(kind)
        np.save(folder / f"in{i}.npy", values)
        arguments += ["--input", f"{i}={folder / f'in{i}.npy'}"]
    return arguments


def run(program, model, arguments, folder, mode):
    out = folder / mode
    subprocess.run([program, "run", model, "--float", mode, "--output-dir", out, *arguments], check=True, capture_output=True)
    return [np.load(path).astype(np.float64) for path in sorted(out.glob("*.npy"), key=lambda p: int(p.stem))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--corallite", default="build/corallite")
    parser.add_argument("models", nargs="+")
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    print("| model | greatest difference | elements that differ |\n|---|---|---|")
    for model in options.models:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            try:
                arguments = inputs_of(options.corallite, model, folder, rng)
                exact, fast = (run(options.corallite, model, arguments, folder, mode) for mode in ("exact", "fast"))
            except subprocess.CalledProcessError as error:
                sys.exit(f"{model}: {error.stderr}")
        worst = max(np.abs(a - b).max() / max(np.abs(a).max(), 1e-30) for a, b in zip(exact, fast))
        differ = sum(int((a != b).sum()) for a, b in zip(exact, fast))
        print(f"| {pathlib.Path(model).stem} | {worst:.1e} | {differ} of {sum(a.size for a in exact)} |")


if __name__ == "__main__":
    main()
