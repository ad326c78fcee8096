#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packages that were compiled by rule are written again by reemit: check_reemit.py CORALLITE REEMIT SOURCE_ROOT"""
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile


def counts(reemit, package):
    """Instruction -> (there are, with a rule, of them equal) of the program that runs."""
    text = subprocess.run([reemit, package], capture_output=True, encoding="utf-8", check=True).stdout.split("and the one that caches")[0]
    return {m[1]: tuple(int(n) for n in m.groups()[1:]) for m in re.finditer(r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \|", text, re.MULTILINE)}


def main():
    corallite, reemit, root = sys.argv[1:]
    results = []

    def check(ok, what):
        results.append(bool(ok))
        if not ok:
            print("FAIL", what)

    with tempfile.TemporaryDirectory() as folder:
        for name in ["dense", "conv"]:
            model = pathlib.Path(folder, name + ".tflite")
            package = pathlib.Path(folder, name + "_edgetpu.tflite")
            shutil.copy(pathlib.Path(root, "fuzz", "corpus", "compile", name), model)
            subprocess.run([corallite, "compile", model, "--unproved", "-o", package], stdout=subprocess.DEVNULL, check=True)
            found = counts(reemit, package)
            check(found["tensor"][1] >= 1 and all(ruled == equal for _, ruled, equal in found.values()), f"{name}: {found}")
            # A model with other scales has other constants in the tensor instructions.
            words = bytearray(model.read_bytes())
            scale = struct.pack("<f", 0.02)
            check(scale in words, f"{name}: its scale")
            model.write_bytes(words.replace(scale, struct.pack("<f", 0.03)))
            changed = counts(reemit, package)["tensor"]
            check(changed[2] < found["tensor"][2], f"{name}, with other scales: {changed}")
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
