# SPDX-License-Identifier: Apache-2.0
"""What gen_schema.py and gen_isa.py end with: files that are written from a description, or compared with what would be."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def finish(source, description, files):
    """source: where in the tree the description lies; files: {name: function of the description that yields their lines}. The exit status."""
    tool, check = pathlib.Path(sys.argv[0]).name, "--check" in sys.argv
    bad = [f"{source}: {fault}" for fault in description.faults()]
    for name, lines in files.items():
        if bad:
            break
        text = "\n".join(lines(description)) + "\n"
        if not check:
            (ROOT / name).write_text(text, encoding="utf-8")
        elif (ROOT / name).read_text(encoding="utf-8") != text:
            bad.append(f"{name} is not what tools/{tool} writes from {source}")
    print("\n".join(bad), file=sys.stderr, end="\n" if bad else "")
    if check:
        print("%d passed, %d failed" % (not bad, len(bad)))
    return 1 if bad else 0
