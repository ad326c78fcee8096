#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the symbols of the built library.

    tools/check_exports.py NM SHARED_LIBRARY STATIC_LIBRARY INCLUDE_FOLDER

1. Every external symbol, hidden or not, begins with crl_: a program that links the static library has all
   other names to itself.
2. The shared library exports what the public headers mark with CRL_API, all of it, and nothing else.
"""
import pathlib
import re
import subprocess
import sys

DECLARATION = re.compile(r"\bCRL_API\b[^;{]*?\b(crl_\w+)\s*[(\[;]")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Names that compilers add on their own: of instrumentation, and of i386's way to address data.
OF_COMPILERS = re.compile(r"^(__x86\.get_pc_thunk|__odr_asan|__asan|__ubsan|__tsan|__gcov|__llvm|__start_|__stop_|_edata|_end|__bss_start|_init|_fini)")


def symbols(nm, *arguments):
    lines = subprocess.run([nm, "--format=posix", "--defined-only", *arguments], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    names = {line.split()[0].split("@")[0] for line in lines if len(line.split()) > 1}
    return {name for name in names if not OF_COMPILERS.match(name)}


def declared(folder):
    names = set()
    for header in folder.glob("corallite/*.h"):
        names.update(DECLARATION.findall(COMMENT.sub("", header.read_text(encoding="utf-8"))))
    return names


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__.strip())
    nm, shared, static, include = sys.argv[1:]
    external = symbols(nm, "--extern-only", static)
    exported = symbols(nm, "--dynamic", shared)
    public = declared(pathlib.Path(include))
    checks = {
        "external symbols without crl_": {name for name in external if not name.startswith("crl_")},
        "declared with CRL_API, but not exported": public - exported,
        "exported, but not declared with CRL_API": exported - public,
    }
    failed = 0
    for what, names in checks.items():
        print(f"FAIL {what}: {', '.join(sorted(names))}" if names else f"ok   no symbols {what}")
        failed += bool(names)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
