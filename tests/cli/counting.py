# SPDX-License-Identifier: Apache-2.0
"""Counts what the scripts here check, and says so as the other checks do."""
import socket

SKIPPED = 77
passed = failures = 0


def check(good, what):
    global failures, passed
    passed += bool(good)
    failures += not good
    if not good:
        print("FAIL", what)


def close(skipped=0):
    """Prints the last line; the exit status of the script."""
    print("%d passed, %d failed" % (passed, failures) + (", %d skipped" % skipped if skipped else ""))
    return 1 if failures else SKIPPED if skipped else 0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
