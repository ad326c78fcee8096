#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that each public header compiles alone, and twice, as C and as C++, without a warning; and that it says above all
else what threads may do with it, by name with each object that only the library can look into.

    tests/headers/check_headers.py INCLUDE_FOLDER C_COMPILER [CXX_COMPILER]
"""
import os
import pathlib
import re
import subprocess
import sys

THREADS = re.compile(r"^ \* Threads  (.*?)(?=^ \* \w|\*/|^ \*$)", re.MULTILINE | re.DOTALL)
OPAQUE = re.compile(r"^typedef struct (crl_\w+) \1;", re.MULTILINE)
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]


def main():
    folder, *compilers = sys.argv[1:]
    headers = sorted(pathlib.Path(folder).glob("corallite/*.h"))
    passed = failed = 0
    skipped = len(headers) if len(compilers) < 2 else 0
    if os.environ.get("CHECK_SAMPLE"):  # C++ takes twice as long as C
        compilers, skipped = compilers[:1], 0
    for compiler, language in zip(compilers, (["-x", "c", "-std=c11", "-Wstrict-prototypes"], ["-x", "c++", "-std=c++11"])):
        for header in headers:
            source = f"#include <corallite/{header.name}>\n" * 2
            words = [word for word in compiler.split() if word != "ccache"]  # which keeps nothing of what is only looked at
            run = subprocess.run([*words, *language, *STRICT, "-I", folder, "-"], input=source, text=True,
                                 capture_output=True)
            ok = run.returncode == 0
            passed, failed = passed + ok, failed + (not ok)
            print(f"{'ok  ' if ok else 'FAIL'} {header.name} as {language[1]}")
            if not ok:
                print(run.stderr)
    for header in headers:
        text = header.read_text(encoding="utf-8")
        said = THREADS.search(text[: text.index("#ifndef")])
        missing = [name for name in OPAQUE.findall(text) if not said or name not in said[1]]
        ok = header.name == "corallite.h" or bool(said and not missing)
        passed, failed = passed + ok, failed + (not ok)
        print(f"{'ok  ' if ok else 'FAIL'} {header.name} says what threads may do {' '.join(missing)}")
    if skipped:
        print("skip headers: no C++ compiler is here")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
