#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/model/schema.c and src/model/schema_fields.h from tools/tflite_schema.txt, which says what it consists of.

    tools/gen_schema.py [--check]

--check writes nothing, and fails where a file is not what would be written. Both fail where the description contradicts itself.
"""
import functools
import re
import sys
import textwrap

import written

SOURCE = "tools/tflite_schema.txt"

# How a field is stored: its word in the description and the name in schema.h.
KINDS = {"bool": "BOOL", "i8": "I8", "i16": "I16", "i32": "I32", "u32": "U32", "i64": "I64", "u64": "U64", "f32": "F32", "text": "TEXT",
         "[bool]": "BOOLS", "[u8]": "BYTES", "[u16]": "SHORTS", "[i32]": "INTS", "[u32]": "UINTS", "[i64]": "LONGS",
         "[f32]": "FLOATS", "[text]": "TEXTS", "union": "UNION"}

HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n/* %s Written by tools/gen_schema.py\n * from " + SOURCE + ": edit that. */\n"


class Schema:
    def __init__(self, lines):
        self.enums, self.operators, self.unions = {}, [], {}
        self.tables = {}  # name: [(number, name, type, what it is of, default, whether a subgraph)]
        section = union = None
        for line in lines:
            words = line.split("#")[0].split()
            if not words:
                union = union if line.startswith("#") else None
            elif not line.startswith(" "):
                section = words
                if words[0] == "enum":
                    self.enums[words[1]] = []
                elif words[0] == "union":
                    union = self.unions.setdefault(words[1], [])
                elif words[0] == "table":
                    self.tables[words[1]] = []
                    if union is not None:
                        union.append(words[1])
            elif section[0] == "enum":
                self.enums[section[1]] += words
            elif section[0] == "operators":
                self.operators.append((int(words[0]), words[1], words[2] if len(words) > 2 else None))
            else:
                self.add_field(self.tables[section[1]], words)

    def add_field(self, fields, words):
        default = 0
        if words[-2] == "=":
            default = int(words[-1])
            del words[-2:]
        subgraph = words[-1] == "subgraph" and len(words) > 3
        number, name, kind, *of = words[:-1] if subgraph else words
        if kind == "union":
            fields.append((int(number) - 1, name + "_type", "type", of[0], 0, False))
        fields.append((int(number), name, kind, of[0] if of else None, default, subgraph))

    @functools.lru_cache(maxsize=None)
    def in_order(self):
        """Tables by number. Those of BuiltinOptions are 1, 2, ..., as in the file's union; 0 is none."""
        first = [t for union in ("BuiltinOptions", "BuiltinOptions2") for t in self.unions[union]]
        others = [t for union, tables in self.unions.items() for t in tables if t not in first]
        return ["NONE"] + first + others + [t for t in self.tables if t not in first + others]

    def faults(self):
        members = [t for tables in self.unions.values() for t in tables]
        yield from (f"{t} is in two unions" for t in set(members) if members.count(t) > 1)
        if [number for number, _, _ in self.operators] != list(range(len(self.operators))):
            yield "operators are not numbered 0, 1, 2, ..."
        yield from (f"{name} has options that are no table of a union" for _, name, options in self.operators
                    if options and options not in self.unions["BuiltinOptions"] + self.unions["BuiltinOptions2"])
        for table, fields in self.tables.items():
            numbers = [f[0] for f in fields]
            if numbers != sorted(set(numbers)):
                yield f"{table}: numbers are not ascending"
            if len(fields) > 32:
                yield f"{table}: more fields than src/model/write.c takes"
            for _, name, kind, of, default, _ in fields:
                known = self.unions if kind in ("union", "type") else self.enums if kind in KINDS else self.tables
                target = of if kind in KINDS or kind == "type" else kind.strip("[]")
                if target and target not in known:
                    yield f"{table}.{name}: nothing is known of {target}"
                if not -128 <= default <= 127:
                    yield f"{table}.{name}: the default does not fit 8 bits"


def constant(text):
    """BlockwiseQuantization: BLOCKWISE_QUANTIZATION"""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text).upper()


