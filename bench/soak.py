#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether watch can run for ever: memory, threads and frames, once a minute.

    bench/soak.py [--minutes 30] [--program build/corallite] [--interval 60] [ARGUMENT...]

Watches the test scene at 320 x 240, async, with a page that has a visitor, and lines of JSON that are read. Prints a row of a table for each minute, then
what grew. Arguments are added to those of watch. Exit status 1: memory (by more than 1 MiB since the second sample) or threads grew, a frame was
looked at or shown twice as new, or the program did not end well.
"""
import argparse
import http.client
import json
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Lines(threading.Thread):
    """The reader of the JSON: each frame once, in their order."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream, self.n, self.last, self.twice = stream, 0, -1, 0
        self.start()

    def run(self):
        for line in self.stream:
            frame = json.loads(line)["frame"]
            self.twice += frame <= self.last
            self.n, self.last = self.n + 1, frame


class Visitor(threading.Thread):
    """One who looks at the picture all the time."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.bytes = port, 0
        self.start()

    def run(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stream.mjpg", timeout=60) as stream:
                while part := stream.read(65536):
                    self.bytes += len(part)
        except (OSError, http.client.HTTPException):
            pass


def of_process(pid):
    """RSS in KiB, threads, CPU seconds, open files."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    value = lambda key: int(text.split(key + ":")[1].split()[0])
    ticks = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return value("VmRSS"), value("Threads"), (int(ticks[11]) + int(ticks[12])) / 100, len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--interval", type=float, default=60, help="seconds between two rows")
    parser.add_argument("--program", default=str(ROOT / "build/corallite"))
    args, more = parser.parse_known_args()
    port = free_port()
    run = subprocess.Popen([args.program, "watch", "test", "--display", "web", "--port", str(port), "--json", "--quiet", *more], stdout=subprocess.PIPE, text=True)
    time.sleep(2)
    lines, visitor = Lines(run.stdout), Visitor(port)
    rows = []
    print("| minute | RSS, KiB | threads | files | frames | looked at | not shown | not looked at | FPS shown | CPU, s |\n" + "|---" * 10 + "|", flush=True)
    begun = time.monotonic()
    while run.poll() is None and (not rows or time.monotonic() - begun < 60 * args.minutes):
        time.sleep(max(0, begun + args.interval * (len(rows) + 1) - time.monotonic()))
        rss, threads, cpu, files = of_process(run.pid)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=20) as answer:
            s = json.load(answer)
        rows.append((rss, threads, s))
        print(f"| {(time.monotonic() - begun) / 60:.0f} | {rss} | {threads} | {files} | {s['taken']} | {s['detected']} | {s['not_played']} | {s['not_detected']} | "
              f"{s['playback_fps']:.1f} | {cpu:.1f} |", flush=True)
    run.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    code, took = run.wait(), time.monotonic() - asked
    lines.join(5)
    settled = rows[1:] or rows
    grew, more_threads = settled[-1][0] - settled[0][0], settled[-1][1] - settled[0][1]
    twice = lines.twice + sum(s["played"] + s["not_played"] > s["taken"] for _, _, s in rows)
    print(f"\nSince the second row RSS changed by {grew} KiB and threads by {more_threads}; {lines.n} lines of JSON, {visitor.bytes >> 20} MiB of pictures; "
          f"{twice} frames twice; it ended with {code} after {took:.2f} s")
    return 1 if grew > 1024 or more_threads > 0 or twice or code else 0


if __name__ == "__main__":
    sys.exit(main())
