#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The web page of watch: web.py --bin DIR [--browser] [--picture FILE.png]

Asks for what programs ask for: pictures, events, numbers, and what is refused. --browser opens the page in Chromium: the picture
moves, events arrive, slider and pause act. --picture keeps a picture of the page, as for docs/images/watch.png.
"""
import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import counting
import devtools
from counting import check, free_port


class Watch:
    """The program with a page."""

    def __init__(self, program, *more, source="test", address="127.0.0.1", verb=("watch",)):
        self.port = free_port()
        self.run = subprocess.Popen([program, *verb, source, "--display", "web", "--port", str(self.port), "--address", address, *more],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.said = self.run.stderr.readline()
        self.url = self.said.split()[-1]
        self.base = self.url.split("?")[0]
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            except OSError:
                time.sleep(0.05)

    def get(self, path, method="GET", **headers):
        request = urllib.request.Request(self.base + path, method=method, headers={k.replace("_", "-"): v for k, v in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as e:
            return e.code, e.headers["Content-Type"], e.read()

    def open(self, path):
        return urllib.request.urlopen(self.base + path, timeout=20)

    def end(self):
        begun = time.monotonic()
        self.run.send_signal(signal.SIGTERM)
        code = self.run.wait()
        return code, time.monotonic() - begun


def read_pictures(stream, n):
    """The bytes of n pictures of a multipart stream."""
    pictures = []
    while len(pictures) < n:
        length = 0
        for line in iter(stream.readline, b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            if length and line == b"\r\n":
                break
        pictures.append(stream.read(length))
    return pictures


def check_programs(program):
    w = Watch(program, "--quiet")
    status, kind, body = w.get("")
    check(status == 200 and kind.startswith("text/html") and b"</html>" in body, "the page")
    check(b"http" not in body.replace(b"http-equiv", b""), "the page asks for something elsewhere")
    with w.open("stream.mjpg") as stream:
        pictures = read_pictures(stream, 4)
    check(all(p[:2] == b"\xff\xd8" and p[-2:] == b"\xff\xd9" for p in pictures), "pictures are JPEG files")
    check(len(set(pictures)) == 4, "the picture does not move")
    with w.open("events") as events:
        lines = [line for line in (events.readline() for _ in range(200)) if line.startswith(b"data: ")]
    seen = [json.loads(line[6:]) for line in lines]
    check(len(seen) > 20 and [s["frame"] for s in seen] == sorted({s["frame"] for s in seen}), "events are frames in their order, each once")
    check(any(s["results"] for s in seen) and set(seen[0]) >= {"frame", "time", "results", "gone", "detection_ms", "overlay_ms"}, "events lack something")
    status, kind, body = w.get("snapshot.jpg")
    check(status == 200 and kind == "image/jpeg" and body[:2] == b"\xff\xd8", "one picture")
    status, _, body = w.get("status")
    numbers = json.loads(body)
    check(numbers["played"] > 0 and numbers["controls"] and not numbers["paused"] and abs(numbers["threshold"] - 0.5) < 1e-6, "status: %s" % body)
    status, kind, body = w.get("metrics")
    values = dict(line.rsplit(" ", 1) for line in body.decode().splitlines() if not line.startswith("#"))
    check(status == 200 and kind.startswith("text/plain") and float(values['corallite_frames_total{state="played"}']) > 0, "metrics")
    check(values["corallite_source_up"] == "1" and float(values["corallite_detection_seconds"]) < 5, "metrics: %s" % values)

    def post(what):
        status, _, body = w.get("control?" + what, method="POST")
        return status, body

    status, body = post("paused=1")
    check(status == 200 and json.loads(body)["paused"], "pause")
    time.sleep(0.3)
    before = json.loads(w.get("status")[2])["played"]
    time.sleep(0.4)
    check(json.loads(w.get("status")[2])["played"] == before, "it plays while it is paused")
    post("paused=0")
    time.sleep(0.4)
    check(json.loads(w.get("status")[2])["played"] > before, "it does not go on")
    status, body = post("threshold=0.875")
    check(status == 200 and abs(json.loads(body)["threshold"] - 0.875) < 1e-6, "threshold")
    for wrong in ("threshold=2", "threshold=x", "threshold=nan", "paused=2", ""):
        check(post(wrong)[0] == 400, "%r is taken" % wrong)
    check(w.get("control?paused=1")[0] == 404, "a link can pause it")
    for origin in "http://example.org", "null", "":
        check(w.get("control?paused=0", method="POST", Origin=origin)[0] == 403, "a page of %r can pause it" % origin)
    check(w.get("control?paused=0", method="POST", Origin=w.base.rstrip("/"))[0] == 200, "its own page cannot")
    for host, status in ("127.0.0.1.example.org", 403), ("localhost.example.org:80", 403), ("127.0.0.1", 200), ("localhost:8080", 200):
        check(w.get("status", Host=host)[0] == status, "by the name of %s" % host)
    check(w.get("nothing")[0] == 404, "there is nothing")
    check(w.get("", Host="elsewhere.example")[0] == 403, "another name is taken for this machine's")
    other = subprocess.run([program, "watch", "test", "--display", "web", "--port", str(w.port), "--frames", "3"], capture_output=True, text=True)
    check(other.returncode == 1 and "in use by another program; --port" in other.stderr, "port in use: %d %s" % (other.returncode, other.stderr))
    with w.open("stream.mjpg") as stream: # who looks does not keep it from ending
        read_pictures(stream, 1)
        code, seconds = w.end()
    check(code == 0 and seconds < 5, "it ended with %d after %.2f s" % (code, seconds))


def check_token(program):
    w = Watch(program, "--quiet", address="0.0.0.0")
    token = w.url.partition("?token=")[2]
    check(len(token) == 32 and w.base.startswith("http://0.0.0.0:"), "the address is %s" % w.url)
    w.base = "http://127.0.0.1:%d/" % w.port
    for path in ("", "stream.mjpg", "events", "status", "metrics", "snapshot.jpg", "status?token=" + "0" * 32, "status?token="):
        check(w.get(path)[0] == 403, "%s is given without the token" % path)
    check(w.get("status?token=" + token)[0] == 200 and w.get("status", Authorization="Bearer " + token)[0] == 200, "the token does not open it")
    w.end()


def check_idle(program):
    """Connections that ask nothing make room for who asks; who looks at pictures stays."""
    w = Watch(program, "--quiet")
    stream = w.open("stream.mjpg")
    idle = [socket.create_connection(("127.0.0.1", w.port)) for _ in range(40)]
    begun = time.monotonic()
    for _ in range(3):
        try:
            status = w.get("status")[0]
        except OSError as e:
            status = e
        check(status == 200, "those who are idle keep others out: %s" % status)
    check(time.monotonic() - begun < 10, "those who are idle keep others waiting: %.1f s" % (time.monotonic() - begun))
    check(len(list(read_pictures(stream, 20))) == 20, "who looks at pictures is cut off")
    for c in idle:
        c.close()
    stream.close()
    check(w.end()[0] == 0, "it ends")


class Dribbler(threading.Thread):
    """Never asks to the end, and comes back where it is cut off."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.over, self.cut = port, False, 0
        self.start()

    def run(self):
        while not self.over:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5, ("127.0.0.2", 0)) as s:
                    s.settimeout(0.05)
                    while not self.over:
                        s.sendall(b"G")
                        with contextlib.suppress(TimeoutError):
                            if not s.recv(1):
                                break
            except OSError:
                pass
            self.cut += 1


