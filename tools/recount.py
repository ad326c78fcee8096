#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts again what docs/testing.md counts.

    tools/recount.py [--check] [TEXT]

A row of a table there is "| claim | number | `command` |". The command runs in the top folder, and the first number of the last
line that it prints is the count. With TEXT only rows whose claim or command has it are counted. --check writes nothing, and
tells which numbers are others now. The commands expect a build in build/.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/testing.md"
ROW = re.compile(r"^(\| (?:.*?) \| )([\d,]+)( \| `)(.*)(` \|)$")


def count(command):
    run = subprocess.run(["sh", "-c", command.replace("\\|", "|")], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         encoding="utf-8", errors="replace")
    lines = run.stdout.splitlines() or [""]
    found = re.search(r"\d+", lines[-1])
    if not found or re.search(r"\b[1-9]\d* failed", lines[-1]):
        sys.exit(f"recount: {'checks fail' if found else 'no number'} in what this prints: {command}")
    return f"{int(found.group()):,}"


def main():
    words = [w for w in sys.argv[1:] if w != "--check"]
    text = words[0] if words else ""
    lines, changed = PAGE.read_text(encoding="utf-8").splitlines(), 0
    for i, line in enumerate(lines):
        row = ROW.match(line)
        if not row or text not in line:
            continue
        number = count(row.group(4))
        if number != row.group(2):
            changed += 1
            print(f"{row.group(2)} is {number}: {row.group(4)}")
            lines[i] = row.group(1) + number + row.group(3) + row.group(4) + row.group(5)
    if "--check" not in sys.argv:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if changed and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
