#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs what the pages show: run_docs.py PROGRAM ROOT

Every line of a page that calls corallite is typed in a folder of its own, in the order of the page. The models and pictures that pages speak of are not in the tree: those
of the tree stand in for them. What needs a camera, a stick, a network or a model of a kind that the tree has none of is listed below, with the reason; all others
have to work.
"""
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

NOT_HERE = [
    (r"sudo |\bdoctor\b|\bdevices\b|@usb:|CRL_TPU_CLOCK", "a stick"),
    (r"_edgetpu\.tflite|compile (dense|mine)\.tflite", "a compiled model, or one that can be compiled"),
    (r"models +get|rtsp://", "a network"),
    (r"watch +(0|--output|#|$)|--from-watch|holiday\.mkv|rpicam|watch - ", "a camera, or a film"),
    (r"--display web|--serve", "a browser"),
    (r"corallite +serve\b", "somebody who asks"),  # and it would not end
    (r"segment|pose|birds_float|float\.tflite|edit +--quantised-io", "a model of that kind"),
    (r"^LD_LIBRARY_PATH=", "another program"),
    (r" /usr/share/", "an installed package"),
]
SHOWN = re.compile(r"^    (?:\$ )?(?:build/)?((?:[\w-]+=\S+ +)*(?:sudo )?corallite +\S.*|LD_LIBRARY_PATH\S+ +\./program\S+)$", re.MULTILINE)
CONTINUED = re.compile(r"\\\n +")


def reason_for(command):
    return next((reason for words, reason in NOT_HERE if re.search(words, command)), None)


def picture(seed):
    """A BMP of 32 x 32 pixels that no other seed has."""
    pixels = random.Random(seed).randbytes(32 * 32 * 3)
    return b"BM" + struct.pack("<IIIIiiHHIIIIII", 54 + len(pixels), 0, 54, 40, 32, 32, 1, 24, 0, len(pixels), 2835, 2835, 0, 0) + pixels


class Place:
    """A home with what the pages speak of."""

    def __init__(self, folder, program, root):
        self.folder, self.root = pathlib.Path(folder), root
        self.shelf = self.folder / ".local" / "share" / "corallite" / "models"
        self.shelf.mkdir(parents=True)
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "corallite").symlink_to(program)
        self.environment = {**os.environ, "HOME": str(folder), "PATH": f"{folder}/bin:{os.environ['PATH']}"}
        self.environment.pop("XDG_DATA_HOME", None)

    def stand_in(self, path, kind):
        if path.exists():
            return
        if kind == "npy":
            header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 128, 128, 3), }".ljust(117) + "\n"
            path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(128 * 128 * 3))
        elif kind == "folder":
            classes = {"flowers": ("rose", "tulip"), "more": ("daisy", "tulip")}.get(path.name, (".",))
            for name in classes:
                (path / name).mkdir(parents=True, exist_ok=True)
                for i in range(1, 5):
                    (path / name / f"{path.name}_{i}.bmp").write_bytes(picture(f"{name} {path.name} {i}"))
        else:
            detector = re.search(r"coco|ssd|detect", path.name)
            shutil.copy(self.root / {"tflite": f"models/signs_{'detector' if detector else 'classifier'}.tflite", "txt": "models/signs_labels.txt",
                                     "picture": "examples/scene_1.jpg"}[kind], path)

    def prepare(self, command):
        """What the command reads; what it writes stands behind an option that says so."""
        words = re.sub(r"(-o|--output|--html|--state|--forget|--output-dir) +\S+", "", command.split("#")[0]).split()
        for word in words[1:]:
            word = word.partition("=")[2] if re.match(r"\d+=", word) else word
            path = self.folder / word.removeprefix("~/")
            kind = next((kind for ends, kind in ((".tflite", "tflite"), (".txt", "txt"), (".npy", "npy"), ("/", "folder"), (".jpg", "picture"), (".bmp", "picture"))
                         if word.endswith(ends)), None)
            if kind:
                self.stand_in(path, kind)
            elif re.fullmatch(r"mobilenet_v2_\S*quant", word):
                self.stand_in(self.shelf / f"{word}.tflite", "tflite")

    def run(self, command):
        self.prepare(command)
        if " watch " in f" {command}":
            command = re.sub(r"( #.*|)$", r" --frames 3\1", command, count=1)
        return command, subprocess.run(["sh", "-c", command], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                       errors="replace", timeout=120, check=False)


def main():
    program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    passed = failed = 0
    left = {}
    for page in [root / "README.md", *sorted(root.glob("docs/**/*.md")), *sorted(root.glob("*/README.md"))]:
        with tempfile.TemporaryDirectory() as folder:
            place = Place(folder, program, root)
            for command in SHOWN.findall(CONTINUED.sub(" ", page.read_text(encoding="utf-8"))):
                reason = reason_for(command)
                if reason:
                    left[reason] = left.get(reason, 0) + 1
                    continue
                typed, done = place.run(command)
                good = done.returncode == 0 or (done.returncode == 4 and "check" in command)
                passed, failed = passed + good, failed + (not good)
                if not good:
                    print(f"FAIL {page.relative_to(root)}: {typed}\n     exit code {done.returncode}: {done.stderr.strip()[-300:]}")
    print("not run, for want of " + ", ".join(f"{reason}: {n}" for reason, n in left.items()))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
