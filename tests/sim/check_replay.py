#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the driver against every recording of the vendor's driver that is at hand.

    tests/sim/check_replay.py USB_REPLAY

Recordings lie beside the public Coral test set ($CRL_TESTDATA, default ../shared/testdata): ../edgetpu/usb-traces/canonical, and
the models they need in the set, and in ../edgetpu/pairs. $CRL_FIRMWARE is an image whose bytes are then compared, too.
"""
import os
import pathlib
import subprocess
import sys


def main():
    replay = sys.argv[1]
    data = pathlib.Path(os.environ.get("CRL_TESTDATA") or pathlib.Path(__file__).resolve().parents[3] / "shared/testdata")
    recordings = sorted((data.parent / "edgetpu/usb-traces/canonical").glob("*.canon"))
    if not recordings:
        print(f"no recordings beside {data}")
        return 77
    options = ["--models", data / "models", "--models", data.parent / "edgetpu/pairs"]
    if os.environ.get("CRL_FIRMWARE"):
        options += ["--firmware", os.environ["CRL_FIRMWARE"]]
    passed = failed = skipped = 0
    for path in recordings:
        run = subprocess.run([replay, path, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        last = (run.stdout.strip().splitlines() or ["nothing was said"])[-1]
        if run.returncode == 77:
            print(f"skip {path.stem}: {last}")
            skipped += 1
        elif run.returncode or last != "equal":
            print(f"FAIL {path.stem}: {last}")
            failed += 1
        else:
            print(f"ok   {path.stem}")
            passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
