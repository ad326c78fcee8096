#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/package/isa_table.c and docs/formats/edgetpu-isa.md from tools/edgetpu_isa.txt, which says what it consists of.

    tools/gen_isa.py [--check]

--check writes nothing, and fails where a file is not what would be written. Both fail where the description contradicts itself.
"""
import re
import sys

import written

SOURCE = "tools/edgetpu_isa.txt"
KINDS = {"u": "UNSIGNED", "s": "SIGNED", "f": "FLOAT", "m": "MASK", "r": "RAW"}
SHOWN = {"u": "", "s": "signed", "f": "float32", "m": "mask", "r": "32 bits"}
FIELD = re.compile(r"(\d+) (\d+) ([usfmr]) (\w+)(?: x(\d+)\+(\d+))?(?: : (.*))?$")


class Isa:
    def __init__(self, lines):
        self.parts, self.ops, section = {}, [], None
        for line in lines:
            text = line.split("#")[0].rstrip()
            if not text:
                continue
            words = text.split()
            if not text.startswith(" "):
                section = []
                if words[0] == "op":
                    self.ops.append({"opcode": int(words[1], 16), "words": int(words[2]), "name": words[3], "text": "", "lines": section})
                else:
                    self.parts[words[-1]] = section
            elif words[0] == "=":
                self.ops[-1]["text"] = text.strip()[2:]
            else:
                section.append(text.strip())
        for op in self.ops:
            op["fields"] = sorted(self.fields("all") + self.expand(op["lines"]))
        self.ops.sort(key=lambda op: op["opcode"])

    def fields(self, part):
        return self.expand(self.parts[part])

    def expand(self, lines):
        fields = []
        for line in lines:
            if line in self.parts:
                fields += self.fields(line)
                continue
            first, width, kind, name, n, pitch, note = FIELD.match(line).groups()
            fields.append((int(first), int(width), kind, name, int(n or 1), int(pitch or 0), note or ""))
        return fields

    def faults(self):
        for op in self.ops:
            used, names = {}, set()
            for first, width, _, name, n, pitch, _ in op["fields"]:
                if name in names:
                    yield f"{op['name']}: two fields {name}"
                names.add(name)
                for bit in (first + k * pitch + b for k in range(n) for b in range(width)):
                    if bit in used:
                        yield f"{op['name']}: bit {bit} is of {used[bit]} and of {name}"
                    if bit >= 128 * op["words"]:
                        yield f"{op['name']}: bit {bit} of {name} is behind the end"
                    used[bit] = name


def source(isa):
    yield "/* SPDX-License-Identifier: Apache-2.0 */"
    yield "/* Instructions of the Edge TPU and their fields. Written by tools/gen_isa.py\n * from " + SOURCE + ": edit that. */"
    yield '#include "package/isa.h"\n'
    yield "static const crl_isa_field fields[] = {"
    starts, at = {}, 0
    lists = {}
    for op in isa.ops:
        key = tuple(f[:6] for f in op["fields"])
        if key not in lists:
            lists[key] = at
            yield f"    /* {op['name']} */"
            for first, width, kind, name, n, pitch in key:
                yield f'    {{ "{name}", {first}, {width}, CRL_ISA_{KINDS[kind]}, {n}, {pitch} }},'
            at += len(key)
        starts[op["opcode"]] = lists[key]
    yield "};\n\nconst crl_isa_op crl_isa_ops[] = {"
    for op in isa.ops:
        yield (f'    {{ 0x{op["opcode"]:02x}, {op["words"]}, "{op["name"]}", &fields[{starts[op["opcode"]]}], {len(op["fields"])} }},')
    yield "};\nconst int32_t crl_isa_n_ops = sizeof crl_isa_ops / sizeof crl_isa_ops[0];"


def field_row(field):
    first, width, kind, name, n, pitch, note = field
    place = f"{first}" if width == 1 else f"{first}-{first + width - 1}"
    if n > 1:
        place += f", {n} of them {pitch} bits apart"
    return f"| {place} | `{name}` | {SHOWN[kind]} | {note} |"


def page(isa):
    yield "# Instructions of the Edge TPU\n"
    yield ("<!-- Written by tools/gen_isa.py from tools/edgetpu_isa.txt: edit that. -->\n\n"
           "A chunk of a compiled model ([edgetpu-package.md](edgetpu-package.md)) is a stream of words of 128 bits, lowest byte first. "
           "An instruction has 1 to 17 of\nthem; bits 6 to 11 of the first one are its opcode, which alone fixes the length. Bits are counted "
           "from the lowest one of the first word.\n`corallite inspect --instructions` writes programs with the names of this page. The "
           "vendor never published what they mean.\nMuch was first published by the project tinycoral (Frederik Rogalski); all was compared with "
           "public compiled models. What no field names is of\nunknown use, and kept as it is.\n")
    yield "| opcode | words | name | |\n|---|---|---|---|"
    yield from (f"| {op['opcode']:02x} | {op['words']} | [`{op['name']}`](#{op['name']}) | {op['text']} |" for op in isa.ops)
    yield "\nAll have\n\n| bits | field | | |\n|---|---|---|---|"
    yield from (field_row(f) for f in isa.fields("all"))
    yield "\nand those that go to tiles\n\n| bits | field | | |\n|---|---|---|---|"
    yield from (field_row(f) for f in isa.fields("tile"))
    yield ("\nFields `step` and `count` that come in levels are the address of a walk, innermost level first: `count` is one less than the "
           "steps of that level.\nA `step` is what is added when its level goes on, the inner ones having run to their ends and not back: the "
           "plain stride less what they went.\n`levels` has a bit for each that is used. `counter`, `level`, `start` and `each` are a record "
           "of waiting: at pass n of that loop level, the\ncounter has to be at `start` + n * `each`.")
    shown = {}
    for op in isa.ops:
        yield f"\n## {op['name']}\n\n{op['text'][:1].upper() + op['text'][1:]}."
        key = tuple(op["lines"])
        if key in shown:
            yield f"\nThe fields are those of [`{shown[key]}`](#{shown[key]})."
            continue
        shown[key] = op["name"]
        own = [f for f in op["fields"] if f not in isa.fields("all") + isa.fields("tile")]
        if own:
            yield "\n| bits | field | | |\n|---|---|---|---|"
            yield from (field_row(f) for f in own)


def main():
    lines = (written.ROOT / SOURCE).read_text(encoding="utf-8").splitlines()
    return written.finish(SOURCE, Isa(lines), {"src/package/isa_table.c": source, "docs/formats/edgetpu-isa.md": page})


if __name__ == "__main__":
    sys.exit(main())
