#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is under a privacy mask comes out nowhere: masks.py --bin DIR [--modules gst,rtsp,web]

The scene is watched through a mask; every sink that shows pictures is read.
"""
import argparse
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import counting
import web

X0, Y0, X1, Y1 = 0.25, 0.1, 0.75, 0.6


def brightest(picture):
    """The largest value under the mask, its edge left out, and the mean beside it, of a picture (width, height, RGB)."""
    width, height, data = picture
    inside, outside = 0, []
    for y in range(height):
        for x in range(width):
            u, v = (x + 0.5) / width, (y + 0.5) / height
            if X0 + 0.02 < u < X1 - 0.02 and Y0 + 0.02 < v < Y1 - 0.02:
                inside = max(inside, max(data[3 * (y * width + x):3 * (y * width + x) + 3]))
            elif u < X0 - 0.05:
                outside.append(data[3 * (y * width + x)])
    return inside, sum(outside) / len(outside)


def check_picture(name, picture, limit):
    inside, outside = brightest(picture)
    counting.check(inside <= limit, "%s shows what is under the mask: %d" % (name, inside))
    counting.check(outside > 50, "%s shows nothing" % name)


def read_ppm(data):
    _, size, _, pixels = data.split(b"\n", 3)
    width, height = map(int, size.split())
    return width, height, pixels


def last_picture(folder):
    with open(os.path.join(folder, max(n for n in os.listdir(folder) if n.endswith(".ppm"))), "rb") as f:
        return read_ppm(f.read())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--modules", default="")
    args = parser.parse_args()
    program, modules = os.path.join(args.bin, "corallite"), args.modules.split(",")
    with tempfile.TemporaryDirectory() as folder:
        areas = os.path.join(folder, "areas.json")
        with open(areas, "w", encoding="utf-8") as f:
            json.dump({"masks": [{"points": [[X0, Y0], [X1, Y0], [X1, Y1], [X0, Y1]]}]}, f)
        watched = [program, "watch", "test", "--quiet", "--plain", "--threshold", "1", "--areas", areas]

        def plain(*command):
            subprocess.run(command, check=True, stderr=subprocess.PIPE)

        plain(*watched, "--fps", "0", "--frames", "20", "--output", folder + "/files/.ppm")
        check_picture("a file", last_picture(folder + "/files"), 0)
        run = subprocess.run([*watched, "--fps", "0", "--frames", "1", "--display", "terminal:kitty"], check=True, stdout=subprocess.PIPE)
        pieces = re.findall(rb"\033_G[^;]*;([^\033]*)\033\\", run.stdout)
        check_picture("a terminal", (320, 240, b"".join(base64.b64decode(p) for p in pieces)), 0)
        if "gst" in modules:
            plain(*watched, "--frames", "20", "--output", folder + "/film.mkv")
            plain(program, "watch", folder + "/film.mkv", "--fps", "0", "--quiet", "--plain", "--threshold", "1", "--output", folder + "/film/.ppm")
            check_picture("a film", last_picture(folder + "/film"), 24)
        if "rtsp" in modules:
            url = "rtsp://127.0.0.1:%d/live" % counting.free_port()
            run = subprocess.Popen([*watched, "--output", url])
            time.sleep(1)
            plain(program, "watch", url, "--frames", "5", "--quiet", "--plain", "--threshold", "1", "--output", folder + "/rtsp/.ppm")
            run.terminate()
            run.wait()
            check_picture("RTSP", last_picture(folder + "/rtsp"), 24)
        if "web" in modules:
            w = web.Watch(program, *watched[3:])
            os.mkdir(folder + "/web")
            with open(folder + "/web/1.jpg", "wb") as f:
                f.write(w.get("snapshot.jpg")[2])
            w.end()
            plain(program, "watch", folder + "/web", "--quiet", "--plain", "--threshold", "1", "--output", folder + "/web/.ppm")
            check_picture("a page", last_picture(folder + "/web"), 24)
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
