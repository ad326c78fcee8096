#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/operators.md from what the check program's list_operators prints: the registry, the packed cases, their kernels.

    tools/gen_operators_md.py build/tests/check docs/operators.md
    tools/gen_operators_md.py --check build/tests/check docs/operators.md

--check writes nothing, and fails when the file is not what would be written. Both fail where an operator has fewer than ten cases
of one of its types, or no case meets its rule in the cpu backend; on a machine without AVX2 they give up with 77.
"""
import collections
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CUSTOM = 32
FEWEST = 10  # cases of each operator and type

TYPES = ["float32", "float16", "float64", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "bool",
         "int4", "complex64", "complex128"]

# Operators that LiteRT's kernels lack: types and proof come from elsewhere.
ELSEWHERE = {"PosenetDecoderOp": ("float32 uint8", "`tests/models/check_poses.c`")}

# Kinds of cases that are not named after their type.
KINDS = {"fast": "float32", "regular": "float32", "fast_u8": "uint8", "regular_u8": "uint8", "regular_classes": "float32",
         "mixed": "float32"}

HEAD = """<!-- Written by tools/gen_operators_md.py; a test compares. -->
# Operators

%(count)d operators. Each runs in both backends, with the same bytes: `reference` has one plain kernel per operator, `cpu` takes
a faster one where there is one and the plain one elsewhere.

An operator that is not here stops a model while it is loaded: convert the model again so that it does with those below.

**Types** have cases in `tests/ops/data`, each compared with LiteRT's reference kernels. They are those of the data; int16 goes
with int8 weights where there are weights. *-plain* has no scale, *a-b* is from type a to type b, or has data of a and weights of b
(in BATCH_MATMUL: int32 is the output). Other types are refused with a sentence that lists what is accepted.

**Cases** is the number of those comparisons. Integers agree in every bit. So do floats, but for functions of the C library, where
the number of units in the last place that other libraries may be off is given.

**Fast kernels** are those that these cases met in the `cpu` backend. Not every shape has one: the rules in `src/backend/cpu` say
which do. With *no copy*, inputs and outputs share their memory. A level in brackets is the lowest that has the kernel.

**Edge TPU**: whether its compiler takes the operator, and within which limits (`src/compile/rules.c`; `corallite check` asks them of a model). Those of all operators come
on top: data of uint8 or int8 (of LSTMs, int16 cells too), sizes known, weights constant, nothing but the three innermost
dimensions larger than 1. *from 13* tells the lowest runtime that has it, where not all have. What is behind an operator that stays on
the CPU stays there, too.

| operator | code | types | cases | fast kernels | Edge TPU |
|---|---|---|---|---|---|
"""

ABSENT = """
## What stays out

Built-in operators that LiteRT knows, and this program does not:

| operator | why |
|---|---|
| BIDIRECTIONAL_SEQUENCE_LSTM, BIDIRECTIONAL_SEQUENCE_RNN | two unidirectional ones do; no public vision model has them |
| EMBEDDING_LOOKUP_SPARSE, LSH_PROJECTION, SKIP_GRAM | of text models, with strings or hashes |
| HASHTABLE, HASHTABLE_FIND, HASHTABLE_IMPORT, HASHTABLE_SIZE | from words to numbers and back; the reference resolver lacks them, too |
| STABLEHLO_CASE | IF does; the reference resolver lacks it, too |
| CALL, CONCAT_EMBEDDINGS, DELEGATE, the other STABLEHLO operators | names of the schema that LiteRT does not run either |

Custom operators that belong to a compiler or to another runtime (Edge TPU, Vela, LiteRT's NPU compilers, full TensorFlow, MediaPipe,
TensorFlow Text) are refused with a sentence that says whose they are and what to do: `src/ops/unknown.c`.
"""

LEVELS = """
## Levels

Kernels with variants for instructions that not every machine has: the files in `src/kernels/x86` and `src/kernels/arm`, which end in the level's name.
`src/base/cpu.h` says what a level needs. A machine takes the highest that it has, and a lower one's kernels where that has none.

