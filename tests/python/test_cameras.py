# SPDX-License-Identifier: Apache-2.0
"""Camera programs as they are published, unchanged: they import cv2 and edgetpu, and end when the pictures do.

They are cut out of the text that has them, seed-document.txt beside the public Coral test set, and run with OpenCV, of which a stand-in
replaces the camera, the window and the keyboard. It writes down what is drawn, which has to be what `corallite detect` finds.
"""
import importlib.util
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from coral import Base, Image, environment, program, run
from helpers import ROOT, TESTDATA, testdata

DOCUMENT = TESTDATA.parent / "seed-document.txt"
PICTURES = ["images/cat.bmp", "images/kite_and_cold.jpg", "images/grace_hopper.bmp"]

# Before the program: in every process that it starts. The camera shows each picture a while; then it has no more, and Q is pressed.
STAND_IN = '''
import json, os, time
try:
    import cv2
except ImportError:
    cv2 = None

class Camera:
    """Each picture once, then none; with HOLD each for so many seconds, the first one after something was drawn, and then Q is pressed."""

    def __init__(self, number):
        self.frames = [cv2.imread(p) for p in json.loads(os.environ["PICTURES"])]
        self.hold = float(os.environ.get("HOLD", 0))
        self.settings, self.since = {}, time.monotonic()

    def set(self, what, value):
        self.settings[what] = value
        return True

    def read(self):
        global shown, pressed
        if not self.hold:
            shown += 1
        else:
            time.sleep(0.01)
            now = time.monotonic()
            since = max(self.since, drawn_first or now) if shown == 0 else self.since
            if shown < 0 or (now - since > self.hold and shown + 1 < len(self.frames)):
                shown, self.since = shown + 1, now
            elif now - since > self.hold:
                pressed = True
        if shown >= len(self.frames):
            return False, None
        return True, self.frames[shown].copy()

def note(kind, *what):
    with open(os.environ["NOTES"], "a") as f:
        f.write(json.dumps([kind, shown, *what]) + "\\n")

def rectangle(image, a, b, color, thickness=1, *more):
    global drawn_first
    if thickness >= 0:
        drawn_first = drawn_first or time.monotonic()
        note("box", list(a) + list(b))
    return drawn(image, a, b, color, thickness, *more)

def put_text(image, text, *more):
    if text.endswith("%)"):
        note("label", text)
    return written(image, text, *more)

def wait_key(delay):
    note("key", pressed)
    return ord("q") if pressed else -1

if cv2 and os.environ.get("NOTES"):
    shown, pressed, drawn_first = -1, False, None
    drawn, written = cv2.rectangle, cv2.putText
    cv2.VideoCapture, cv2.rectangle, cv2.putText, cv2.waitKey = Camera, rectangle, put_text, wait_key
    cv2.namedWindow = cv2.imshow = lambda *args: None
'''


def programs():
    """The Python programs in the document that open a camera: {name in its commands: text}."""
    if not DOCUMENT.exists():
        raise unittest.SkipTest("not there: {}".format(DOCUMENT))
    text = DOCUMENT.read_text(encoding="utf-8")
    names = re.findall(r"`python3 (cam_\w+\.py)`", text)
    found = [block for block in re.findall(r"^```python\n(.*?)^```", text, re.S | re.M) if "VideoCapture" in block]
    return dict(zip(names, found))


class Cameras(Base):
    @classmethod
    def setUpClass(cls):
        if importlib.util.find_spec("cv2") is None:
            raise unittest.SkipTest("OpenCV is not installed for this Python")
        cls.programs = programs()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.model = testdata("models/coco_ssd_mobilenet_v1_1.0_quant.tflite")
        names = pathlib.Path(testdata("labels/coco_labels.txt")).read_text().splitlines()
        self.names = names
        (self.folder / "labels.txt").write_text("".join("%d  %s\n" % (i, n or "none") for i, n in enumerate(names)))
        (self.folder / "sitecustomize.py").write_text(STAND_IN)
        self.pictures = []
        for i, name in enumerate(PICTURES):
            path = str(self.folder / ("%d.png" % i))
            Image.open(testdata(name)).convert("RGB").resize((320, 240), Image.BILINEAR).save(path)
            self.pictures.append(path)
        self.notes = self.folder / "notes"
        self.notes.write_text("")

    def start(self, name, **how):
        path = self.folder / name
        path.write_text(self.programs[name], encoding="utf-8")
        before = os.environ.get("PYTHONPATH")
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(self.folder), str(ROOT / "python")] + [before] * bool(before)),
               "PYTHONUNBUFFERED": "1", "PICTURES": json.dumps(self.pictures), "NOTES": str(self.notes), **how}
        with environment():
            return subprocess.Popen([sys.executable, str(path), "--model", self.model, "--label", str(self.folder / "labels.txt")], env=env,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)

    def read_notes(self):
        return [json.loads(line) for line in self.notes.read_text().splitlines()]

    def expected(self):
        """What the program says of each picture: sets of (box, text)."""
        told = json.loads(run([program(), "detect", "--model", self.model, "--json", "--threshold", "0.5", "--resample", "nearest",
                               "--keep-aspect-ratio", *self.pictures]).stdout)
        return [[([int(v) for v in r["box"]], "%s (%d%%)" % (self.names[r["index"]], int(r["score"] * 100)))
                 for r in picture["results"] if r["score"] > 0.5]  # the program keeps what is at the threshold, too
                for picture in told]

    def assert_same(self, found, told, picture):
        self.assertEqual([text for _, text in found], [text for _, text in told], picture)
        for (a, _), (b, _) in zip(found, told):
            self.assertLessEqual(max(abs(min(max(x, 0), edge) - y) for x, y, edge in zip(a, b, (320, 240, 320, 240))), 1, (picture, a, b))

    def drawn(self, notes):
        """Boxes with their texts, in the order in which they were drawn."""
        boxes = [n[2] for n in notes if n[0] == "box"]
        return list(zip(boxes, [n[2] for n in notes if n[0] == "label"]))

    def test_sync(self):
        process = self.start("cam_detect_sync.py")
        out, err = process.communicate(timeout=120)
        self.assertEqual((process.returncode, err), (0, ""))
        self.assertRegex(out, r"^(\d+\.\d+(e-\d+)? sec\n){3}$")
        notes, expected = self.read_notes(), self.expected()
        self.assertGreater(sum(map(len, expected)), 1)
        for i, told in enumerate(expected):
            self.assert_same(self.drawn([n for n in notes if n[1] == i]), told, PICTURES[i])

    def test_async(self):
        """Its first process leaves on Q, its last one on Ctrl-C, as in front of a screen. Results are those of a frame before, so that
        what is drawn last over each picture counts."""
        process = self.start("cam_detect_async.py", HOLD="1.5")
        try:
            until = time.monotonic() + 120
            while '"key", 2, true' not in self.notes.read_text() and time.monotonic() < until and process.poll() is None:
                time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
        self.assertIn("KeyboardInterrupt", err)
        self.assertEqual(err.count("Traceback"), 1, err)
        self.assertRegex(out, r"\d+\.\d+(e-\d+)? sec\n")
        notes, expected = self.read_notes(), self.expected()
        shown = []
        for note in notes:  # what was drawn between two keys
            if note[0] == "key":
                shown.append([])
            elif shown:
                shown[-1].append(note)
        for i, told in enumerate(expected):
            if told:
                at_last = [n for n in shown if n and n[0][1] == i][-1]
                self.assert_same(self.drawn(at_last), told, PICTURES[i])


if __name__ == "__main__":
    unittest.main()
