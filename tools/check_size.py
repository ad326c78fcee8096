#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the program stays small.

    tools/check_size.py PROGRAM [BUILT_IN_FILE ...]

Adds up the sections of an ELF file that occupy it and are loaded: code and data, without debugging information. Without
the files that are built into the program that may be 3 MiB; compilers differ by a tenth of it. Exit status: 1 when it is more.
"""
import os
import struct
import sys

MOST = 3 << 20
SHT_NOBITS, SHF_ALLOC = 8, 2


def loaded_bytes(path):
    with open(path, "rb") as f:
        data = f.read()
    if data[:4] != b"\x7fELF" or data[5] != 1:
        sys.exit(f"check_size.py: {path}: no little-endian ELF file")
    wide = data[4] == 2
    # e_shoff, then e_shentsize and e_shnum; of a section sh_type, sh_flags, sh_size (System V ABI, chapter 4)
    (at,) = struct.unpack_from("<Q" if wide else "<I", data, 40 if wide else 32)
    entry, n = struct.unpack_from("<HH", data, 58 if wide else 46)
    total = 0
    for i in range(n):
        header = data[at + i * entry:at + (i + 1) * entry]
        _, kind, flags, _, _, size = struct.unpack_from("<IIQQQQ" if wide else "<6I", header)
        if flags & SHF_ALLOC and kind != SHT_NOBITS:
            total += size
    return total


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    program, *built_in = sys.argv[1:]
    models = sum(os.path.getsize(path) for path in built_in)
    size = loaded_bytes(program) - models
    print(f"{program}: {size} bytes, and {models} of built-in files; {MOST} are allowed")
    large = size > MOST
    print(f"{int(not large)} passed, {int(large)} failed")
    return int(large)


if __name__ == "__main__":
    sys.exit(main())
