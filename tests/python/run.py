#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one file of tests/python and counts: "N passed, N failed, N skipped". Skipped, with exit status 77, where numpy is missing.

    CRL_LIBRARY=build/src/libcorallite.so.0 tests/python/run.py tests/python/test_interpreter.py [NAME...]
"""
import importlib.util
import os
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Report(unittest.TestResult):
    def addSuccess(self, test):
        print("ok  ", test.id())

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skip {test.id()}: {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        print(f"FAIL {test.id()}\n{self.failures[-1][1]}")

    def addError(self, test, err):
        super().addError(test, err)
        print(f"FAIL {test.id()}\n{self.errors[-1][1]}")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            print(f"FAIL {subtest.id()}\n{(self.failures + self.errors)[-1][1]}")


def main():
    path, *names = sys.argv[1:]
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # NumPy's threads, of which each core gets one that spins
    if importlib.util.find_spec("numpy") is None:
        print("skip numpy is not installed for this Python")
        return 77
    sys.path[:0] = [str(ROOT / "python"), str(ROOT / "tests" / "python")]
    os.chdir(ROOT)
    module = pathlib.Path(path).stem
    try:
        suite = unittest.defaultTestLoader.loadTestsFromNames([f"{module}.{name}" for name in names] or [module])
    except unittest.SkipTest as reason:  # of a whole file
        print(f"skip {reason}")
        return 77
    report = Report()
    suite.run(report)
    bad = len({getattr(test, "test_case", test).id() for test, _ in report.failures + report.errors})
    skipped = len(report.skipped)
    print(f"{max(0, report.testsRun - bad - skipped)} passed, {bad} failed, {skipped} skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
