# SPDX-License-Identifier: Apache-2.0
"""What corallite/_c.py declares is what the headers do."""
import ctypes
import pathlib
import re
import unittest

from corallite import _c
from helpers import ROOT

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
HEADERS = "\n".join(COMMENT.sub("", path.read_text(encoding="utf-8")) for path in sorted((ROOT / "include/corallite").glob("*.h")))
FUNCTION = re.compile(r"CRL_API\s+([^;{(]*?)\b(crl_\w+)\(([^;]*)\);")


def column():
    class pair(ctypes.Structure):
        _fields_ = [("c", ctypes.c_char), ("u", ctypes.c_uint64)]

    return 1 if ctypes.sizeof(ctypes.c_void_p) == 8 else 2 if pair.u.offset == 8 else 3


def table():
    lines = (ROOT / "tests/headers/layout.tsv").read_text(encoding="utf-8").splitlines()
    return {cells[0]: cells[column()] for cells in (line.split("\t") for line in lines if not line.startswith("#"))}


class Declarations(unittest.TestCase):
    def test_structures_have_the_layout_of_c(self):
        rows = table()
        structures = {name: thing for name, thing in vars(_c).items() if isinstance(thing, type) and issubclass(thing, ctypes.Structure)
                      and thing is not ctypes.Structure}
        self.assertGreater(len(structures), 10)
        for name, structure in structures.items():
            name = name.rstrip("_")  # class is a word of Python
            self.assertEqual(rows[f"crl_{name}"], str(ctypes.sizeof(structure)), name)
            fields = [row.split(".")[1] for row in rows if row.startswith(f"crl_{name}.")]
            self.assertEqual(fields, [field[0] for field in structure._fields_], name)
            for field in fields:
                there = getattr(structure, field)
                self.assertEqual(rows[f"crl_{name}.{field}"], f"{there.offset}+{there.size}", f"{name}.{field}")

    def test_functions_take_what_headers_say(self):
        there = {name: (result, arguments) for result, name, arguments in FUNCTION.findall(HEADERS)}
        for name, (result, arguments) in _c.FUNCTIONS.items():
            of_c = there[f"crl_{name}"]
            n = 0 if of_c[1].strip() == "void" else len(of_c[1].split(","))
            self.assertEqual(n, len(arguments), name)
            self.assertEqual(of_c[0].strip() == "void", result is None, name)
            for of_header, given in zip(of_c[1].split(","), arguments):
                pointer = "*" in of_header or "[" in of_header or "_fn " in of_header
                is_pointer = given in (ctypes.c_void_p, ctypes.c_char_p) or hasattr(given, "contents") or issubclass(given, ctypes._CFuncPtr)
                self.assertEqual(pointer, is_pointer, f"{name}: {of_header.strip()}")

    def test_constants_are_those_of_c(self):
        rows, seen = table(), 0
        for name, value in vars(_c).items():
            row = rows.get(f"CRL_{name}")
            if row is not None:
                self.assertEqual(row, str(value), name)
                seen += 1
        self.assertGreater(seen, 30)

    def test_library_of_another_place_is_named(self):
        from corallite import _library

        self.assertTrue(_library.NAME.endswith(re.search(r"CRL_ABI (\d+)", (ROOT / "include/corallite/version.h").read_text())[1]))
        self.assertTrue(any("libcorallite.so" in pathlib.Path(name).name for name in _library.candidates()))


if __name__ == "__main__":
    unittest.main()
