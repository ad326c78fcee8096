#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of a build folder with `meson test` and adds up what they report.

    tools/run_tests.py FOLDER [--sample] [options of meson test]

--sample: checks of many random rounds do a twelfth of them (CHECK_SAMPLE, tests/check/check.h).

Every check program and script ends its output with a line "N passed, N failed[, N skipped]". The last line
here is the sum; those before it tell how much processor time all took, and why checks were skipped, by the lines "skip NAME: REASON"
of the programs. A program that crashes, runs out of time, or prints no such line counts as one failure more
than it reported; so does one whose exit status says failure while its line does not. One that exits with
status 77 and prints no line counts as skipped. Exit status: 1 when anything failed, else 0.
"""
import collections
import json
import os
import pathlib
import re
import resource
import subprocess
import sys

SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)
LOG = "front-door"  # a log of our own, so that one by hand does not get mixed up with it
WAITING = 2  # more tests at a time than there are processors, for some only wait
PATIENCE = "4"  # times the limits of the tests, which are those of a quick machine that does nothing else


def count(test):
    """(passed, failed, skipped, what was wrong) of one record of meson's log."""
    found = SUMMARY.findall(test.get("stdout") or "")
    passed, failed, skipped = (int(n or 0) for n in found[-1]) if found else (0, 0, 0)
    if test["result"] == "SKIP" and not found:
        return 0, 0, 1, ""
    if test["result"] not in ("OK", "SKIP") and not failed:
        return passed, 1, skipped, f"{test['result'].lower()}, exit status {test['returncode']}"
    if not found:
        return 0, 1, 0, "printed no summary line"
    return passed, failed, skipped, ""


def reasons(test, skipped):
    """Why checks of one record were skipped: a list of as many reasons."""
    lines = [line.strip() for line in (test.get("stdout") or "").splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("skip ")]
    last = [line for line in lines if not SUMMARY.match(line)][-1:] if test["result"] == "SKIP" else []
    found = [reason(re.sub(r"^skip(ped)? ", "", line).split(": ", 1)[-1]) for line in told or last]
    return (found + (found[-1:] or ["no reason given"]) * skipped)[:skipped]


def reason(text):
    """One of few: what differs between the checks of a kind, files and seeds, is left out."""
    testdata = os.environ.get("CRL_TESTDATA") or "../shared/testdata"
    if testdata in text:
        kind = "other files than these tests know in" if "another release" in text else "not there:"
        return f"{kind} the public Coral test set, {testdata} (CRL_TESTDATA names another place)"
    return re.sub(r", cpu \d+$", "", text)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    folder, options = pathlib.Path(sys.argv[1]), sys.argv[2:]
    if "--sample" in options:
        options.remove("--sample")
        os.environ["CHECK_SAMPLE"] = "1"
    logs = folder / "meson-logs"
    for old in logs.glob(LOG + "*.json"):
        old.unlink()
    at_once = os.environ.get("MESON_TESTTHREADS") or str(len(os.sched_getaffinity(0)) + WAITING)
    run = subprocess.run(["meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs", "--logbase", LOG, "--num-processes", at_once,
                          "--timeout-multiplier", PATIENCE, *options], stdin=subprocess.DEVNULL)
    written = list(logs.glob(LOG + "*.json"))
    tests = [json.loads(line) for path in written for line in path.read_text().splitlines() if line]
    passed = failed = skipped = 0
    why = collections.Counter()
    print()
    for test in sorted(tests, key=lambda test: test["name"]):
        p, f, s, wrong = count(test)
        passed, failed, skipped = passed + p, failed + f, skipped + s
        why.update(reasons(test, s))
        print(f"{test['name'].rsplit(' / ')[-1]:<24} {p:5} passed {f:3} failed {s:3} skipped {test['duration']:8.1f} s"
              f"{'   ' + wrong if wrong else ''}")
    if not tests:
        print("no test ran")
        failed += 1
    elif run.returncode and not failed:
        print(f"meson test ended with status {run.returncode}")
        failed += 1
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"processor time: {used.ru_utime + used.ru_stime:.1f} s")
    if why:
        print("skipped:")
    for text, times in why.most_common():
        print(f"{times:6}  {text}")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
