#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the programs of examples/ on small files of the tree.

    tests/examples/check_examples.py ROOT PROGRAM...
"""
import pathlib
import subprocess
import sys

MODEL = "tests/data/tiny_u8.tflite"
# Arguments, and what has to be in the output.
RUNS = {
    "operators": ([MODEL], "DEPTHWISE_CONV_2D"),
    "run": ([MODEL], 'output 0 "scores": UINT8 [1,5], 5 bytes'),
}


def main():
    root = pathlib.Path(sys.argv[1])
    passed = failed = 0
    for program in sys.argv[2:]:
        name = pathlib.Path(program).name.removeprefix("example_")
        arguments, wanted = RUNS[name]
        for given, status, text in (arguments, 0, wanted), ([], 2, "usage: " + name):
            run = subprocess.run([pathlib.Path(program).resolve(), *given], cwd=root, capture_output=True, text=True)
            ok = run.returncode == status and text in run.stdout + run.stderr
            passed, failed = passed + ok, failed + (not ok)
            print(f"{'ok  ' if ok else 'FAIL'} {name} {' '.join(given)}")
            if not ok:
                print(f"exit status {run.returncode}\n{run.stdout}{run.stderr}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
