#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what `corallite learn imprint` writes with LiteRT and with a computation of its own.

    pip install ai-edge-litert numpy pillow
    tools/oracle/learn.py [--corallite build/corallite] [--option=--embedding=TENSOR ...] EXTRACTOR.tflite FOLDER

FOLDER has a folder of pictures for each class; all of them are learnt from. Then

  1. LiteRT's reference kernels and corallite run the written model on every picture: equal bytes,
  2. the vectors that LiteRT computes on the way are brought to length 1, added up by class in double precision, and brought to
     length 1 again: there is a number so that the written weights are these times that number, to within half a step of their
     8 bits (a millionth of the largest for float weights),
  3. the picture that a class was made of has the largest logit there, where it is the only one.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image


def to_input(path, detail):
    height, width = detail["shape"][1:3]
    pixels = np.asarray(Image.open(path).convert("RGB").resize((width, height), Image.Resampling.BILINEAR))
    if detail["dtype"] == np.int8:
        pixels = (pixels.astype(np.int16) - 128).astype(np.int8)
    elif detail["dtype"] == np.float32:
        pixels = (pixels.astype(np.float32) - np.float32(127.5)) / np.float32(127.5)
    return pixels[None]


def real(values, detail):
    scale, zero = detail["quantization"]
    return values.astype(np.float64) if not scale else (values.astype(np.float64) - zero) * scale


class Model:
    def __init__(self, path):
        self.it = Interpreter(str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
                              experimental_preserve_all_tensors=True)
        self.it.allocate_tensors()
        self.input, self.output = self.it.get_input_details()[0], self.it.get_output_details()[0]
        by_index = {d["index"]: d for d in self.it.get_tensor_details()}
        ops = self.it._get_ops_details()
        last = max(i for i, op in enumerate(ops) if op["op_name"] in ("CONV_2D", "FULLY_CONNECTED"))
        before = ops[last - 1]
        normalised = before["op_name"] == "L2_NORMALIZATION"
        self.vector = by_index[before["inputs"][0] if normalised else ops[last]["inputs"][0]]
        self.weights, self.logits = by_index[ops[last]["inputs"][1]], by_index[ops[last]["outputs"][0]]

    def run(self, pixels):
        self.it.set_tensor(self.input["index"], pixels)
        self.it.invoke()
        return self.it.get_tensor(self.output["index"])

    def real(self, detail):
        return real(self.it.get_tensor(detail["index"]), detail).ravel()


def compare_run(corallite, path, pixels, expected, folder):
    np.save(folder / "in.npy", pixels)
    subprocess.run([corallite, "run", path, "--input", f"0={folder}/in.npy", "--output-dir", folder], check=True,
                   stdout=subprocess.DEVNULL)
    return np.array_equal(np.load(folder / "0.npy"), expected)


def factors(want, model):
    """The least and the largest number that makes every written weight of the wanted one."""
    have, step = model.real(model.weights).reshape(-1, want.shape[1])[-len(want):], model.weights["quantization"][0]
    half = step * 0.5001 if step else 1e-6 * np.abs(have).max()
    have, want = (have * np.sign(want))[want != 0], np.abs(want[want != 0])
    return np.max((have - half) / want), np.min((have + half) / want)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--corallite", default="build/corallite")
    ap.add_argument("--option", action="append", default=[], help="passed on to learn imprint")
    ap.add_argument("extractor")
    ap.add_argument("folder", type=pathlib.Path)
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as at:
        at = pathlib.Path(at)
        written = at / "written.tflite"
        subprocess.run([a.corallite, "learn", "imprint", "-m", a.extractor, "-o", written, "--test-ratio", "0", *a.option, a.folder],
                       check=True, stdout=subprocess.DEVNULL)
        model = Model(written)
        classes = sorted(p for p in a.folder.iterdir() if p.is_dir() and not p.name.startswith("."))
        sums, alone, wrong, runs = [], [], 0, 0
        for number, folder in enumerate(classes):
            total, pictures = 0, sorted(folder.iterdir())
            for picture in pictures:
                pixels = to_input(picture, model.input)
                wrong += not compare_run(a.corallite, written, pixels, model.run(pixels), at)
                runs += 1
                vector = model.real(model.vector)
                total = total + vector / np.linalg.norm(vector)
                if len(pictures) == 1:
                    alone.append(np.argmax(model.real(model.logits)) == number)
            sums.append(total / np.linalg.norm(total))
        least, most = factors(np.array(sums), model)
    print(f"{runs} runs, {wrong} differ from LiteRT's; the weights are the means times {least:.6g} to {most:.6g}"
          f"{'' if least <= most else ', which no number is'}; {sum(alone)} of {len(alone)} classes of one picture know it")
    return wrong > 0 or least > most or not all(alone)


if __name__ == "__main__":
    sys.exit(main())
