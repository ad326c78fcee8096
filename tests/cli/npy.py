#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes and shows .npy files with nothing but the standard library, for the transcripts.

    npy.py make FILE DESCR SHAPE [FIRST]   elements FIRST, FIRST + 1, ... modulo 251; SHAPE as in 1,8,8,3
    npy.py raw FILE HEADER [ELEMENTS]      any header text, and so many bytes after it
    npy.py show FILE                       type, shape, elements
"""
import ast
import struct
import sys

CODES = {"|u1": "B", "|i1": "b", "<i2": "h", "<i4": "i", "<i8": "q", "<f4": "f", "|b1": "?", ">f4": "f"}


def write(path, header, elements, version=1):
    head = header.encode("latin-1")
    size = struct.pack("<H" if version == 1 else "<I", len(head))
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY" + bytes([version, 0]) + size + head + elements)


def make(path, descr, shape, first=0):
    dims = [int(d) for d in shape.split(",") if d]
    n = 1
    for d in dims:
        n *= d
    values = [(int(first) + i) % 251 for i in range(n)]
    header = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n" % (descr, "".join("%d, " % d for d in dims))
    write(path, header, struct.pack("%s%d%s" % (">" if descr[0] == ">" else "<", n, CODES[descr]), *values))


def show(path):
    with open(path, "rb") as f:
        data = f.read()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode("latin-1"))
    elements = data[10 + length:]
    code = CODES[header["descr"]]
    n = len(elements) // struct.calcsize(code)
    print(header["descr"], header["shape"], "aligned" if (10 + length) % 64 == 0 else "not aligned",
          *struct.unpack("<%d%s" % (n, code), elements)[:12])


if __name__ == "__main__":
    command, *args = sys.argv[1:]
    if command == "make":
        make(*args)
    elif command == "raw":
        write(args[0], args[1], b"\0" * int(args[2] if len(args) > 2 else 0), int(args[3]) if len(args) > 3 else 1)
    else:
        show(*args)
