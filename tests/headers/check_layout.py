#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the layout of public structs and the values of public constants against layout.tsv, which is what programs were built with.

    tests/headers/check_layout.py INCLUDE_FOLDER COMPILER...   compares
    tests/headers/check_layout.py --write INCLUDE_FOLDER       writes the table anew: needs clang

A row is a field with offset+size on three kinds of machine (64 bits; 32 bits as ARM lays them out, and as i386 does), a
struct with its size, or a constant with its value. Nothing is run, the numbers are read off the compiler's assembly:
each compiler checks the column of its machine, and clang all three.

A field that takes its room from a struct's reserved words changes rows of that struct's end and no size; all else is a
change of the ABI (include/corallite/version.h). A struct has reserved words, or is one of those that stay as they are.
"""
import pathlib
import re
import shutil
import subprocess
import sys

TABLE = pathlib.Path(__file__).with_name("layout.tsv")
MACHINES = {"lp64": "x86_64-linux-gnu", "arm32": "armv7-linux-gnueabihf", "i386": "i386-linux-gnu"}
# Of settled meaning, or handed out by pointer only.
FIXED = {"crl_anchor", "crl_check", "crl_error", "crl_shape", "crl_box", "crl_class", "crl_keypoint", "crl_image", "crl_model",
         "crl_notice", "crl_package", "crl_disassembly", "crl_point", "crl_results", "crl_segment", "crl_sparsity"}

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STRUCT = re.compile(r"typedef struct (crl_\w+) \{(.*?)\n\}", re.DOTALL)
ENUM = re.compile(r"\benum\b[^{;]*\{(.*?)\}", re.DOTALL)
BIAS = 1000000  # no number is 0 then, which assembly writes in other ways


def fields(body):
    for declaration in body.split(";"):
        pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", declaration)
        parts = [pointer[1]] if pointer else [found[1] for part in declaration.split(",")
                                              if (found := re.search(r"(\w+)\s*(?:\[[^\]]*\])*\s*$", part))]
        yield from parts


def read(include):
    """[(row's name, expression, ...)] and the structs without reserved words."""
    rows, bare = [], set()
    for header in sorted(pathlib.Path(include).glob("corallite/*.h")):
        text = COMMENT.sub("", header.read_text(encoding="utf-8"))
        for name, body in STRUCT.findall(text):
            names = list(fields(body))
            rows += [(f"{name}.{f}", f"offsetof({name}, {f})", f"sizeof((({name} *)0)->{f})") for f in names]
            rows.append((name, f"sizeof({name})"))
            if "reserved" not in names:
                bare.add(name)
        for body in ENUM.findall(text):
            rows += [(name, name) for name in re.findall(r"(?:^|,)\s*(CRL_\w+)", body)]
    return rows, bare


def measure(compiler, include, rows):
    """The machine's kind and the table's cell for each row."""
    expressions = ["sizeof(void *)", "offsetof(struct { char c; uint64_t u; }, u)"]
    expressions += [expression for row in rows for expression in row[1:]]
    source = "#include <corallite/corallite.h>\nconst unsigned table[] = {" + ",".join(f"(unsigned)({e}) + {BIAS}u" for e in expressions) + "};"
    run = subprocess.run([*compiler, "-x", "c", "-std=gnu11", "-ffreestanding", "-fno-lto", "-O0", "-S", "-o", "-", "-I", str(include), "-"],
                         input=source, text=True, capture_output=True, check=False)
    if run.returncode:
        sys.exit(f"check_layout.py: {' '.join(compiler)}: {run.stderr}")
    numbers = [int(n) - BIAS for n in re.findall(r"^\s*\.(?:long|word|4byte)\s+(\d{7,})", run.stdout, re.MULTILINE)]
    if len(numbers) != len(expressions):
        sys.exit(f"check_layout.py: {' '.join(compiler)} wrote {len(numbers)} of {len(expressions)} numbers")
    machine = "lp64" if numbers[0] == 8 else "arm32" if numbers[1] == 8 else "i386"
    cells, at = {}, 2
    for row in rows:
        cells[row[0]] = "+".join(str(n) for n in numbers[at : at + len(row) - 1])
        at += len(row) - 1
    return machine, cells


def of_clang(include, rows):
    found = shutil.which("clang")
    return dict(measure([found, f"--target={target}"], include, rows) for target in MACHINES.values()) if found else {}


def write(include):
    rows, _ = read(include)
    measured = of_clang(include, rows)
    if not measured:
        sys.exit("check_layout.py: clang is not here, which lays out for all three machines")
    lines = ["# Offset and size of every field, size of every struct, value of every constant: written by check_layout.py --write.",
             "\t".join(["name", *MACHINES])]
    lines += ["\t".join([row[0], *(measured[m][row[0]] for m in MACHINES)]) for row in rows]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    if sys.argv[1:2] == ["--write"]:
        return write(sys.argv[2])
    include, *compilers = sys.argv[1:]
    rows, bare = read(include)
    names, *lines = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    table = {machine: {line[0]: line[i] for line in lines} for i, machine in enumerate(names) if i}
    measured = dict(measure(compiler.split(), include, rows) for compiler in compilers) | of_clang(include, rows)
    failed = 0
    for machine, cells in measured.items():
        other = [f"{n}: {cells.get(n, 'gone')}, {table[machine].get(n, 'missing')} in the table"
                 for n in table[machine] | cells if cells.get(n) != table[machine].get(n)]
        print(f"FAIL {machine}: {'; '.join(other)}" if other else f"ok   {machine}: {len(cells)} fields, structs and constants")
        failed += bool(other)
    unlike = bare ^ FIXED
    print(f"FAIL without reserved words, or with them though fixed: {', '.join(sorted(unlike))}" if unlike else "ok   reserved words")
    failed += bool(unlike)
    if failed:
        print("tests/headers/check_layout.py --write include writes the table anew, once the change is meant")
    print(f"{len(measured) + 1 - failed} passed, {failed} failed, {len(MACHINES) - len(measured)} skipped")
    if len(measured) < len(MACHINES):
        print("skip layouts of other machines: clang is not here")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
