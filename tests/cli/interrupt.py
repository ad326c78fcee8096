#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Interrupts the program while it writes a large file: interrupt.py --bin DIR

It ends by that signal, and leaves neither a part of the new file nor a scratch on the old one. What learns, and is to remember what it
saw, does.
"""
import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time

import model
import picture

WIDTH, HEIGHT, TRIES = 4000, 3000, 5
SKIPPED = 77


def interrupt(command, folder, number):
    """Sends the signal as soon as there is a new file; None where the program was done before."""
    before = set(os.listdir(folder))
    run = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while run.poll() is None:
        if set(os.listdir(folder)) - before:
            run.send_signal(number)
            run.wait()
    return run.returncode if run.returncode else None


def check(program, folder, number, old):
    """True, False, or None where it could not be caught."""
    path = os.path.join(folder, "out.bmp")
    for _ in range(TRIES):
        with open(path, "wb") as f:
            f.write(old)
        code = interrupt([program, "segment", "-m", "m.tflite", "-o", "out.bmp", "large.ppm"], folder, number)
        if code is None:
            continue
        left = sorted(os.listdir(folder))
        with open(path, "rb") as f:
            untouched = f.read() == old
        ok = code == -number and left == ["large.ppm", "m.tflite", "out.bmp"] and untouched
        print("%s %s: exit %d, left %s%s" % ("ok  " if ok else "FAIL", signal.Signals(number).name, code,
                                           " ".join(left), "" if untouched else ", the old file is damaged"))
        return ok
    print("skip %s: it was done too soon" % signal.Signals(number).name)
    return None


def remember(program, folder, number):
    """The same of learning: True, False or None. What was seen until then is in the state, and the next run has all."""
    base, command = set(os.listdir(folder)), [program, "learn", "imprint", "--threads", "1", "--state", "seen", "-o", "new.tflite", "classes"]
    for _ in range(TRIES):
        run = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while run.poll() is None and ".seen.lock" not in os.listdir(folder):
            time.sleep(0.001)
        time.sleep(0.03)
        run.send_signal(number)
        said, left = run.communicate()[1].decode(), sorted(set(os.listdir(folder)) - base)
        if run.returncode == 0 or "remembered" not in said:
            for name in left:
                os.remove(os.path.join(folder, name))
            continue
        again = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        ok = run.returncode == -number and left == ["seen"] and not again.stderr and again.returncode == 0
        print("%s learning, %s: exit %d, left %s; %s; then exit %d %s" % ("ok  " if ok else "FAIL", signal.Signals(number).name, run.returncode,
                                                                        " ".join(left), said.strip(), again.returncode, again.stderr.decode()))
        for name in set(os.listdir(folder)) - base:
            os.remove(os.path.join(folder, name))
        return ok
    print("skip learning, %s: it was done too soon, or not begun" % signal.Signals(number).name)
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    program = os.path.join(os.path.abspath(parser.parse_args().bin), "corallite")
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "m.tflite"), "wb") as f:
            f.write(model.make(["-uint8:1,8,8,3", "uint8:1,8,8"]))
        with open(os.path.join(folder, "large.ppm"), "wb") as f:
            row = picture.pixels(WIDTH, 1)[0]
            f.write(b"P6\n%d %d\n255\n" % (WIDTH, HEIGHT) + row * HEIGHT)
        ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXCPU)
        results = [check(program, folder, n, b"what was there") for n in ending]
        for kind in "ab":
            os.makedirs(os.path.join(folder, "classes", kind))
            for i in range(60):
                rows = picture.pixels(300 + i, 200 if kind == "a" else 500)
                with open(os.path.join(folder, "classes", kind, "%d.ppm" % i), "wb") as f:
                    f.write(b"P6\n%d %d\n255\n" % (len(rows[0]) // 3, len(rows)) + b"".join(rows))
        results += [remember(program, folder, n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    passed, failed = results.count(True), results.count(False)
    print("%d passed, %d failed, %d skipped" % (passed, failed, results.count(None)))
    return 1 if failed else 0 if passed else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
