#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""watch --config, as a manager of services has it: service.py --bin DIR --modules gst,web,mqtt [--browser] [--picture FILE.png]

Several cameras on one page; a file that is read again, with and without mistakes; what the manager is told; the end.
--browser opens the page of all cameras in Chromium, --picture keeps a picture of it.
"""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import counting
import devtools
import mqtt
from counting import check, free_port
from mqtt import until


class Service:
    def __init__(self, program, folder, config, watchdog=None):
        self.watchdog, self.folder, self.path = watchdog, folder, os.path.join(folder, "cameras.json")
        self.port = config["port"]
        self.write(config)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind("\0corallite-test-%d-%d" % (os.getpid(), self.port))
        self.manager.settimeout(20)
        environment = dict(os.environ, NOTIFY_SOCKET="@corallite-test-%d-%d" % (os.getpid(), self.port))
        environment.pop("WATCHDOG_PID", None)
        if watchdog:
            environment["WATCHDOG_USEC"] = str(watchdog)
        self.said = os.path.join(folder, "said")
        with open(self.said, "w", encoding="utf-8") as said:
            self.run = subprocess.Popen([program, "watch", "--config", "cameras.json"], cwd=folder, stderr=said, env=environment)

    def write(self, config):
        with open(self.path, "w", encoding="utf-8") as f:
            f.write(config if isinstance(config, str) else json.dumps(config, indent=2))

    def told(self, *beginnings):
        """Waits until the manager is told something that begins so."""
        try:
            while True:
                text = self.manager.recv(4096).decode()
                if text.startswith(beginnings):
                    return text
        except socket.timeout:
            return ""

    def get(self, path, method="GET"):
        try:
            with urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:%d/%s" % (self.port, path), method=method), timeout=20) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as e:
            return e.code, e.headers["Content-Type"], e.read()

    def cameras(self):
        return json.loads(self.get("status")[2])["cameras"]

    def has_said(self, text):
        with open(self.said, encoding="utf-8") as f:
            return text in f.read()

    def read_again(self, config):
        self.write(config)
        self.run.send_signal(signal.SIGHUP)
        patience = [self.told("RELOADING=1")] + ([self.told("WATCHDOG_USEC="), self.told("WATCHDOG_USEC=")] if self.watchdog else [])
        check(not self.watchdog or patience[1:] == ["WATCHDOG_USEC=%d\nWATCHDOG=1" % us for us in (600000000, self.watchdog)],
              "while it reads models the manager is not asked for patience: %s" % patience)
        return all(patience) and self.told("READY=1")

    def end(self, number=signal.SIGTERM):
        begun = time.monotonic()
        self.run.send_signal(number)
        told = self.told("STOPPING=1")
        code = self.run.wait()
        self.manager.close()
        return code, time.monotonic() - begun, told


def check_page(program, folder):
    config = {"port": free_port(), "cameras": {
        "door": {"source": "test", "threshold": 0.6},
        "yard": {"source": "test", "width": 640, "height": 480, "fps": 10, "lines": [{"name": "gate", "points": [[0.5, 0], [0.5, 1]]}]}}}
    s = Service(program, folder, config, watchdog=600000)
    check(s.told("READY=1") == "READY=1\nSTATUS=2 cameras", "the manager is not told that it is ready")
    check(s.told("WATCHDOG=1") != "" and s.told("WATCHDOG=1") != "", "the manager hears nothing of the watchdog")
    status, kind, body = s.get("")
    check(status == 200 and kind.startswith("text/html") and b"</html>" in body and b"http" not in body, "the page of all cameras")
    check(until(lambda: all(c["detected"] > 3 for c in s.cameras().values())) and list(s.cameras()) == ["door", "yard"], "cameras: %s" % s.cameras())
    check(abs(s.cameras()["door"]["threshold"] - 0.6) < 1e-6 and abs(s.cameras()["yard"]["threshold"] - 0.5) < 1e-6, "each has its threshold")
    for name in ("door", "yard"):
        status, kind, body = s.get(name + "/")
        check(status == 200 and b"stream.mjpg" in body, "the page of %s" % name)
        check(s.get(name + "/snapshot.jpg")[2][:2] == b"\xff\xd8", "a picture of %s" % name)
    with urllib.request.urlopen("http://127.0.0.1:%d/yard/events" % s.port, timeout=20) as events:
        seen = next(json.loads(line[6:]) for line in events if line.startswith(b"data: "))
    check("gate" in seen["areas"], "lines of yard: %s" % seen)
    check(s.get("door/control?paused=1", method="POST")[0] == 200, "pause of one camera")
    check(until(lambda: s.cameras()["door"]["paused"]) and not s.cameras()["yard"]["paused"], "a pause is of one camera")
    status, kind, body = s.get("metrics")
    values = dict(line.rsplit(" ", 1) for line in body.decode().splitlines() if not line.startswith("#"))
    check(all(float(values['corallite_frames_total{camera="%s",state="played"}' % n]) > 0 for n in ("door", "yard")), "metrics: %s" % values)
    check(body.count(b"# TYPE corallite_fps gauge") == 1 and values['corallite_source_up{camera="door"}'] == "1", "metrics for Prometheus")
    for path in ("stream.mjpg", "nobody/", "door", "nobody/status", "door/nothing"):
        check(s.get(path)[0] == 404, "%s is there" % path)
    other = subprocess.run([program, "watch", "--config", "cameras.json"], cwd=folder, capture_output=True, text=True)
    check(other.returncode == 1 and other.stderr.count("\n") == 1 and "in use by another program; --port" in other.stderr, other.stderr)
    code, seconds, told = s.end()
    check(code == 0 and seconds < 5 and told == "STOPPING=1", "it ended with %d after %.2f s, and said %r" % (code, seconds, told))


def check_again(program, folder):
    one, two = {"source": "test"}, {"source": "test", "fps": 10}
    port = free_port()
    s = Service(program, folder, {"port": port, "cameras": {"one": one, "two": two}}, watchdog=30000000)
    s.told("READY=1")
    check(until(lambda: s.cameras()["one"]["taken"] > 20), "it does not start")
    # Another rate for one of them, and a third one: the first one goes on, and counts on.
    before = s.cameras()
    check(s.read_again({"port": port, "cameras": {"one": one, "two": {"source": "test", "fps": 20}, "three": one}}) == "READY=1\nSTATUS=3 cameras", "the file is not read again")
    after = s.cameras()
    check(after["one"]["taken"] >= before["one"]["taken"], "a camera that did not change began anew")
    check(after["two"]["taken"] < before["two"]["taken"] + 3 and list(after) == ["one", "three", "two"], "cameras: %s" % after)
    check(until(lambda: s.cameras()["three"]["detected"] > 3), "the new camera does not run")
    # Mistakes: what runs goes on.
    for wrong, sentence in (("{\"port\": %d, \"cameras\": {\n\"one\": {]" % port, "line 2: no JSON"),
                            ({"port": port, "cameras": {"one": {"source": "test", "model": "nowhere.tflite"}, "four": one}}, "nowhere.tflite"),
                            ({"port": port, "cameras": {"one": {"source": "test", "treshold": 0.5}}}, "did you mean --threshold?")):
        before = s.cameras()
        check(s.read_again(wrong) == "READY=1\nSTATUS=3 cameras", "after a mistake: %s" % sentence)
        check(s.has_said(sentence) and s.has_said("what ran before goes on"), "a mistake is not said: %s" % sentence)
        check(list(s.cameras()) == ["one", "three", "two"] and all(c["taken"] >= before[n]["taken"] for n, c in s.cameras().items()), "a mistake changed something")
    # Fewer, and other threads: all begin anew.
    check(s.read_again({"port": port, "threads": 1, "cameras": {"two": two}}) == "READY=1\nSTATUS=1 camera", "fewer cameras")
    check(list(s.cameras()) == ["two"] and s.get("one/")[0] == 404, "a camera that has gone is there")
    check(until(lambda: s.cameras()["two"]["detected"] > 3), "it does not go on with other threads")
    code, seconds, _ = s.end(signal.SIGINT)
    check(code == 0 and seconds < 5, "it ended with %d after %.2f s" % (code, seconds))


def check_ends(program, folder):
    """Cameras that come to an end, and one that fails: the others go on."""
    config = {"port": free_port(), "cameras": {"short": {"source": "test", "frames": 5, "mode": "sync", "output": "short-%Y/.png"}, "long": {"source": "test", "frames": 60, "display": "none"}}}
    s = Service(program, folder, config)
    check(s.run.wait(timeout=60) == 0 and s.has_said("short: has come to its end") and s.has_said("long: has come to its end"), "cameras that end")
    pictures = [n for n in os.listdir(os.path.join(folder, time.strftime("short-%Y"))) if n.endswith(".png")]
    check(len(pictures) == 5, "pictures of the day: %s" % pictures)


def check_missing(program, folder):
    config = {"port": free_port(), "cameras": {"there": {"source": "test"}, "away": {"source": "/dev/video62"}}}
    s = Service(program, folder, config)
    check(until(lambda: s.run.poll() is not None or s.has_said("away: /dev/video62: there is no such camera")), "a camera that is not there is not said")
    check(until(lambda: s.cameras()["there"]["taken"] > 10), "the other camera does not run")
    check("no such camera" in s.cameras()["away"]["note"] and s.get("away/snapshot.jpg")[2][:2] == b"\xff\xd8", "a camera that is not there: %s" % s.cameras()["away"])
    check(s.end()[0] == 0, "it did not end well")


def check_broker(program, folder):
    """A broker that is not there at the start is waited for."""
    config = {"port": free_port(), "mqtt": "mqtt://127.0.0.1:%d" % free_port(), "cameras": {"one": {"source": "test"}}}
    s = Service(program, folder, config)
    check(until(lambda: s.has_said("no broker answers") and s.has_said("it is tried again, and the rest goes on")), "a broker that is not there is not said")
    check(until(lambda: s.cameras()["one"]["taken"] > 10) and s.run.poll() is None, "the camera does not run")
    check(s.end()[0] == 0, "it did not end well")


def check_topics(program, folder):
    """Each camera has a line to the broker of its own."""
    port = free_port()
    broker = mqtt.Broker(folder, port)
    listener = mqtt.Listener(port)
    try:
        s = Service(program, folder, {"port": free_port(), "mqtt": "mqtt://127.0.0.1:%d/home" % port, "cameras": {"one": {"source": "test"}, "two": {"source": "test"}}})
        check(until(lambda: all(listener.of("home/%s/available" % n) == ["online"] and listener.of("home/%s/all" % n) for n in ("one", "two"))), "who is there: %s" % listener.messages[:20])
        named = lambda: {json.loads(e)["after"]["camera"] for e in listener.of("home/events")}
        check(until(lambda: named() == {"one", "two"}), "events are of %s" % named())
        check(s.read_again({"port": s.port, "mqtt": "mqtt://127.0.0.1:%d/home" % port, "cameras": {"two": {"source": "test"}}}) != "", "the file is not read again")
        check(until(lambda: listener.of("home/one/available")[-1] == "offline") and listener.of("home/two/available") == ["online"], "of the camera that has gone it is not said")
        check(s.end()[0] == 0 and until(lambda: listener.of("home/two/available")[-1] == "offline"), "it did not end well")
    finally:
        listener.end()
        broker.end()


def check_refused(program, folder):
    path = os.path.join(folder, "wrong.json")
    camera = lambda **more: {"cameras": {"door": dict({"source": "test"}, **more)}}
    cases = (
        ("{", "line 1: no JSON"),
        ({}, "{\"cameras\": {\"NAME\": {\"source\": ..}, ..}} is expected"),
        ({"cameras": {}}, "with 1 to 64 cameras"),
        ({"cameras": {"front door": {}}}, "line 3, camera \"front door\": a camera is called by 1 to 32 letters, digits, - and _"),
        ({"cameras": {"door": {}}}, "\"source\" is missing"),
        ({"cameras": {"door": []}}, "{\"source\": .., ..} is expected"),
        (camera(threshold="much"), "--threshold much: a number"),
        (camera(display="window"), "--display: a service has web, or none"),
        (camera(json=True), "--json: there is one standard output"),
        (camera(name="gate"), "--name: a camera is called what stands before it"),
        (camera(config="other.json"), "--config: a file names no other one"),
        (camera(source="-"), "--source -: a service has no standard input"),
        (camera(threads=2), "all cameras share their threads"),
        (camera(treshold=0.5), "unknown option --treshold; did you mean --threshold?"),
        (camera(width=None), "\"width\": a text, a number, true, false or a list of texts is expected"),
        (camera(zones=[{"name": "a", "points": [[0, 0], [2, 0], [1, 1]]}]), "zone a: point 1 is 2, 0; fractions of the picture are expected"),
        (camera(zones=[{"name": "a", "corners": []}]), "zones[0]: \"corners\" is not known"),
        ({"zones": [], "cameras": {"door": {"source": "test"}}}, "\"zones\" belong to a camera"),
        ({"cameras": {n: {"source": "test", "display": "none", "output": "same/"} for n in "ab"}}, "--output same/ is that of camera \"a\", too"),
        (camera(output="film.avi"), "--output film.avi"),
        (camera(source="nowhere.mp4"), "nowhere.mp4"),
        (camera(source=["test", "0"]), "\"source\": a list, where one value is expected; another source is another camera's"),
        (camera(threshold=[0.5, 0.6, 0.7]), "\"threshold\": a list, where one value is expected"),
        (dict(camera(), fps=[5, 10]), "\"fps\": a list, where one value is expected"),
        ({"cameras": {n: {"source": "test", "display": "none", "output": "rtsp://127.0.0.1:8597/" + n} for n in "ab"}},
         "--output rtsp://127.0.0.1:8597/b: rtsp://127.0.0.1:8597/a of camera \"a\" has that port"),
        (camera(display="none", output=["rtsp://127.0.0.1/b", "rtsp://:8554/c"]), "--output rtsp://:8554/c: rtsp://127.0.0.1/b of camera \"door\" has that port"),
    )
    for config, sentence in cases:
        with open(path, "w", encoding="utf-8") as f:
            f.write(config if isinstance(config, str) else json.dumps(config, indent=2))
        run = subprocess.run([program, "watch", "--config", "wrong.json"], cwd=folder, capture_output=True, text=True, timeout=60)
        check(run.returncode in (1, 2, 3) and run.stderr.count("\n") == 1 and run.stderr.startswith("corallite: error: wrong.json: ") and sentence in run.stderr,
              "%s: %d %s" % (config, run.returncode, run.stderr))
    for more in (["test"], ["--quiet"], ["--threshold", "0.5"]):
        run = subprocess.run([program, "watch", "--config", "wrong.json", *more], cwd=folder, capture_output=True, text=True)
        check(run.returncode == 2 and "other options belong into that file" in run.stderr, "%s: %s" % (more, run.stderr))
    run = subprocess.run([program, "watch", "--config", "nowhere.json"], cwd=folder, capture_output=True, text=True)
    check(run.returncode == 1 and run.stderr.count("\n") == 1 and "nowhere.json" in run.stderr, run.stderr)


def check_unit(folder, build):
    """What systemd says of the units, with a program that is there: nothing against a line of them; and exposure of at most 1.6, of 10."""
    if not shutil.which("systemd-analyze"):
        return
    for name, made in ("corallite-watch@.service", "corallite-watch@test.service"), ("corallite-serve.service", "corallite-serve.service"):
        unit = os.path.join(folder, made)
        with open(os.path.join(build, "cli", name), encoding="utf-8") as f, open(unit, "w", encoding="utf-8") as to:
            to.write(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", f.read()))
        run = subprocess.run(["systemd-analyze", "--man=no", "verify", unit], capture_output=True, text=True)
        check(run.returncode == 0 and not run.stdout + run.stderr, "%s: %s" % (name, (run.stdout + run.stderr)[-400:]))
        run = subprocess.run(["systemd-analyze", "--threshold=16", "security", "--offline=true", unit], capture_output=True, text=True)
        check(run.returncode == 0 and "Overall exposure level" in run.stdout, "%s: %s" % (name, (run.stdout + run.stderr)[-400:]))


def check_browser(program, folder, picture):
    config = {"port": free_port(), "cameras": {"door": {"source": "test"}, "yard": {"source": "test", "width": 640, "height": 480, "fps": 10},
                                               "gate": {"source": "test", "lines": [{"name": "gate", "points": [[0.5, 0], [0.5, 1]]}]}}}
    s = Service(program, folder, config)
    s.told("READY=1")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        b = devtools.Browser(profile, height=620)
        try:
            b.open("http://127.0.0.1:%d/" % s.port)
            check(b.until("document.getElementById('state').textContent == '3 cameras'"), "the page: %s" % b.ask("document.body.innerText"))
            check(b.until("[...document.images].every(i => i.naturalWidth >= 320) && document.images.length == 3"), "there are no pictures")
            check(b.until("(() => { const now = [...document.images].map(i => i.src); const moved = window.before && now.every((x, i) => x != window.before[i]); window.before = window.before || now; return moved; })()"),
                  "pictures do not move")
            if picture:
                time.sleep(5)
                b.picture(picture)
            b.ask("document.querySelector('a').click()")
            check(b.until("document.getElementById('state')?.textContent == 'live' && document.getElementById('name').textContent == 'door'"), "the page of a camera: %s" % b.ask("document.body.innerText"))
            check(b.until("document.getElementById('picture').naturalWidth == 320"), "it has no picture")
            b.ask("document.getElementById('all').click()")
            check(b.until("document.getElementById('state').textContent == '3 cameras'"), "there is no way back")
        finally:
            b.close()
    check(s.end()[0] == 0, "it did not end well")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--modules", required=True)
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--picture")
    args = parser.parse_args()
    program, modules = os.path.abspath(os.path.join(args.bin, "corallite")), args.modules.split(",")
    with tempfile.TemporaryDirectory() as folder:
        if args.browser:
            if not devtools.find():
                print("skip there is no chromium here")
                return counting.close(skipped=1)
            check_browser(program, folder, args.picture)
            return counting.close()
        check_page(program, folder)
        check_again(program, folder)
        check_ends(program, folder)
        check_refused(program, folder)
        check_unit(folder, args.bin)
        if "gst" in modules:
            check_missing(program, folder)
        if "mqtt" in modules:
            check_broker(program, folder)
            if mqtt.find("mosquitto") and mqtt.find("mosquitto_sub"):
                check_topics(program, folder)
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