| level | variants |
|---|---|
"""


def read_listing(program):
    run = subprocess.run([program, "list_operators"], stdout=subprocess.PIPE, encoding="utf-8")
    if run.returncode:
        print(run.stdout, end="")
        sys.exit(run.returncode)
    rows = [line.split("\t") for line in run.stdout.splitlines()]
    return [r[1:] for r in rows if r[0] == "op"], [r[1:] for r in rows if r[0] == "case"]


def type_of(kind):
    """"int8_cifg" is int8, "int16-plain" and "uint8-int8" stay."""
    return KINDS.get(kind) or kind.partition("_")[0]


def in_order(types):
    """Once each, as TYPES has them."""
    return sorted(set(types), key=lambda t: [TYPES.index(part) if part in TYPES else -1 for part in t.split("-")])


def rules():
    """Operators that src/backend/cpu/rules.c has a rule for."""
    return re.findall(r"\{ CRL_OP_(\w+), crl_lower", (ROOT / "src/backend/cpu/rules.c").read_text(encoding="utf-8"))


def kernels_of(cases):
    """{kernel: its types}. A kernel that plain machines lack names its level: "`gemm` (avx2)"."""
    plain, found = {}, {}
    for kind, _, base, above in cases:
        for kernel, kinds in ((base, plain), (above, found)):
            if kernel != "ref":
                name = "no copy" if kernel == "view" else f"`{kernel.split()[0]}`"
                kinds.setdefault(name, set()).add(type_of(kind))
    return {name if name in plain else f"{name} (avx2)": plain.get(name, set()) | kinds for name, kinds in found.items()}


def kernel_cell(cases):
    by_types = {}
    for kernel, types in kernels_of(cases).items():
        by_types.setdefault(" ".join(in_order(types)), []).append(kernel)
    return "; ".join(f"{types}: {', '.join(sorted(kernels))}" for types, kernels in sorted(by_types.items()))


def edgetpu_cell(runtime, limits=""):
    if runtime == "-":
        return ""
    return "; ".join(part for part in (f"from {runtime}" if runtime != "0" else "", limits) if part) or "yes"


def row(name, code, edgetpu, cases):
    if cases:
        types = " ".join(in_order(type_of(kind) for kind, *_ in cases))
        ulp = max(int(u) for _, u, *_ in cases)
        count = f"{len(cases)}" + (f", ≤ {ulp} ulp" if ulp else "")
    else:
        types, count = ELSEWHERE[name]
    return f"| {name} | {'custom' if int(code) == CUSTOM else code} | {types} | {count} | {kernel_cell(cases)} | {edgetpu_cell(*edgetpu)} |\n"


def variants():
    found, order = {}, []
    for folder in (ROOT / "src/kernels/x86", ROOT / "src/kernels/arm"):
        for path in sorted(folder.glob("*.c")):
            match = re.fullmatch(r"(\w+?)_(avx2|avxvnni|avx512vnni|amx|neon|neondot|i8mm)", path.stem)
            if match:
                found.setdefault(match[2], []).append(f"`{match[1]}`")
        order += re.findall(r"^ +'(\w+)': \[", (folder / "meson.build").read_text(encoding="utf-8"), re.M)
    return "".join(f"| {level} | {', '.join(found[level])} |\n" for level in dict.fromkeys(order) if level in found)


def too_few(operators, named):
    """"ADD uint8 (3)" for each operator and type that lacks cases."""
    counts = collections.Counter((name, type_of(kind)) for name, *_ in operators for kind, *_ in named.get(name, []))
    return [f"{name} {kind} ({n})" for (name, kind), n in sorted(counts.items()) if n < FEWEST]


def text(program):
    operators, cases = read_listing(program)
    named = {}
    for name, *rest in cases:
        named.setdefault(name, []).append(rest)
    missing = [name for name, *_ in operators if name not in named and name not in ELSEWHERE]
    if missing:
        sys.exit(f"no cases in tests/ops/data: {', '.join(missing)}")
    few = too_few(operators, named)
    if few:
        sys.exit(f"fewer than {FEWEST} cases in tests/ops/data: {', '.join(few)}")
    idle = [name for name in rules() if not kernel_cell(named.get(name, []))]
    if idle:
        sys.exit(f"no case in tests/ops/data meets the rule of src/backend/cpu/rules.c for {', '.join(idle)}")
    rows = "".join(row(name, code, edgetpu, named.get(name, [])) for name, code, *edgetpu in sorted(operators, key=lambda o: o[0].upper()))
    return HEAD % {"count": len(operators)} + rows + ABSENT + LEVELS + variants()


def main():
    arguments = sys.argv[1:]
    check = arguments[:1] == ["--check"]
    if len(arguments) != 2 + check:
        sys.exit(__doc__)
    program, path = arguments[check:]
    page = text(program)
    if not check:
        pathlib.Path(path).write_text(page, encoding="utf-8")
    elif pathlib.Path(path).read_text(encoding="utf-8") != page:
        sys.exit(f"{path} is out of date: tools/gen_operators_md.py {program} {path}")
    else:
        print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
