# SPDX-License-Identifier: Apache-2.0
"""python3 -m corallite SCRIPT [ARGUMENTS]: runs a program that imports ai_edge_litert, on Corallite where that is not installed."""
import os
import runpy
import sys

from corallite import __version__, provide_ai_edge_litert


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if len(sys.argv) > 1 else 2
    if sys.argv[1] == "--version":
        print(f"corallite {__version__}")
        return 0
    del sys.argv[0]
    provide_ai_edge_litert()
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
