#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cameras as the kernel has them: cameras.py --bin DIR, in the machine of tools/vm.py with the module vivid.

/dev/video0 is a webcam, /dev/video1 a grabber, /dev/video2 gives no pictures. Formats and sizes; cameras that are missing, busy, forbidden, unplugged and back.
"""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import counting
from counting import check

LIMIT = 120  # all is emulated


def watch(program, *arguments, **more):
    # Small frames, and no more instructions than the emulation is good at.
    return subprocess.run([program, "watch", *arguments], capture_output=True, text=True, timeout=LIMIT, **more)


def until(what, seconds=LIMIT):
    return counting.until(what, seconds)


def lines_of(text):
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def check_formats(program):
    for pixels in ("nv12", "yuyv", "uyvy", "i420", "gray8", "rgb"):
        run = watch(program, "/dev/video0", "--format", pixels, "--width", "320", "--height", "180", "--fps", "5", "--frames", "3", "--mode", "sync", "--json", "--quiet")
        seen = lines_of(run.stdout)
        check(run.returncode == 0 and [s["frame"] for s in seen] == [0, 1, 2], "%s: %d %s" % (pixels, run.returncode, run.stderr))
        check(len(seen) == 3 and 0.1 < seen[2]["time"] < 3, "%s: times %s" % (pixels, [s["time"] for s in seen]))
    run = watch(program, "--source", "1", "--frames", "3", "--mode", "sync", "--quiet", "--plain", "--output", "/tmp/grabbed/.ppm")
    check(run.returncode == 0, "the grabber: %s" % run.stderr)
    pictures = sorted(pathlib.Path("/tmp/grabbed").glob("*.ppm"))
    heads = {p.read_bytes()[:15] for p in pictures}
    check(len(pictures) == 3 and heads == {b"P6\n320 240\n255\n"}, "pictures of the grabber: %s" % heads)
    check(len({p.read_bytes() for p in pictures}) == 3 and all(len(set(p.read_bytes())) > 5 for p in pictures), "what the grabber shows does not move, or is empty")


def check_refused(program):
    run = watch(program, "/dev/video0", "--format", "bgrx", "--frames", "1")
    fits = run.returncode == 0 or ("it does not give the pixels of --format, but" in run.stderr and run.stderr.count("\n") == 1)
    check(fits, "pixels that are not given: %s" % run.stderr)
    run = watch(program, "/dev/video9")
    check(run.returncode == 3 and "there is no such camera; there is /dev/video0 (vivid)" in run.stderr and run.stderr.count("\n") == 1, run.stderr)
    run = watch(program, "/dev/video2")
    check(run.returncode == 3 and "a device that gives no pictures; cameras are /dev/video0 (vivid)" in run.stderr and run.stderr.count("\n") == 1, run.stderr)
    run = watch(program, "/dev/tty0")
    check(run.returncode == 3 and "not a camera" in run.stderr, run.stderr)


def check_forbidden(program):
    os.chmod("/dev/video0", 0o660)
    nobody = lambda: (os.setgroups([]), os.setgid(65534), os.setuid(65534))
    run = watch(program, "/dev/video0", preexec_fn=nobody, cwd="/")
    check(run.returncode == 3 and run.stderr.count("\n") == 1 and "only members of the group \"video\" may use it" in run.stderr and "usermod -aG video nobody" in run.stderr,
          "forbidden: %d %s" % (run.returncode, run.stderr))


def check_busy(program):
    holder = subprocess.Popen(["v4l2-ctl", "-d", "/dev/video0", "--stream-mmap", "--stream-count=100000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(3)
    run = watch(program, "/dev/video0", "--frames", "1")
    check(run.returncode == 3 and "v4l2-ctl (%d) uses it; end that first" % holder.pid in run.stderr and run.stderr.count("\n") == 1, "busy: %d %s" % (run.returncode, run.stderr))
    holder.kill()
    holder.wait()


def plug(there):
    pathlib.Path("/sys/bus/platform/drivers/vivid/" + ("bind" if there else "unbind")).write_text("vivid.0")


def check_return(program):
    """Unplugged while it is watched, and back: frames go on, and none is shown twice as new."""
    with open("/tmp/lines", "w+", encoding="utf-8") as out, open("/tmp/said", "w+", encoding="utf-8") as said:
        run = subprocess.Popen([program, "watch", "/dev/video0", "--width", "320", "--height", "180", "--json", "--quiet"], stdout=out, stderr=said)
        text = lambda name: pathlib.Path(name).read_text()
        check(until(lambda: len(lines_of(text("/tmp/lines"))) >= 5), "no frames come: %s" % text("/tmp/said"))
        plug(False)
        check(until(lambda: "it is tried again until it is back" in text("/tmp/said")), "that it has gone is not said: %s" % text("/tmp/said"))
        time.sleep(2)
        before = len(lines_of(text("/tmp/lines")))
        check(run.poll() is None and not os.path.exists("/dev/video0"), "it ended when the camera went")
        plug(True)
        check(until(lambda: "frames come again" in text("/tmp/said")), "it does not come back: %s" % text("/tmp/said"))
        check(until(lambda: len(lines_of(text("/tmp/lines"))) >= before + 5), "no frames come after that")
        run.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        check(run.wait(timeout=LIMIT) == 0 and time.monotonic() - begun < 5, "it ended with %d after %.1f s" % (run.returncode, time.monotonic() - begun))
        numbers = [s["frame"] for s in lines_of(text("/tmp/lines"))]
        times = [s["time"] for s in lines_of(text("/tmp/lines"))]
        check(numbers == sorted(set(numbers)) and times == sorted(times), "frames twice, or in another order: %s" % numbers)
        check(text("/tmp/said").count("\n") == 2, "more was said than that it went and came: %s" % text("/tmp/said"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--match", default="", help="part of the name of a check")
    args = parser.parse_args()
    program = os.path.abspath(os.path.join(args.bin, "corallite"))
    os.environ.update(GST_REGISTRY="/scratch/gstreamer-registry", GST_REGISTRY_UPDATE="no")  # run.py has made it
    for one in (check_refused, check_forbidden, check_formats, check_busy, check_return):
        begun = time.monotonic()
        if args.match not in one.__name__:
            continue
        one(program)
        print("%s: %.1f s" % (one.__name__, time.monotonic() - begun), flush=True)
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
