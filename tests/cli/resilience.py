#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One run of watch that loses all it has: resilience.py --bin DIR

Its camera (the page of another one) is killed and started again, so is its broker; a visitor of its page is cut off; its film meets a limit as of a full
disk. Each is said, the rest goes on, all is back in the end, no frame is looked at twice, and what was recorded plays.
"""
import argparse
import glob
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import counting
import mqtt
from counting import check, free_port
from mqtt import until


class Watched:
    """The page of a scene, which is the camera of the other one."""

    def __init__(self, program, port):
        self.command = [program, "watch", "test", "--display", "web", "--port", str(port), "--quiet"]
        self.port = port
        self.start()

    def start(self):
        self.run = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)
        until(lambda: mqtt.answers(self.port))

    def kill(self):
        self.run.kill()
        self.run.wait()


class Run:
    def __init__(self, program, folder, camera, broker, limit):
        self.port = free_port()
        self.folder = folder
        lines, said = (open(os.path.join(folder, name), "a", encoding="utf-8") for name in ("lines", "said"))
        self.run = subprocess.Popen([program, "watch", "http://127.0.0.1:%d/stream.mjpg" % camera, "--display", "web", "--port", str(self.port), "--mqtt", "127.0.0.1:%d" % broker,
                                     "--output", "film.mkv", "--json", "--quiet"], cwd=folder, stdout=subprocess.PIPE, stderr=said, text=True,
                                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.copy = subprocess.Popen(["cat"], stdin=self.run.stdout, stdout=lines)  # which has no limit
        self.run.stdout.close()

    def text(self):
        with open(os.path.join(self.folder, "said"), encoding="utf-8") as f:
            return f.read()

    def frames(self):
        with open(os.path.join(self.folder, "lines"), encoding="utf-8") as f:
            return [json.loads(line)["frame"] for line in f if line.endswith("}\n")]

    def goes_on(self):
        before = len(self.frames())
        return until(lambda: len(self.frames()) > before + 5)

    def status(self):
        with urllib.request.urlopen("http://127.0.0.1:%d/status" % self.port, timeout=20) as answer:
            return json.load(answer)

    def threads(self):
        return len(os.listdir("/proc/%d/task" % self.run.pid))


def check_camera(r, camera):
    camera.kill()
    check(until(lambda: "it is tried again until it is back" in r.text()), "that the camera has gone is not said: %s" % r.text())
    check(until(lambda: r.status()["note"]), "the page does not say it")
    with urllib.request.urlopen("http://127.0.0.1:%d/snapshot.jpg" % r.port, timeout=20) as answer:
        check(answer.read()[:2] == b"\xff\xd8", "the page does not show the last picture")
    camera.start()
    check(until(lambda: "frames come again" in r.text()), "the camera is not found again: %s" % r.text())
    check(r.goes_on() and r.status()["losses"] == 1, "it does not go on with the camera")


def check_broker(r, folder, port, broker):
    broker.process.kill()
    broker.process.wait()
    check(until(lambda: "has gone; it is tried again, and the rest goes on" in r.text()), "that the broker has gone is not said: %s" % r.text())
    check(r.goes_on(), "it does not go on without the broker")
    broker = mqtt.Broker(folder, port)
    check(until(lambda: "MQTT: it works again" in r.text()), "the broker is not found again: %s" % r.text())
    return broker


def check_visitor(r):
    time.sleep(1)
    before = r.threads()
    for _ in range(4):
        s = socket.create_connection(("127.0.0.1", r.port))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # cut off, not closed
        s.sendall(b"GET /stream.mjpg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        s.recv(1000)
        time.sleep(0.3)
        s.close()
    check(r.goes_on() and until(lambda: r.threads() <= before), "visitors who were cut off are still there: %d threads, %d before" % (r.threads(), before))


def check_film(program, folder, r):
    check(until(lambda: "film.mkv: File too large; it is tried again, and the rest goes on" in r.text()), "that the disk is full is not said: %s" % r.text())
    check(until(lambda: "film: it works again" in r.text()) and r.goes_on(), "recording does not go on: %s" % r.text())
    begun = time.monotonic()
    r.run.send_signal(signal.SIGINT)
    code, seconds = r.run.wait(), time.monotonic() - begun
    r.copy.wait()
    check(code == 0 and seconds < 5, "it ended with %d after %.2f s" % (code, seconds))
    films = sorted(glob.glob(os.path.join(folder, "film*.mkv")))
    check(len(films) >= 2, "films: %s" % films)
    for film in films:
        run = subprocess.run([program, "watch", film, "--fps", "0", "--json", "--quiet"], capture_output=True, text=True)
        check(run.stdout.count("\n") > 0, "%s of %d bytes does not play: %s" % (film, os.path.getsize(film), run.stderr))


def check_full(program, folder):
    """A disk that stays full: no empty films are left by each new try, and these come after longer and longer pauses."""
    os.mkdir(folder + "/full")
    run = subprocess.run([program, "watch", "test", "--quiet", "--output", folder + "/full/a.mkv", "--frames", "240"], stderr=subprocess.PIPE, text=True,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    check(run.stderr.count("the rest goes on") in (1, 2, 3, 4), f"a full disk: {run.returncode} {run.stderr}")
    check(not os.listdir(folder + "/full"), f"left: {os.listdir(folder + '/full')}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    program = os.path.abspath(os.path.join(args.bin, "corallite"))
    if not mqtt.find("mosquitto"):
        print("skip there is no mosquitto here")
        return counting.close(skipped=1)
    with tempfile.TemporaryDirectory() as folder:
        port, camera_port = free_port(), free_port()
        broker, camera = mqtt.Broker(folder, port), Watched(program, camera_port)
        r = Run(program, folder, camera_port, port, 1200000)
        try:
            check(until(lambda: len(r.frames()) > 5), "no frames: %s" % r.text())
            check_camera(r, camera)
            broker = check_broker(r, folder, port, broker)
            check_visitor(r)
            check_film(program, folder, r)
            frames = r.frames()
            check(all(a < b for a, b in zip(frames, frames[1:])), "a frame is looked at twice")
            check_full(program, folder)
        finally:
            r.run.kill()
            camera.kill()
            broker.end()
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
