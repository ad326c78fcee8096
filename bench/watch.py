#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How watching goes, beside a camera program in Python on LiteRT: bench/watch.py [--frames N] [--rounds N] [--skip-python]

Both look at the same scene of 320 x 240 pixels, 30 frames a second, with the built-in detector on two cores, and draw boxes
into every frame. The Python program is made as camera programs for Coral's stick are: one thread reads frames and draws, a second one
runs the model on the newest (ai-edge-litert, Pillow, NumPy; frames come by a pipe, since not everybody has a camera). The two take
turns. What is printed of each is the median of the rounds.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH, HEIGHT, FPS = 320, 240, 30
CORES = sorted(os.sched_getaffinity(0))[:2]


def measured(command, **more):
    """Runs it on two cores: standard error, seconds of CPU time, peak RSS in MiB."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, CORES), **more)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} ended with {process.returncode}: {said}")
    return said, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def ours(program, frames, *sink):
    """A sink that takes pictures, for without one nothing is drawn."""
    said, cpu, rss = measured([program, "watch", "test", "--frames", str(frames), *sink])
    rates = [[float(x) for x in line] for line in re.findall(r"\(Playback\) ([\d.]+) FPS  \(Detection\) ([\d.]+) FPS, ([\d.]+) ms", said)]
    summary = re.search(r"(\d+) frames?, (\d+) looked at, on the picture ([\d.]+) ms .*; (\d+) left out, (\d+) not looked at", said)
    playback, detection, ms = (statistics.median(column) for column in zip(*rates))
    return {"playback FPS": playback, "detection FPS": detection, "detection ms": ms, "FPS that the detector would do": 1000 / ms,
            "ms glass to overlay, median": float(summary[3]), "frames not shown": int(summary[4]), "CPU ms a frame": 1000 * cpu / frames, "peak RSS, MiB": rss}


def python_program(frames):
    """The other program, in this file so that it can be started alone: reads frames on the standard input."""
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter
    from PIL import Image, ImageDraw
    labels = (ROOT / "models/signs_labels.txt").read_text().split("\n")
    engine = Interpreter(str(ROOT / "models/signs_detector.tflite"), num_threads=2)
    engine.allocate_tensors()
    given, outputs = engine.get_input_details()[0], engine.get_output_details()
    newest, last, condition = [None], [None], threading.Condition()
    took, seen = [], []

    def look():
        while True:
            with condition:
                while newest[0] is None:
                    condition.wait()
                stamp, picture = newest[0]
                newest[0] = None
            if picture is None:
                return
            begun = time.perf_counter()
            engine.set_tensor(given["index"], np.asarray(picture.resize(given["shape"][2:0:-1], Image.BILINEAR))[None])
            engine.invoke()
            boxes, classes, scores, count = (engine.get_tensor(o["index"])[0] for o in outputs)
            found = [(boxes[i] * (HEIGHT, WIDTH, HEIGHT, WIDTH), int(classes[i]), float(scores[i])) for i in range(int(count)) if scores[i] >= 0.5]
            took.append(time.perf_counter() - begun)
            last[0] = (stamp, found)

    thread = threading.Thread(target=look)
    thread.start()
    played, drawn_of, begun = 0, None, time.perf_counter()
    while played < frames:
        data = sys.stdin.buffer.read(WIDTH * HEIGHT * 3)
        if len(data) < WIDTH * HEIGHT * 3:
            break
        stamp = time.perf_counter()
        picture = Image.frombytes("RGB", (WIDTH, HEIGHT), data)
        with condition:
            newest[0] = (stamp, picture.copy())
            condition.notify()
        pen = ImageDraw.Draw(picture)
        if last[0]:
            for (top, left, bottom, right), index, score in last[0][1]:
                pen.rectangle((left, top, right, bottom), outline=(255, 128, 0))
                text = f"{labels[index]} ({int(100 * score)}%)"
                pen.rectangle((left, top - 11, *pen.textbbox((left, top - 11), text)[2:]), fill=(125, 175, 75))
                pen.text((left, top - 11), text)
            if drawn_of != last[0][0]:
                drawn_of = last[0][0]
                seen.append(time.perf_counter() - drawn_of)
        played += 1
    seconds = time.perf_counter() - begun
    with condition:
        newest[0] = (0, None)
        condition.notify()
    thread.join()
    print(f"{played / seconds} {len(took) / seconds} {1000 * statistics.median(took)} {1000 * statistics.median(seen)}", file=sys.stderr)


def feed(pipe, film, frames):
    """As a camera gives them; a frame that is not taken in time delays the next one."""
    begun, size = time.monotonic(), WIDTH * HEIGHT * 3
    try:
        for i in range(frames):
            time.sleep(max(0, begun + i / FPS - time.monotonic()))
            at = i * size % len(film)
            pipe.write(film[at:at + size])
            pipe.flush()
        pipe.close()
    except BrokenPipeError:
        pass


def theirs(film, frames):
    reading, writing = os.pipe()
    pipe = os.fdopen(writing, "wb")
    thread = threading.Thread(target=feed, args=(pipe, film, frames + 60), daemon=True)
    thread.start()
    with os.fdopen(reading, "rb") as given:
        said, cpu, rss = measured([sys.executable, __file__, "--python", "--frames", str(frames)], stdin=given)
    playback, detection, ms, overlay = (float(x) for x in said.strip().split("\n")[-1].split())
    return {"playback FPS": playback, "detection FPS": detection, "detection ms": ms, "FPS that the detector would do": 1000 / ms,
            "ms glass to overlay, median": overlay, "CPU ms a frame": 1000 * cpu / frames, "peak RSS, MiB": rss}


def make_film(program):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "watch", "test", "--fps", "0", "--frames", "150", "--plain", "--threshold", "1", "--quiet", "--output", f"{folder}/.ppm"], check=True)
        return b"".join(p.read_bytes()[-WIDTH * HEIGHT * 3:] for p in sorted(pathlib.Path(folder).iterdir()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip-python", action="store_true")
    parser.add_argument("--program", default=str(ROOT / "build/corallite"))
    parser.add_argument("--python", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.python:
        python_program(args.frames)
        return
    film = None if args.skip_python else make_film(args.program)
    folder = tempfile.TemporaryDirectory()
    ways = {"ours, web page": lambda: ours(args.program, args.frames, "--display", "web", "--port", "8471"),
            "ours, film": lambda: ours(args.program, args.frames, "--output", f"{folder.name}/film.mkv")}
    if film:
        ways["Python, LiteRT"] = lambda: theirs(film, args.frames)
    results = {name: [] for name in ways}
    for _ in range(args.rounds):
        for name, way in ways.items():
            results[name].append(way())
    names = list(results["ours, web page"][0])
    print("| | " + " | ".join(results) + " |")
    print("|---" * (len(results) + 1) + "|")
    for name in names:
        cells = [f"{statistics.median(r[name] for r in rounds):.1f}" if name in rounds[0] else "" for rounds in results.values()]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
