#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What several cameras take that look by the same model, beside as many that each have an engine of their own.

    bench/cameras.py MODEL [--cameras 4] [--seconds 14] [--program build/corallite]

`watch --config` with test scenes of 320 x 240 at 5 frames a second. Prints resident memory, threads, frames that were looked at in all, and CPU seconds.
"""
import argparse
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def measure(program, cameras, seconds):
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "cameras.json"
        config.write_text(json.dumps({"port": port, "cameras": cameras}))
        run = subprocess.Popen([program, "watch", "--config", str(config)], stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        status = pathlib.Path(f"/proc/{run.pid}/status").read_text()
        value = lambda key: int(status.split(key + ":")[1].split()[0])
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=20) as answer:
            detected = sum(c["detected"] for c in json.load(answer)["cameras"].values())
        run.terminate()
        used = os.wait4(run.pid, 0)[2]
        return f"{value('VmRSS') / 1024:.1f} | {value('Threads')} | {detected} | {used.ru_utime + used.ru_stime:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=14)
    parser.add_argument("--program", default=str(ROOT / "build/corallite"))
    args = parser.parse_args()
    one = {"source": "test", "model": str(pathlib.Path(args.model).resolve()), "fps": 5}
    names = [f"camera-{i}" for i in range(args.cameras)]
    ways = {
        "one": {"camera": one},
        f"{args.cameras}, by one engine": {name: one for name in names},
        # What tells their engines apart is of no other consequence.
        f"{args.cameras}, each its own": {name: dict(one, padding=i) for i, name in enumerate(names)},
    }
    print("| cameras | RSS, MiB | threads | frames | CPU, s |\n|---|---|---|---|---|")
    for name, cameras in ways.items():
        print(f"| {name} | {measure(args.program, cameras, args.seconds)} |", flush=True)


if __name__ == "__main__":
    main()
