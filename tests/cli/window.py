#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The window of watch, on a screen that is none (Xvfb): window.py --bin DIR [--picture FILE.png]

It shows the picture, and q, Esc and a signal end it; without a screen it says so.
"""
import argparse
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import counting
from counting import check, until


def screen():
    """A server on a display that is free: it picks the number and tells it."""
    reading, writing = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"], pass_fds=[writing],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as f:
        return server, ":" + f.readline().strip()


class KeyEvent(ctypes.Structure):
    """XKeyEvent of Xlib.h, and room for all other kinds of XEvent."""
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
                ("window", ctypes.c_ulong), ("root", ctypes.c_ulong), ("subwindow", ctypes.c_ulong), ("time", ctypes.c_ulong),
                ("x", ctypes.c_int), ("y", ctypes.c_int), ("x_root", ctypes.c_int), ("y_root", ctypes.c_int), ("state", ctypes.c_uint),
                ("keycode", ctypes.c_uint), ("same_screen", ctypes.c_int), ("rest", ctypes.c_long * 24)]


def press(name, key):
    """A key pressed in the one window that there is."""
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XDefaultRootWindow.argtypes, x.XDefaultRootWindow.restype = [ctypes.c_void_p], ctypes.c_ulong
    x.XStringToKeysym.restype = ctypes.c_ulong
    x.XKeysymToKeycode.argtypes, x.XKeysymToKeycode.restype = [ctypes.c_void_p, ctypes.c_ulong], ctypes.c_ubyte
    display = x.XOpenDisplay(name.encode())
    root = x.XDefaultRootWindow(display)
    parent, other, children, n = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
    x.XQueryTree(ctypes.c_void_p(display), ctypes.c_ulong(root), ctypes.byref(other), ctypes.byref(parent), ctypes.byref(children), ctypes.byref(n))
    code = x.XKeysymToKeycode(display, x.XStringToKeysym(key.encode()))
    for i in range(n.value):
        event = KeyEvent(type=2, display=display, window=children[i], root=root, keycode=code, same_screen=1)
        x.XSendEvent(ctypes.c_void_p(display), ctypes.c_ulong(children[i]), 1, ctypes.c_long(1), ctypes.byref(event))
    x.XCloseDisplay(ctypes.c_void_p(display))


def colours(display, path):
    """How many colours the screen shows."""
    subprocess.run(["import", "-display", display, "-window", "root", path], check=True)
    text = subprocess.run(["convert", path, "-format", "%k", "info:"], capture_output=True, text=True, check=True).stdout
    return int(text)


def check_window(program, display, folder, picture):
    env = dict(os.environ, DISPLAY=display, SDL_VIDEODRIVER="x11")
    path = picture or os.path.join(folder, "screen.png")
    for key in ("q", "Escape", None):
        run = subprocess.Popen([program, "watch", "test", "--display", "window", "--quiet"], env=env, stderr=subprocess.PIPE, text=True)
        check(until(lambda: colours(display, path) > 500), "the window shows no picture")
        begun = time.monotonic()
        if key:
            press(display, key)
        else:
            run.send_signal(signal.SIGTERM)
        try:
            code = run.wait(timeout=10)
        except subprocess.TimeoutExpired:
            run.kill()
            code = None
        check(code == 0 and (time.monotonic() - begun < 5 or key), "%s ends it with %s: %s" % (key or "a signal", code, run.stderr.read()))


def check_teaching(program, display, folder):
    """Keys give pictures to classes; q ends it, and the model is written."""
    env = dict(os.environ, DISPLAY=display, SDL_VIDEODRIVER="x11")
    things, said = os.path.join(folder, "things"), os.path.join(folder, "said")
    with open(said, "w", encoding="utf-8") as f:
        run = subprocess.Popen([program, "learn", "imprint", "--from-watch", "test", "--names", "early,late", "-o", os.path.join(folder, "t.tflite"), things],
                               env=env, stderr=f, stdout=subprocess.DEVNULL)
    check(until(lambda: colours(display, os.path.join(folder, "screen.png")) > 500), "the window shows no picture")

    def count(name):
        return len(os.listdir(os.path.join(things, name))) if os.path.isdir(os.path.join(things, name)) else 0

    press(display, "1")
    check(until(lambda: count("early") == 1), "1 does not act")
    press(display, "2")
    check(until(lambda: count("late") == 1), "2 does not act")
    press(display, "7")  # there is no such class
    press(display, "KP_2")
    check(until(lambda: count("late") == 2), "2 of the keypad does not act")
    press(display, "q")
    code = run.wait(timeout=30)
    with open(said, encoding="utf-8") as f:
        text = f.read()
    check(code == 0 and "late has 2 pictures" in text and os.path.exists(os.path.join(folder, "t.tflite")), "it ended with %s: %s" % (code, text))


def main():
    # What SDL's drivers leave behind cannot be named for suppression: they are unloaded when leaks are looked for.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--picture")
    args = parser.parse_args()
    program = os.path.join(args.bin, "corallite")
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}
    run = subprocess.run([program, "watch", "test", "--display", "window", "--frames", "3"], env=env, capture_output=True, text=True)
    check(run.returncode == 3 and run.stderr.count("\n") == 1 and "no window can be opened" in run.stderr and "--display web" in run.stderr,
          "without a screen: %d %s" % (run.returncode, run.stderr))
    for tool in ("Xvfb", "import", "convert"):
        if not shutil.which(tool):
            print("skip there is no %s here" % tool)
            return counting.close(skipped=1)
    server, display = screen()
    try:
        with tempfile.TemporaryDirectory() as folder:
            check_window(program, display, folder, args.picture)
            check_teaching(program, display, folder)
    finally:
        server.terminate()
        server.wait()
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
