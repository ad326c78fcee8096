# SPDX-License-Identifier: Apache-2.0
"""Counts what the scripts here check, and says so as the other checks do."""
import os
import pty
import socket
import time

SKIPPED = 77
passed = failures = 0


def check(good, what):
    global failures, passed
    passed += bool(good)
    failures += not good
    if not good:
        print("FAIL", what, flush=True)


def close(skipped=0):
    """Prints the last line; the exit status of the script."""
    print("%d passed, %d failed" % (passed, failures) + (", %d skipped" % skipped if skipped else ""))
    return 1 if failures else SKIPPED if skipped else 0


def until(what, seconds=20):
    """Whether it comes true in that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.1)
    return False


def have_terminals():
    """Whether a pseudo-terminal can be had; a container without /dev/pts has none."""
    try:
        ends = pty.openpty()
    except OSError as e:
        print("skip no terminal: %s (is /dev/pts mounted?)" % e)
        return False
    for end in ends:
        os.close(end)
    return True


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
