#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what is committed: check_tree.py [ROOT]. No file is larger than a mebibyte, and no name would be taken for an option: both have come in by accident.
Skipped where the tree is no git checkout."""
import pathlib
import subprocess
import sys

MOST, SKIPPED = 1 << 20, 77


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    try:
        listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        print("skipped: this tree is no git checkout, or git is missing")
        return SKIPPED
    names = [name for name in listed.decode().split("\0") if name]
    odd = [f"{name}: a part of the name begins with -" for name in names if any(part.startswith("-") for part in pathlib.PurePath(name).parts)]
    large = [f"{name}: {size} bytes; no more than {MOST} are allowed" for name in names if (root / name).is_file() and (size := (root / name).stat().st_size) > MOST]
    for fault in odd + large:
        print("FAIL", fault)
    failed = bool(odd) + bool(large)
    print(f"{2 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
