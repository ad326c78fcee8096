#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What watch tells a broker: mqtt.py --bin DIR

A mosquitto of our own is the broker, mosquitto_sub listens. Things come, stay and go in events of Frigate's shape; counts agree with them; Home Assistant
finds what there is; the last will is given; a broker that goes and returns is found again.
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

import counting
from counting import check, free_port


def until(what, seconds=30):
    return counting.until(what, seconds)


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except OSError:
        return False


class Broker:
    def __init__(self, folder, port, *lines):
        path = os.path.join(folder, "mosquitto.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write("listener %d 127.0.0.1\n" % port + "".join(line + "\n" for line in lines or ("allow_anonymous true",)))
        self.process = subprocess.Popen([find("mosquitto"), "-c", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not until(lambda: answers(port)):
            sys.exit("mosquitto does not start")

    def end(self):
        self.process.terminate()
        self.process.wait()


class Listener:
    """All messages: (topic, payload, retained), as they come."""

    def __init__(self, port):
        self.messages = []
        self.process = subprocess.Popen([find("mosquitto_sub"), "-p", str(port), "-t", "#", "-F", "%r %t %p"], stdout=subprocess.PIPE, text=True)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        for line in self.process.stdout:
            retained, topic, payload = line.rstrip("\n").split(" ", 2)
            self.messages.append((topic, payload, retained == "1"))

    def of(self, topic):
        return [payload for t, payload, _ in list(self.messages) if t == topic]

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.thread.join()


def find(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")


def watch(program, port, *more):
    return subprocess.Popen([program, "watch", "test", "--quiet", "--mqtt", "127.0.0.1:%d/home/eyes" % port, "--name", "front door", *more],
                            stderr=subprocess.PIPE, text=True)


def check_events(program, port):
    listener = Listener(port)
    until(lambda: listener.process.poll() is None and answers(port))
    time.sleep(0.5)
    models = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "models")
    run = watch(program, port, "--frames", "200", "--classify", os.path.join(models, "signs_classifier.tflite"))
    check(run.wait() == 0, "it ended with %s" % run.stderr.read())
    check(until(lambda: listener.of("home/eyes/available") == ["online", "offline"]), "available: %s" % listener.of("home/eyes/available"))
    events = [json.loads(p) for p in listener.of("home/eyes/events")]
    lives = {}
    for e in events:
        check(e["type"] in ("new", "update", "end") and e["before"]["id"] == e["after"]["id"], "an event: %s" % e)
        lives.setdefault(e["after"]["id"], []).append(e)
    for name, life in lives.items():
        kinds = [e["type"] for e in life]
        check(kinds[0] == "new" and kinds[-1] == "end" and set(kinds[1:-1]) <= {"update"}, "%s: %s" % (name, kinds))
        check(life[-1]["after"]["end_time"] >= life[0]["after"]["start_time"] and life[0]["after"]["end_time"] is None, "%s: its times" % name)
        check(len({e["after"]["label"] for e in life}) == 1, "%s has several labels" % name)
        check(all(e["after"]["top_score"] >= e["after"]["score"] > 0 and len(e["after"]["box"]) == 4 for e in life), "%s: scores" % name)
        check(all(len(e["after"]["sub_label"]) == 2 and 0 < e["after"]["sub_label"][1] <= 1 for e in life), "%s: what the classifier says" % name)
        gaps = [b["after"]["frame_time"] - a["after"]["frame_time"] for a, b in zip(life, life[1:])
                if b["type"] == "update" and a["after"]["sub_label"][0] == b["after"]["sub_label"][0]]
        check(all(g > 0.5 for g in gaps), "%s is told of too often: %s" % (name, gaps))
    check(4 <= len(lives) < 40 and abs(events[0]["after"]["start_time"] - time.time()) < 60, "%d things" % len(lives))
    counts = [int(p) for p in listener.of("home/eyes/front_door/all")]
    check(counts and max(counts) <= 10 and counts[-1] == 0 and all(a != b for a, b in zip(counts, counts[1:])), "counts: %s" % counts)
    whole = [e["after"] for life in lives.values() for e in life if 80 < e["after"]["box"][2] - e["after"]["box"][0]]
    same = [a["sub_label"][0] == a["label"] for a in whole]
    check(sum(same) > 0.8 * len(same) > 0, "of %d signs the classifier knows %d" % (len(same), sum(same)))
    label = events[0]["after"]["label"].replace(" ", "_")
    check(listener.of("home/eyes/front_door/" + label)[-1] == "0", "there is still a %s" % label)
    listener.end()
    # What is retained is what one who comes later gets.
    listener = Listener(port)
    topic = "homeassistant/%s/corallite_front_door/all/config"
    check(until(lambda: listener.of(topic % "sensor") and listener.of(topic % "binary_sensor")), "Home Assistant does not find it")
    found = json.loads(listener.of(topic % "sensor")[0])
    check(found["state_topic"] == "home/eyes/front_door/all" and found["availability_topic"] == "home/eyes/available" and found["device"]["identifiers"],
          "discovery: %s" % found)
    check(until(lambda: listener.of("home/eyes/available") == ["offline"]) and not listener.of("home/eyes/events"), "what is retained")
    listener.end()


def check_will(program, port):
    listener = Listener(port)
    run = watch(program, port)
    check(until(lambda: "online" in listener.of("home/eyes/available")), "it is not online")
    run.kill()
    run.wait()
    check(until(lambda: listener.of("home/eyes/available")[-1] == "offline"), "nobody says that it has gone")
    listener.end()


def check_return(program, folder, port, broker):
    run = watch(program, port, "--output", os.path.join(folder, "frames") + "/.jpg")
    time.sleep(1.5)
    broker.end()
    time.sleep(1.5)
    broker = Broker(folder, port)
    listener = Listener(port)
    check(until(lambda: "online" in listener.of("home/eyes/available") and listener.of("home/eyes/events")), "the broker that returned is not found")
    run.send_signal(signal.SIGTERM)
    said = run.communicate()[1]
    check(run.returncode == 0 and "the rest goes on" in said and "it works again" in said, said)
    listener.end()
    return broker


def check_refused(program, folder, port):
    run = subprocess.run([program, "watch", "test", "--frames", "3", "--mqtt", "mqtt://127.0.0.1:%d" % free_port()], capture_output=True, text=True)
    check(run.returncode == 1 and run.stderr.count("\n") == 1 and "no broker answers" in run.stderr, run.stderr)
    broker = Broker(folder, port, "allow_anonymous false")
    run = subprocess.run([program, "watch", "test", "--frames", "3", "--mqtt", "mqtt://me:secret@127.0.0.1:%d" % port], capture_output=True, text=True)
    check(run.returncode == 1 and "name and password" in run.stderr and "secret" not in run.stderr, run.stderr)
    broker.end()
    for wrong in ("http://127.0.0.1", "mqtt://", "mqtt://host:0", "mqtt://host:x", "mqtt://user@"):
        run = subprocess.run([program, "watch", "test", "--frames", "3", "--mqtt", wrong], capture_output=True, text=True)
        check(run.returncode == 2 and run.stderr.count("\n") == 1, "%s: %d %s" % (wrong, run.returncode, run.stderr))


def check_silence(program):
    """A machine that is switched off answers nothing, not even that nobody listens there: the system waits two minutes for it, and nobody else does."""
    with socket.socket() as listener, contextlib.ExitStack() as held:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):  # who comes after the queue is full hears nothing
            s = held.enter_context(socket.socket())
            s.setblocking(False)
            s.connect_ex(listener.getsockname())
        for ends_itself in True, False:
            run = watch(program, listener.getsockname()[1])
            if not ends_itself:
                time.sleep(1)
                run.send_signal(signal.SIGTERM)
            try:
                said = run.communicate(timeout=20)[1]
            except subprocess.TimeoutExpired:
                run.kill()
                said = run.communicate()[1] + "it does not end"
            check(run.returncode == 1 and "no broker answers" in said or run.returncode == 0 and not ends_itself, f"{ends_itself} {run.returncode} {said}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    program = os.path.join(args.bin, "corallite")
    for tool in ("mosquitto", "mosquitto_sub"):
        if not find(tool):
            print("skip there is no %s here" % tool)
            return counting.close(skipped=1)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        broker = Broker(folder, port)
        check_events(program, port)
        check_will(program, port)
        broker = check_return(program, folder, port, broker)
        broker.end()
        check_refused(program, folder, free_port())
        check_silence(program)
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
