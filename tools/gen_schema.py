#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/model/schema.c: what the TensorFlow Lite schema says of operators and their options.

    tools/gen_schema.py schema.fbs > src/model/schema.c

schema.fbs is part of TensorFlow and of LiteRT (tflite/converter/schema/schema.fbs). The schema does not
say which options belong to which operator: mostly the names tell, the others are in OPTIONS below.
"""
import re
import sys

# Operators whose options are not named after them.
OPTIONS = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "L2_POOL_2D": "Pool2DOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNNOptions",
    "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "REDUCE_PROD": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "REDUCE_ANY": "ReducerOptions",
    "REDUCE_ALL": "ReducerOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "CONV_3D_TRANSPOSE": "Conv3DOptions",
    "RANDOM_STANDARD_NORMAL": "RandomOptions",
    "RANDOM_UNIFORM": "RandomOptions",
    "MULTINOMIAL": "RandomOptions",
}

KINDS = {
    "bool": "CRL_SCHEMA_BOOL", "byte": "CRL_SCHEMA_I8", "int": "CRL_SCHEMA_I32", "uint": "CRL_SCHEMA_U32",
    "long": "CRL_SCHEMA_I64", "float": "CRL_SCHEMA_F32", "string": "CRL_SCHEMA_TEXT", "[int]": "CRL_SCHEMA_INTS",
    "[float]": "CRL_SCHEMA_FLOATS", "[long]": "CRL_SCHEMA_LONGS", "int32": "CRL_SCHEMA_I32",
}

# Fields of these are left out: no operator that we have reads them.
UNREAD = {"[ubyte]", "[bool]", "[StablehloPrecisionConfig]"}


def blocks(text, word):
    """(name, what stands after the name, body) of each `word name ... { body }`."""
    return re.findall(r"\b%s\s+(\w+)\s*([^{;]*)\{([^}]*)\}" % word, text)


def enum_values(body):
    values, following = {}, 0
    for item in filter(None, (i.strip() for i in body.split(","))):
        name, _, number = re.sub(r"\(.*?\)", "", item).partition("=")
        following = int(number) if number.strip() else following
        values[name.strip()] = following
        following += 1
    return values


def main():
    text = re.sub(r"//[^\n]*", "", open(sys.argv[1], encoding="utf-8").read())
    enums = {name: (kind.strip(" :"), enum_values(body)) for name, kind, body in blocks(text, "enum")}
    tables = {name: body for name, _, body in blocks(text, "table")}
    unions = {name: [re.sub(r"\(.*?\)", "", i).strip() for i in body.split(",") if i.strip()]
              for name, _, body in blocks(text, "union")}
    operators = {number: name for name, number in enums["BuiltinOperator"][1].items()}
    options = ["NONE"] + unions["BuiltinOptions"] + unions["BuiltinOptions2"]
    by_squeezed = {name[:-len("Options")].lower(): name for name in options if name.endswith("Options")}

    used = []  # enums in order of appearance
    rows = {}  # options table -> its fields
    for name in options[1:]:
        rows[name] = []
        for number, field in enumerate(f.strip() for f in tables[name].split(";") if f.strip()):
            if "(deprecated)" in field:
                continue
            head, _, preset = field.partition("=")
            label, kind = (part.strip() for part in head.split(":"))
            if kind in UNREAD:
                continue
            preset = preset.strip() or "0"
            enum = 0
            if kind in enums:
                if kind not in used:
                    used.append(kind)
                enum = used.index(kind) + 1
                base, values = enums[kind]
                if sorted(values.values()) != list(range(len(values))):
                    sys.exit(f"{kind}: the values are not 0, 1, 2, ...")
                preset = str(values.get(preset, preset))
                kind = base
            preset = {"true": "1", "false": "0"}.get(preset, preset)
            rows[name].append((label, number, KINDS[kind], enum, preset))

    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Operators and options of the TensorFlow Lite schema. Written by tools/gen_schema.py: edit that. */")
    print('#include "model/schema.h"\n')
    for kind in used:
        print(f"static const char *const {kind.lower()}[] = {{")
        print("".join(f'    "{v}",\n' for v in sorted(enums[kind][1], key=enums[kind][1].get)) + "};\n")
    print("const crl_schema_enum crl_schema_enums[] = {\n    { 0 },")
    for kind in used:
        print(f"    {{ {kind.lower()}, {len(enums[kind][1])} }},")
    print("};\n")
    for name, fields in rows.items():
        if fields:
            print(f"static const crl_schema_field {name.lower()}[] = {{")
            for label, number, kind, enum, preset in fields:
                print(f'    {{ "{label}", {number}, {kind}, {enum}, {preset} }},')
            print("};\n")
    print("/* By BuiltinOptions, the type of the union; then those of BuiltinOptions2. */")
    print("const crl_schema_options crl_schema_option_tables[] = {\n    { \"NONE\", NULL, 0 },")
    for name, fields in rows.items():
        print(f'    {{ "{name}", {name.lower() if fields else "NULL"}, {len(fields)} }},')
    print("};")
    print("const int32_t crl_schema_n_option_tables = sizeof crl_schema_option_tables / sizeof crl_schema_option_tables[0];")
    print(f"const int32_t crl_schema_second_options = {1 + len(unions['BuiltinOptions'])};\n")
    print("/* By BuiltinOperator; the number is that of the options above, 0: none. */")
    print("const crl_schema_operator crl_schema_operators[] = {")
    for number in range(max(operators) + 1):
        name = operators[number]
        table = OPTIONS.get(name) or by_squeezed.get(name.replace("_", "").lower(), "NONE")
        print(f'    {{ "{name}", {options.index(table)} }}, /* {number} */')
    print("};")
    print("const int32_t crl_schema_n_operators = sizeof crl_schema_operators / sizeof crl_schema_operators[0];")


main()
