#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Watching in a terminal: terminal.py --bin DIR [--keep FOLDER]

The program writes to a pseudoterminal of a known size; what arrives is read as a terminal would read it, and compared with the picture that was
written to a file. --keep leaves what a terminal would show as PPM files.
"""
import argparse
import base64
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios

import counting
from counting import check

COLUMNS, ROWS = 100, 31

def watch(program, how, folder, *more):
    """What the terminal got, and the picture."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 10 * COLUMNS, 20 * ROWS))
    run = subprocess.Popen([program, "watch", "test", "--fps", "0", "--quiet", "--display", how, "--output", folder + "/.ppm", *more], stdout=slave)
    os.close(slave)
    data = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError: # the other end is closed
            break
        if not piece:
            break
        data += piece
    os.close(master)
    check(run.wait() == 0, "%s: it ended with %d" % (how, run.returncode))
    return data, read_ppm(os.path.join(folder, max(os.listdir(folder))))


def read_ppm(path):
    with open(path, "rb") as f:
        _, size, _ = f.readline(), f.readline(), f.readline()
        width, height = map(int, size.split())
        return width, height, f.read()


def small(picture, width, height):
    """The picture in another size, by the mean of what each pixel covers."""
    w, h, data = picture
    out = bytearray()
    for y in range(height):
        rows = range(y * h // height, max(y * h // height + 1, (y + 1) * h // height))
        for x in range(width):
            columns = range(x * w // width, max(x * w // width + 1, (x + 1) * w // width))
            for c in range(3):
                out.append(sum(data[3 * (r * w + k) + c] for r in rows for k in columns) // (len(rows) * len(columns)))
    return width, height, bytes(out)


def difference(a, b):
    return sum(abs(x - y) for x, y in zip(a[2], b[2])) / len(a[2]) if a[:2] == b[:2] else 255


def read_blocks(data):
    """The cells of the screen as two pixels each."""
    screen, at, colours = {}, [0, 0], [(0, 0, 0), (0, 0, 0)]
    for sequence, code, letter, block in re.findall(r"(\033\[([?\d;]*)([A-Za-z]))|(\u2580)", data.decode()):
        if block:
            screen[tuple(at)] = tuple(colours)
            at[1] += 1
        elif letter == "H":
            at = [int(v) - 1 for v in code.split(";")] if code else [0, 0]
        elif letter == "m" and code != "0":
            kind, _, r, g, b = map(int, code.split(";"))
            colours[kind == 48] = (r, g, b)
        elif letter == "J":
            screen = {}
    width, rows = 1 + max(c for _, c in screen), 1 + max(r for r, _ in screen)
    return width, 2 * rows, b"".join(bytes(v for c in range(width) for v in screen[r, c][half]) for r in range(rows) for half in (0, 1))


def read_kitty(data):
    pieces = re.findall(rb"\033_G([^;]*);([^\033]*)\033\\", data)
    first = dict(p.split("=") for p in pieces[0][0].decode().split(","))
    check(all(len(p) <= 4096 for _, p in pieces) and pieces[-1][0].endswith(b"m=0") and all(k.endswith(b"m=1") for k, _ in pieces[:-1]), "kitty: pieces")
    check(int(first["c"]) <= COLUMNS and int(first["r"]) < ROWS, "kitty: %s does not fit" % first)
    return int(first["s"]), int(first["v"]), b"".join(base64.b64decode(p) for _, p in pieces)


def read_sixel(data):
    body = re.search(rb"\033P0;1q(.*?)\033\\", data, re.DOTALL)[1].decode()
    palette, colour, x, top, pixels, size = {}, 0, 0, 0, {}, (0, 0)
    for raster, number, rgb, count, again, bits, sign in re.findall(r'"1;1;(\d+;\d+)|#(\d+)((?:;2;\d+;\d+;\d+)?)|!(\d+)([?-~])|([?-~])|([$-])', body):
        if raster:
            size = tuple(map(int, raster.split(";")))
        elif number:
            colour = int(number)
            if rgb:
                palette[colour] = bytes(int(v) * 255 // 100 for v in rgb.split(";")[2:])
        elif sign:
            x, top = 0, top + 6 * (sign == "-")
        else:
            value = ord(again or bits) - 63
            for _ in range(int(count or 1)):
                for k in range(6):
                    if value >> k & 1:
                        pixels[x, top + k] = palette[colour]
                x += 1
    return size[0], size[1], b"".join(pixels.get((c, r), b"\0\0\0") for r in range(size[1]) for c in range(size[0]))


def keep(folder, name, picture):
    if folder:
        with open(os.path.join(folder, name + ".ppm"), "wb") as f:
            f.write(b"P6\n%d %d\n255\n" % picture[:2] + picture[2])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--keep")
    args = parser.parse_args()
    if not counting.have_terminals():
        return counting.SKIPPED
    program = os.path.join(args.bin, "corallite")
    for how, read in (("blocks", read_blocks), ("kitty", read_kitty), ("sixel", read_sixel)):
        with tempfile.TemporaryDirectory() as folder:
            data, picture = watch(program, "terminal:" + how, folder, "--frames", "1")
        shown = read(data)
        keep(args.keep, how, shown)
        limit = {"blocks": 9, "kitty": 0, "sixel": 6}[how]
        size = (80, 60) if how == "sixel" else shown[:2] # a pattern of few colours: what counts is their mean
        same = difference(small(shown, *size), small(picture, *size))
        check(same <= limit, "%s: %d x %d, its pixels are off by %.1f" % (how, *shown[:2], same))
        check(shown[0] >= 60 and data.startswith(b"\033[?2026h\033[?1049h") and data.endswith(b"\033[?25h\033[?1049l"), "%s: the screen does not come back" % how)
    # Cells that stay as they are, are not written again; what is on the screen is right all the same.
    with tempfile.TemporaryDirectory() as folder:
        data, picture = watch(program, "terminal:blocks", folder, "--frames", "9", "--mode", "sync")
    shown = read_blocks(data)
    check(difference(shown, small(picture, *shown[:2])) <= 10, "nine frames: off by %.1f" % difference(shown, small(picture, *shown[:2])))
    legend = re.sub(rb"\033\[[?\d;]*[A-Za-z]", b"", data.replace("\u2580".encode(), b"")).decode()
    check(re.search(r" first aid \(\d+%\) ", legend) and re.search(r" stop \(\d+%\) ", legend), "no line says what is in the picture: %s" % legend[-200:])
    check(data.count("\u2580".encode()) < 0.8 * 9 * shown[0] * shown[1] / 2, "all cells are written for each frame")
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
