#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Links tests/examples/static.c with nothing but archives, and examples/run.c with no library of pictures, and runs them.

    tests/examples/check_static.py ROOT COMPILER ARCHIVE LIBRARIES...
"""
import pathlib
import subprocess
import sys
import tempfile


def main():
    root, compiler, archive, *libraries = sys.argv[1:]
    here = pathlib.Path(__file__).parent
    passed = failed = skipped = 0
    # Each with its libraries, and what it has to say.
    sources = [(here / "static.c", libraries, "pango"), (pathlib.Path(root) / "examples/run.c", ["-lm", "-pthread"], "output 0")]
    with tempfile.TemporaryDirectory() as folder:
        for kind, (source, needs, wanted) in ((k, s) for k in ("-static", "-static-pie") for s in sources):
            program = pathlib.Path(folder) / "program"
            linked = subprocess.run([*compiler.split(), kind, "-std=c11", "-I", pathlib.Path(root) / "include", source, archive,
                                     *needs, "-o", program], capture_output=True, text=True, check=False)
            if linked.returncode and needs is libraries:
                print(f"skip {kind}: archives of the libraries are not here")
                skipped += 1
                continue
            run = None if linked.returncode else subprocess.run([program, "tests/data/tiny_u8.tflite"], cwd=root, capture_output=True,
                                                                text=True, check=False)
            ok = run and run.returncode == 0 and wanted in run.stdout and not run.stderr
            passed, failed = passed + bool(ok), failed + (not ok)
            said = f"exit status {run.returncode}, {run.stdout.strip()} {run.stderr.strip()}" if run else linked.stderr
            print(f"{'ok  ' if ok else 'FAIL'} {kind} {source.name}: {said}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