def is_options(schema, table):
    return table in schema.unions["BuiltinOptions"] + schema.unions["BuiltinOptions2"]


def field_rows(schema):
    """All fields, those of one table together; those that code names come first. (table, field)"""
    tables = sorted(schema.tables, key=lambda t: is_options(schema, t))
    return [(t, f) for t in tables for f in schema.tables[t]]


def row(schema, field):
    number, name, kind, of, default, subgraph = field
    tables, enums, unions = schema.in_order(), list(schema.enums), list(schema.unions)
    if kind == "type":
        label, index = "TYPE", unions.index(of)
    elif kind == "union":
        label, index = "UNION", unions.index(of)
    elif kind in KINDS:
        label, index = KINDS[kind], enums.index(of) + 1 if of else 0
    else:
        label, index = "TABLES" if kind.startswith("[") else "TABLE", tables.index(kind.strip("[]"))
    return f'    {{ "{name}", {number}, CRL_SCHEMA_{label}, {index}, {default}, {str(subgraph).lower()} }},'


def source(schema):
    yield HEAD % "The TensorFlow Lite schema, those of its metadata and of compiled packages." + '#include "model/schema.h"\n'
    for name, values in schema.enums.items():
        yield f"static const char *const {name.lower()}[] = {{"
        yield textwrap.fill(", ".join(f'"{v}"' for v in values), 116, initial_indent="    ", subsequent_indent="    ") + "\n};\n"
    yield "const crl_schema_enum crl_schema_enums[] = {\n    { 0 },"
    yield from (f"    {{ {name.lower()}, {len(values)} }}," for name, values in schema.enums.items())
    yield "};\n"
    rows, table = field_rows(schema), None
    yield "const crl_schema_field crl_schema_fields[] = {"
    for name, field in rows:
        if name != table:
            yield f"    /* {name} */"
            table = name
        yield row(schema, field)
    yield "};\n"
    starts = {}
    for i, (name, _) in enumerate(rows):
        starts.setdefault(name, i)
    yield "const crl_schema_table crl_schema_tables[] = {\n    { \"NONE\", 0, 0 },"
    yield from (f'    {{ "{t}", {starts.get(t, 0)}, {len(schema.tables[t])} }},' for t in schema.in_order()[1:])
    yield "};\n"
    yield "const crl_schema_union crl_schema_unions[] = {"
    yield from (f"    {{ {schema.in_order().index(members[0])}, {len(members)} }}, /* {name} */"
                for name, members in schema.unions.items())
    yield "};\n"
    yield "const crl_schema_operator crl_schema_operators[] = {"
    for number, name, options in schema.operators:
        yield f'    {{ "{name}", {schema.in_order().index(options or "NONE")} }}, /* {number} */'
    yield "};"
    yield "const int32_t crl_schema_n_operators = sizeof crl_schema_operators / sizeof crl_schema_operators[0];"


def header(schema):
    yield HEAD % "Fields and tables of the schema by name."
    yield "#ifndef CRL_MODEL_SCHEMA_FIELDS_H\n#define CRL_MODEL_SCHEMA_FIELDS_H\n"
    yield "/* Indices into crl_schema_fields, */\nenum {"
    for i, (table, field) in enumerate(field_rows(schema)):
        if not is_options(schema, table):
            yield f"    CRL_FIELD_{constant(table)}_{constant(field[1])} = {i},"
    yield "};\n\n/* into crl_schema_tables, */\nenum {"
    for i, table in enumerate(schema.in_order()):
        if table in schema.tables and not is_options(schema, table):
            yield f"    CRL_TABLE_{constant(table)} = {i},"
    yield "};\n"
    yield "/* into crl_schema_unions. */\nenum {"
    yield from (f"    CRL_UNION_{constant(name)} = {i}," for i, name in enumerate(schema.unions))
    yield "};\n\n#endif"


def main():
    lines = (written.ROOT / SOURCE).read_text(encoding="utf-8").splitlines()
    return written.finish(SOURCE, Schema(lines), {"src/model/schema.c": source, "src/model/schema_fields.h": header})


if __name__ == "__main__":
    sys.exit(main())
