#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What watch gives others to watch: rtsp.py --bin DIR

The program watches itself: what it sends by RTSP has the signs in it. One client after the other, two at once, name and password; what is refused; it ends in time.
"""
import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

import counting
from counting import check, free_port


def serve(program, url, *more):
    run = subprocess.Popen([program, "watch", "test", "--quiet", "--output", url, *more], stderr=subprocess.PIPE, text=True)
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    return run


def view(program, url, frames=10):
    return subprocess.Popen([program, "watch", url, "--frames", str(frames), "--json", "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def seen(run):
    """The labels that a viewer has found, and how it ended."""
    try:
        out, said = run.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        run.kill()
        return set(), None, "nothing comes"
    return {r["label"] for line in out.splitlines() for r in json.loads(line)["results"]}, run.returncode, said


def end(run):
    begun = time.monotonic()
    run.send_signal(signal.SIGTERM)
    code = run.wait()
    check(code == 0 and time.monotonic() - begun < 5, "it ended with %d after %.2f s: %s" % (code, time.monotonic() - begun, run.stderr.read()))


def check_viewers(program, folder):
    url = "rtsp://127.0.0.1:%d/live" % free_port()
    run = serve(program, url, "--output", os.path.join(folder, "frames") + "/.jpg")
    for _ in range(2):
        labels, code, said = seen(view(program, url))
        check(code == 0 and len(labels) >= 2, "a viewer sees %s, and ended with %s: %s" % (labels, code, said))
    both = [view(program, url), view(program, url)]
    for labels, code, said in map(seen, both):
        check(code == 0 and len(labels) >= 2, "of two viewers one sees %s, and ended with %s: %s" % (labels, code, said))
    gone = view(program, url, 1000)
    time.sleep(3)
    gone.kill()
    gone.communicate()
    labels, code, said = seen(view(program, url))
    check(code == 0 and len(labels) >= 2, "after one was cut off, a viewer sees %s: %s" % (labels, said))
    check(seen(view(program, url.replace("/live", "/other")))[1] not in (0, None), "there is a stream of another name")
    other = subprocess.run([program, "watch", "test", "--frames", "3", "--output", url], capture_output=True, text=True)
    check(other.returncode == 1 and "in use by another program" in other.stderr, "port in use: %d %s" % (other.returncode, other.stderr))
    end(run)
    check(len(os.listdir(os.path.join(folder, "frames"))) > 30, "the other output did not go on")


def check_password(program):
    port = free_port()
    run = serve(program, "rtsp://eye:s%%40fe@127.0.0.1:%d/live" % port)
    labels, code, said = seen(view(program, "rtsp://eye:s%%40fe@127.0.0.1:%d/live" % port))
    check(code == 0 and len(labels) >= 2, "with name and password a viewer sees %s: %s" % (labels, said))
    for wrong in ("", "eye:other@", "other:s%40fe@"):
        check(seen(view(program, "rtsp://%s127.0.0.1:%d/live" % (wrong, port)))[1] not in (0, None), "%r opens it" % wrong)
    end(run)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    program = os.path.join(args.bin, "corallite")
    for url, code, says in (("rtsp://0.0.0.0:8554/live", 2, "whoever reaches this machine could watch"), ("rtsp://127.0.0.1:0/live", 2, "no address to be watched at"),
                            ("rtsp://127.0.0.1:99999", 2, "rtsp://127.0.0.1:8554/live is one")):
        run = subprocess.run([program, "watch", "test", "--frames", "3", "--output", url], capture_output=True, text=True)
        check(run.returncode == code and says in run.stderr and run.stderr.count("\n") == 1, "%s: %d %s" % (url, run.returncode, run.stderr))
    with tempfile.TemporaryDirectory() as folder:
        check_viewers(program, folder)
    check_password(program)
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
