#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws new models of every operator, and compares both backends, at every level of this machine, with LiteRT.

    oracle/bin/python tools/oracle/fresh_ops.py                      all operators, 200 cases of each type, a new seed
    oracle/bin/python tools/oracle/fresh_ops.py --op ADD --op SUB    only these
    oracle/bin/python tools/oracle/fresh_ops.py --seed 7 --op ADD --keep FOLDER     again what seed 7 drew, files kept

Prints a line for each operator: its cases, how many of them differ in some configuration, and what LiteRT made of the rest
(see gen_ops.py); then the first differences, in words. Ends with 1 when there was one. Needs a build with tests, and the
oracle's Python packages. All operators take about a quarter of an hour of one core.
"""
import argparse
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile

import drawn
import gen_ops
import ops_shapes

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOLD = 5  # differences told of each operator


def differences(replay, path):
    """{case: what differs first}; a crash is the case ""."""
    run = subprocess.run([replay, "ops", "--every", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    found = {}
    for line in run.stdout.splitlines():
        match = re.match(r"FAIL ([^,:]*)(.*)", line)
        if match:
            found.setdefault(match[1], match[2].lstrip(", :"))
    if run.returncode not in (0, 1) or not re.search(r"^\d+ passed, \d+ failed", run.stdout, re.M):
        found[""] = f"replay ended with {run.returncode}: {run.stderr.strip().splitlines()[-1:]}"
    return found


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--op", action="append", help="an operator of gen_ops.py --list; may be repeated")
    ap.add_argument("--type", help="only this kind of the operator's list")
    ap.add_argument("--among", action="append", default=[], metavar="OP",
                    help="what the kind \"any\" of DYNAMIC and RESIZED draws, not one of all; may be repeated")
    ap.add_argument("--cases", type=int, default=200, help="for each type (default 200)")
    ap.add_argument("--seed", type=int, default=None, help="default: another one each time")
    ap.add_argument("--replay", type=pathlib.Path, default=ROOT / "build/tests/check", help="default build/tests/check")
    ap.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="packed cases stay here")
    a = ap.parse_args()
    ops_shapes.AMONG += a.among
    unknown = [name for name in [*(a.op or []), *a.among] if name not in drawn.OPERATORS]
    if unknown:
        sys.exit(f"no generator for {', '.join(unknown)}: gen_ops.py --list gives the names")
    if not a.replay.exists():
        sys.exit(f"{a.replay} is not there: ninja -C build, or --replay")
    seed = secrets.randbelow(10**9) if a.seed is None else a.seed
    oracles = [gen_ops.Oracle(85), gen_ops.Oracle(170)]
    total = different = 0
    print(f"seed {seed}, {a.cases} cases of each type", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = a.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name in sorted(a.op or drawn.OPERATORS):
            kinds = [k for k in drawn.OPERATORS[name][1] if a.type in (None, k)]
            path = folder / f"{name}.ops"
            packed, counts, missing = gen_ops.generate(name, kinds, a.cases, seed, oracles, path)
            found = differences(a.replay, path) if packed else {}
            total, different = total + packed, different + len(found)
            print(f"{name:32} {packed:6} cases {len(found):5} differ   {gen_ops.story(counts, missing)}", flush=True)
            for case, why in list(found.items())[:TOLD]:
                print(f"    {case or name}: {why}", flush=True)
    print(f"{total} cases, {different} differ, seed {seed}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