def check_dribblers(program):
    """Whoever takes all connections, over and over, keeps nobody else out, though he be far away."""
    w = Watch(program, "--quiet")
    crowd = [Dribbler(w.port) for _ in range(24)]
    check(counting.until(lambda: sum(d.cut for d in crowd) > 24), "they do not crowd")
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", w.port), 20) as s:
            time.sleep(0.3)
            answer = b""
            with contextlib.suppress(OSError):
                s.sendall(b"GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                answer = s.recv(64)
        check(answer.startswith(b"HTTP/1.1 200"), "those who dribble keep others out: %s" % answer)
    for d in crowd:
        d.over = True
    check(w.end()[0] == 0, "it ends")


def check_early(program):
    """Who knows the page's address may ask it to end: from then on that is no death by a signal."""
    with tempfile.TemporaryDirectory() as folder:
        learn = ("learn", "imprint", "--from-watch", "test", "--names", "a,b", "-o", folder + "/m.tflite", folder + "/things")
        for command, expected in (("watch", "test", "--quiet"), 0), (learn, 1): # 1: nothing was taught
            for _ in range(8):
                w = subprocess.Popen([program, *command, "--display", "web", "--port", str(free_port())], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE, text=True)
                line = w.stderr.readline()
                w.send_signal(signal.SIGTERM)
                said = w.communicate()[1]
                check(w.returncode == expected, f"{command[0]}: asked to end at once, it ended with {w.returncode} {line}{said}")


def check_restart(program):
    """Its port is free at once for who comes after it, though visitors' connections are still remembered by the system."""
    w = Watch(program, "--quiet")
    with socket.create_connection(("127.0.0.1", w.port), 20) as s: # who closes first is remembered
        s.sendall(b"GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        check(b"".join(iter(lambda: s.recv(4096), b"")).startswith(b"HTTP/1.1 200"), "status")
    check(w.end()[0] == 0, "it ends")
    run = subprocess.run([program, "watch", "test", "--display", "web", "--port", str(w.port), "--frames", "3", "--quiet"], capture_output=True, text=True)
    check(run.returncode == 0, "it does not start again: %s" % run.stderr)


def check_address(program):
    run = subprocess.run([program, "watch", "test", "--display", "web", "--address", "nowhere", "--frames", "1"], capture_output=True, text=True)
    check(run.returncode == 2 and "nowhere: no address to listen at" in run.stderr, f"an address that is none: {run.returncode} {run.stderr}")


def check_browser(program, picture):
    w = Watch(program, "--quiet")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # the browser may still be writing
        b = devtools.Browser(folder, height=1000)
        try:
            b.open(w.url)
            check(b.until("document.getElementById('state')?.textContent == 'live'"), "the page is not live: %s" % b.ask("document.body.innerText"))
            check(b.until("document.getElementById('things').rows.length > 1 && document.getElementById('things').innerText.includes('%')"), "no events arrive")
            look = ("(() => { const c = document.createElement('canvas'), i = document.getElementById('picture'); c.width = i.naturalWidth; "
                    "c.height = i.naturalHeight; c.getContext('2d').drawImage(i, 0, 0); return c.toDataURL(); })()")
            first = b.until("document.getElementById('picture').naturalWidth == 320 && !!(window.first = %s)" % look)
            check(first and b.until("%s != window.first" % look), "the picture does not move")
            check(b.until("points.length > 5"), "the chart is empty")
            b.ask("(() => { const t = document.getElementById('threshold'); t.value = 0.9; t.dispatchEvent(new Event('input')); t.dispatchEvent(new Event('change')); })()")
            check(b.until("document.getElementById('value').textContent == '90%'"), "the slider does not act")
            check(b.wait(lambda: next(True for _ in range(100) if abs(json.loads(w.get("status")[2])["threshold"] - 0.9) < 1e-3)), "the threshold stays")
            b.ask("document.getElementById('pause').click()")
            check(b.until("document.getElementById('state').textContent == 'paused' && document.getElementById('pause').textContent == 'Go on'"), "it is not paused")
            b.ask("document.getElementById('pause').click()")
            check(b.until("document.getElementById('state').textContent == 'live'"), "it does not go on")
            if picture:
                b.ask("(() => { const t = document.getElementById('threshold'); t.value = 0.5; t.dispatchEvent(new Event('change')); })()")
                time.sleep(20)
                b.picture(picture)
        finally:
            b.close()
    w.end()


def names(w, seconds=10):
    """The best class of each event from now on, with what is taught."""
    with w.open("events") as events:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            line = events.readline()
            if line.startswith(b"data: "):
                seen = json.loads(line[6:])
                yield (seen["results"] or [{}])[0].get("label"), seen["lessons"]


def check_teaching(program):
    """Pictures are given to classes by asking, and recognised at once; the model has them afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        things, model = os.path.join(folder, "things"), os.path.join(folder, "things.tflite")
        w = Watch(program, "--names", "early,late", "-o", model, things, verb=("learn", "imprint", "--from-watch"))
        check(next(names(w)) == (None, {"early": 0, "late": 0}), "something is known at the start")
        check(w.get("control?lesson=1", method="POST")[0] == 200, "a lesson")
        check(any(taught == {"early": 1, "late": 0} for _, taught in names(w)), "the first picture is not counted")
        time.sleep(2.5)
        for n in (1, 2):
            w.get("control?lesson=2", method="POST")
            check(any(taught["late"] == n for _, taught in names(w)), "picture %d of the second class is not counted" % n)
        check(next(names(w))[0] == "late", "what was just shown is not recognised")
        for wrong in ("0", "3", "x", "11", ""):
            check(w.get("control?lesson=" + wrong, method="POST")[0] == 400, "lesson %r is taken" % wrong)
        code, _ = w.end()
        said = w.run.stderr.read()
        check(code == 0 and "late has 2 pictures" in said, "it ended with %d: %s" % (code, said))
        check(sorted(os.listdir(things)) == ["early", "late"] and os.listdir(things + "/late") and len(os.listdir(things + "/late")) == 2, "the pictures are not there")
        late = os.path.join(things, "late", "000001.png")
        run = subprocess.run([program, "classify", "--json", "--model", model, late], capture_output=True, text=True)
        check(run.returncode == 0 and json.loads(run.stdout)[0]["results"][0]["label"] == "late", "the model: %s %s" % (run.stdout, run.stderr))
        # It goes on from there.
        w = Watch(program, "-o", model, things, verb=("learn", "imprint", "--from-watch"))
        check(next(names(w))[1] == {"early": 1, "late": 2}, "what was taught is not known again")
        w.end()
        # What --state knows counts where the pictures are gone.
        remembers = ("--state", os.path.join(folder, "state"), "-o", model, things)
        subprocess.run([program, "learn", "imprint", *remembers], check=True, capture_output=True)
        shutil.rmtree(things + "/early")
        w = Watch(program, *remembers, verb=("learn", "imprint", "--from-watch"))
        check(next(names(w))[1] == {"early": 1, "late": 2}, "what is remembered is not known")
        check(w.end()[0] == 0, "it ended with %s" % w.run.stderr.read())
        w = Watch(program, "--quiet")
        check(w.get("control?lesson=1", method="POST")[0] == 400, "watch is taught")
        w.end()


def check_teaching_page(program, picture):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        things = os.path.join(folder, "things")
        w = Watch(program, "--names", "early,late", "-o", os.path.join(folder, "t.tflite"), things, verb=("learn", "imprint", "--from-watch"))
        b = devtools.Browser(os.path.join(folder, "browser"), height=1000)
        try:
            b.open(w.url)
            check(b.until("!document.getElementById('teaching')?.hidden && document.getElementById('lessons').innerText.includes('early')"), "no buttons")
            b.ask("document.getElementById('lessons').children[0].click()")
            check(b.until("document.getElementById('lessons').children[0].innerText.endsWith('1')"), "the button does not act")
            time.sleep(2.5)
            b.ask("dispatchEvent(new KeyboardEvent('keydown', { key: '2' }))")
            check(b.until("document.getElementById('lessons').children[1].innerText.endsWith('1')"), "the key does not act")
            check(b.until("document.getElementById('things').innerText.includes('late')"), "it is not recognised")
            if picture:
                b.picture(picture)
        finally:
            b.close()
        w.end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--picture")
    parser.add_argument("--teaching")
    args = parser.parse_args()
    program = os.path.join(args.bin, "corallite")
    if args.browser and not devtools.find():
        print("skip there is no chromium here")
        return counting.close(skipped=1)
    if args.browser:
        check_browser(program, args.picture)
        check_teaching_page(program, args.teaching)
    else:
        check_programs(program)
        check_token(program)
        check_idle(program)
        check_dribblers(program)
        check_early(program)
        check_restart(program)
        check_address(program)
        check_teaching(program)
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
