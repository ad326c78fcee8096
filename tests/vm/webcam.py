#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A camera that gives JPEG, as most on USB do, behind the kernel's own driver for them: webcam.py --bin DIR, in the machine of tools/vm.py with the
modules vhci-hcd and uvcvideo.

The camera is in software, behind USB/IP: a Video Class device whose frames are the test scene's, compressed. It is watched, asked for pixels that it
does not give, sends frames that are broken, is pulled out and comes back.

Sources  USB Device Class Definition for Video Devices 1.1, chapters 3 and 4, and its "Motion-JPEG" payload; Linux' Documentation/usb/usbip_protocol.rst
"""
import argparse
import collections
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import counting  # noqa: E402
from counting import check  # noqa: E402

LIMIT = 300  # s: all is emulated, and the host may be busy
WIDTH, HEIGHT, FPS = 320, 240, 5
FRAMES = pathlib.Path("/tmp/frames")
PAYLOAD = 16384 # bytes of a transfer, as many as the driver asks for at once


def until(what, seconds=LIMIT):
    return counting.until(what, seconds)


# ---- the camera ----

def descriptor(kind, *parts):
    body = b"".join(parts)
    return bytes([2 + len(body), kind]) + body


def device():
    return descriptor(1, struct.pack("<HBBBBHHHBBBB", 0x200, 0xEF, 2, 1, 64, 0x1D6B, 0x0102, 0x100, 1, 2, 0, 1))


def configuration():
    """Video control with a camera and a stream out of it, which is one of JPEG by bulk transfers."""
    terminals = (descriptor(0x24, struct.pack("<BBHBBHHHB3x", 2, 1, 0x0201, 0, 0, 0, 0, 0, 3))
                 + descriptor(0x24, struct.pack("<BBHBBB", 3, 2, 0x0101, 0, 1, 0)))
    control = descriptor(0x24, struct.pack("<BHHIBB", 1, 0x100, 13 + len(terminals), 48000000, 1, 1)) + terminals
    formats = (descriptor(0x24, struct.pack("<BBBBBBBBB", 6, 1, 1, 1, 1, 0, 0, 0, 0))
               + descriptor(0x24, struct.pack("<BBBHHIIIIBI", 7, 1, 0, WIDTH, HEIGHT, 1000000, 8000000, 1 << 18, 10000000 // FPS, 1, 10000000 // FPS)))
    stream = descriptor(0x24, struct.pack("<BBHBBBBBBBB", 1, 1, 14 + len(formats), 0x81, 0, 2, 0, 0, 0, 1, 0)) + formats
    rest = (descriptor(11, bytes([0, 2, 0x0E, 3, 0, 0])) + descriptor(4, bytes([0, 0, 0, 0x0E, 1, 0, 0])) + control
            + descriptor(4, bytes([1, 0, 1, 0x0E, 2, 0, 0])) + stream + descriptor(5, struct.pack("<BBHB", 0x81, 2, 512, 0)))
    return descriptor(2, struct.pack("<HBBBBB", 9 + len(rest), 2, 1, 0, 0x80, 250)) + rest


def text_of(index):
    words = {1: "Corallite", 2: "Camera of the tests"}
    return descriptor(3, words[index].encode("utf-16-le") if index else struct.pack("<H", 0x409))


class Camera(threading.Thread):
    """The device at the other end of a socket of the kernel's."""

    def __init__(self, frames):
        super().__init__(daemon=True)
        self.frames, self.sent, self.wanted, self.over = frames, 0, collections.deque(), False
        self.event, self.writing = threading.Condition(), threading.Lock()
        self.ours, theirs = socket.socketpair()
        pathlib.Path("/sys/devices/platform/vhci_hcd.0/attach").write_text("0 %d 65538 3" % theirs.fileno())
        theirs.close()
        self.start()
        threading.Thread(target=self.stream, daemon=True).start()

    def pull_out(self):
        self.over = True
        self.ours.shutdown(socket.SHUT_RDWR)

    def answer(self, sequence, status, data=b"", taken=0):
        with self.writing:
            self.ours.sendall(struct.pack(">IIIIIiIIII8x", 3, sequence, 0, 0, 0, status, len(data) or taken, 0, 0, 0) + data)

    def standard(self, kind, request, value):
        """What is read, None: it cannot be."""
        if kind == 0x80 and request == 6:
            which = {1: device, 2: configuration, 3: lambda: text_of(value & 255)}.get(value >> 8)
            return which() if which else None
        return b"\0\0" if request == 0 else b"" if request in (1, 9, 11) else None

    def video(self, request, value):
        """Probe and commit: there is nothing to choose."""
        if value >> 8 not in (1, 2):
            return None
        return struct.pack("<HBBI10xII", 0, 1, 1, 10000000 // FPS, 1 << 18, PAYLOAD) if request >= 0x81 else b""

    def control(self, sequence, setup, length):
        kind, request, value = struct.unpack("<BBH", setup[:4])
        data = self.video(request, value) if kind & 0x60 else self.standard(kind, request, value)
        if data is None:
            self.answer(sequence, -32)
        elif kind & 0x80:
            self.answer(sequence, 0, data[:length])
        else:
            self.answer(sequence, 0, taken=length)

    def run(self):
        with self.ours.makefile("rb") as incoming:
            while len(head := incoming.read(48)) == 48:
                command, sequence, _, direction, endpoint, flags, length = struct.unpack(">7I", head[:28])
                if command == 2: # UNLINK; what stands for the flags is which one
                    with self.event:
                        waits = flags in self.wanted
                        if waits:
                            self.wanted.remove(flags)
                    with self.writing:
                        self.ours.sendall(struct.pack(">IIIIIi24x", 4, sequence, 0, 0, 0, -104 if waits else 0))
                elif endpoint == 0:
                    if not direction:
                        incoming.read(length)
                    self.control(sequence, head[40:], length)
                else:
                    with self.event:
                        self.wanted.append(sequence)
                        self.event.notify()

    def stream(self):
        """Frames in pieces, each with a head that says to which of two in turn it belongs, and whether it is the last of it."""
        while not self.over:
            frame, size = self.frames[self.sent % len(self.frames)], PAYLOAD - 2
            for at in range(0, len(frame), size):
                with self.event:
                    while not self.wanted and not self.over:
                        self.event.wait(1)
                    if self.over:
                        return
                    sequence = self.wanted.popleft()
                head = bytes([2, 0x80 | self.sent & 1 | (2 if at + size >= len(frame) else 0)])
                try:
                    self.answer(sequence, 0, head + frame[at:at + size])
                except OSError:
                    return
            self.sent += 1
            time.sleep(1 / FPS)


# ---- what is watched ----

def watch(program, *arguments):
    return subprocess.run([program, "watch", *arguments], capture_output=True, text=True, timeout=LIMIT)


def lines_of(text):
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def labels_of(lines):
    return [{r["label"] for r in line["results"]} for line in lines]


def there_are():
    return sorted(str(path) for path in pathlib.Path("/dev").glob("video*"))


def plug_in(frames):
    camera = Camera(frames)
    check(until(there_are), "the kernel sees no camera")
    time.sleep(2) # udev opens it, too
    return camera


def check_jpeg(program, frames):
    camera = plug_in(frames[:1])
    still = labels_of(lines_of(watch(program, str(FRAMES / "still"), "--json", "--quiet").stdout))
    run = watch(program, "/dev/video0", "--frames", "4", "--mode", "sync", "--json", "--quiet")
    seen = lines_of(run.stdout)
    check(run.returncode == 0 and [s["frame"] for s in seen] == [0, 1, 2, 3], "JPEG: %d %s %s" % (run.returncode, run.stdout, run.stderr))
    check(still and still[0] and labels_of(seen)[-1:] == still[:1], "in the camera's frames there is %s, in the picture %s" % (labels_of(seen), still))
    run = watch(program, "/dev/video0", "--format", "nv12", "--frames", "1")
    check(run.returncode == 1 and "it does not give the pixels of --format, but image/jpeg" in run.stderr and run.stderr.count("\n") == 1, "pixels: %d %s" % (run.returncode, run.stderr))
    return camera


def check_broken(program, frames):
    """Frames of which the cable ate a part are left out, or what is left of them is shown; the rest goes on."""
    camera = plug_in([frames[0], frames[1][:len(frames[1]) // 2], frames[2], b"\xff\xd8no JPEG at all"])
    run = watch(program, "/dev/video0", "--frames", "8", "--mode", "sync", "--json", "--quiet")
    check(run.returncode == 0 and len(lines_of(run.stdout)) == 8, "broken frames: %d, %d lines, %s" % (run.returncode, len(lines_of(run.stdout)), run.stderr))
    return camera


def check_return(program, frames):
    """GStreamer keeps the old device open, so that it comes back by another number."""
    camera = plug_in(frames)
    with open("/tmp/lines", "w+", encoding="utf-8") as out, open("/tmp/said", "w+", encoding="utf-8") as said:
        run = subprocess.Popen([program, "watch", "/dev/video0", "--json", "--quiet"], stdout=out, stderr=said)
        text = lambda name: pathlib.Path(name).read_text()
        check(until(lambda: len(lines_of(text("/tmp/lines"))) >= 3), "no frames come: %s" % text("/tmp/said"))
        camera.pull_out()
        check(until(lambda: "it is tried again until it is back" in text("/tmp/said")), "that it has gone is not said: %s" % text("/tmp/said"))
        check(until(lambda: not os.path.exists("/dev/video0")) and run.poll() is None, "it ended when the camera went")
        before = len(lines_of(text("/tmp/lines")))
        camera = plug_in(frames)
        check(until(lambda: "frames come again" in text("/tmp/said")), "it does not come back: %s" % text("/tmp/said"))
        check(until(lambda: len(lines_of(text("/tmp/lines"))) >= before + 3), "no frames come after that")
        run.send_signal(signal.SIGTERM)
        check(run.wait(timeout=LIMIT) == 0, "it ended with %d" % run.returncode)
    return camera


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--match", default="", help="part of the name of a check")
    args = parser.parse_args()
    program = os.path.abspath(os.path.join(args.bin, "corallite"))
    os.environ.update(GST_REGISTRY="/scratch/gstreamer-registry", GST_REGISTRY_UPDATE="no")  # run.py has made it
    watch(program, "test", "--fps", "0", "--frames", "4", "--plain", "--threshold", "1", "--quiet", "--output", str(FRAMES) + "/")
    pictures = sorted(FRAMES.glob("*.jpg"))
    frames = [p.read_bytes() for p in pictures]
    for copy in range(4): # a thing that is tracked is there from the second time on
        (FRAMES / "still").mkdir(exist_ok=True)
        (FRAMES / "still" / ("%d.jpg" % copy)).write_bytes(frames[0])
    for one in (check_jpeg, check_broken, check_return):
        begun = time.monotonic()
        if args.match not in one.__name__:
            continue
        camera = one(program, frames)
        print("%s: %.1f s" % (one.__name__, time.monotonic() - begun), flush=True)
        camera.pull_out()
        check(until(lambda: not there_are()), "the kernel still sees the camera: %s" % there_are())
        time.sleep(1)
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
