#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the programs of examples/ on small files of the tree.

    tests/examples/check_examples.py ROOT PROGRAM...
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

MODEL = "tests/data/tiny_u8.tflite"
# Arguments, and a pattern for the output. FRAMES is what comes by the standard input: two of them.
FRAMES = bytes(range(256)) * 9
RUNS = {
    "hello": (["models/signs_classifier.tflite", "examples/scene_1.jpg"], r"^(0\.\d{6} \d+\n){3}$"),
    "operators": ([MODEL], "DEPTHWISE_CONV_2D"),
    "run": ([MODEL], r'output 0 "scores": UINT8 \[1,5\], 5 bytes'),
    "classify": (["models/signs_classifier.tflite", "models/signs_labels.txt", "examples/scene_1.jpg"], r"^0\.\d{6} [a-z ]+$"),
    "detect": (["models/signs_detector.tflite", "examples/scene_1.jpg", "OUT"], r"^[a-z ]+, \d+ %, from \(\d+,\d+\) to \(\d+,\d+\)$"),
    "learn": (["models/signs_classifier.tflite", "NEW", "examples/scene_1.jpg", "examples/scene_2.jpg"], r"^2 classes of 192 numbers$"),
    "overlap": ([MODEL], r"^(\d+ \d+ \d+ \d+ \d+\n){3}$"),
    "frames": ([MODEL, "32", "24"], r'(\{"results": \[\{"index": \d.*\}\]\}\n){2}'),
}


def main():
    root = pathlib.Path(sys.argv[1])
    emulator = shlex.split(os.environ.get("MESON_EXE_WRAPPER", ""))
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        picture, model = pathlib.Path(folder) / "out.png", pathlib.Path(folder) / "new.tflite"
        for program in map(pathlib.Path, sys.argv[2:]):
            name = program.name.removeprefix("example_")
            arguments, wanted = RUNS[name]
            arguments = [{"OUT": str(picture), "NEW": str(model)}.get(a, a) for a in arguments]
            for given, status, pattern in (arguments, 0, wanted), ([], 2, "^usage: " + name):
                run = subprocess.run([*emulator, program.resolve(), *given], cwd=root, capture_output=True, input=FRAMES)
                output = (run.stdout + run.stderr).decode()
                ok = run.returncode == status and re.search(pattern, output, re.MULTILINE)
                if ok and str(picture) in given:
                    ok = picture.read_bytes().startswith(b"\x89PNG")
                if ok and str(model) in given:
                    ok = model.read_bytes()[4:8] == b"TFL3"
                passed, failed = passed + bool(ok), failed + (not ok)
                print(f"{'ok  ' if ok else 'FAIL'} {name} {' '.join(given)}")
                if not ok:
                    print(f"exit status {run.returncode}\n{output}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
