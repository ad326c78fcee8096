#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stick in software on a real bus: stick.py --bin DIR, in the machine of tools/vm.py with the module vhci-hcd and udev.

tests/sim/usbip_stick stands behind the kernel's USB/IP. lsusb, udev and libusb see it; it takes firmware and comes back as another device; a program
classifies on it, and goes on without it where it is pulled out.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/cli"), str(ROOT / "tests/sim")]
import counting  # noqa: E402
from counting import check  # noqa: E402
from firmware import forged  # noqa: E402

LIMIT = 150  # s: all is emulated
BOOTS, READY = "1a6e:089a", "18d1:9302"


def until(what, seconds=LIMIT):
    return counting.until(what, seconds)


class Stick:
    def __init__(self, build, folder):
        self.path = folder / "stick"
        with open(self.path, "w", encoding="utf-8") as said:
            self.server = subprocess.Popen([build / "tests/sim/usbip_stick", folder / "signs_edgetpu.tflite", folder / "signs.tflite"], stdout=said, stderr=said)
        until(lambda: "listening" in self.text())

    def text(self):
        return self.path.read_text()

    def plug_in(self):
        run = subprocess.run(["usbip", "attach", "-r", "127.0.0.1", "-b", "1-1"], capture_output=True, text=True)
        check(run.returncode == 0, "attach: %s%s" % (run.stdout, run.stderr))
        check(until(lambda: on_bus(BOOTS)), "it is not on the bus: %s" % self.text())

    def pull_out(self):
        self.server.send_signal(signal.SIGUSR1)
        check(until(lambda: not on_bus(BOOTS) and not on_bus(READY)), "it is still on the bus")


def on_bus(what):
    return subprocess.run(["lsusb", "-d", what], stdout=subprocess.DEVNULL).returncode == 0


def run(program, *arguments, **environment):
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=LIMIT, env=dict(os.environ, **environment))


def check_bus(program, stick):
    stick.plug_in()
    seen = subprocess.run(["lsusb", "-v", "-d", BOOTS], capture_output=True, text=True).stdout
    check("Device Firmware Upgrade" in seen or "bInterfaceClass       254" in seen, "lsusb: %s" % seen[-600:])
    done = run(program, "devices", "--json")
    found = json.loads(done.stdout or "[]")
    check(len(found) == 1 and found[0]["id"] == BOOTS and found[0]["access"] == "usable", "devices: %s %s" % (done.stdout, done.stderr))


def check_answers(program, folder):
    picture = str(ROOT / "examples/scene_1.jpg")
    done = run(program, "classify", "-m", str(folder / "signs_edgetpu.tflite@usb:0"), "--json", picture, CRL_FIRMWARE=str(folder / "nowhere"))
    check(done.stderr.count("\n") == 1 and str(folder / "nowhere") in done.stderr, "without firmware: %d %s" % (done.returncode, done.stderr))
    here = run(program, "classify", "-m", str(folder / "signs.tflite"), "--arithmetic", "edgetpu", "--json", picture)
    there = run(program, "classify", "-m", str(folder / "signs_edgetpu.tflite@usb:0"), "--json", picture, CRL_FIRMWARE=str(folder / "firmware"))
    late = "a frame took edgetpu" in there.stderr # the stick is software, and others may have the processor
    check(there.returncode == 0 and (late or not there.stderr), "classify on the stick: %d %s" % (there.returncode, there.stderr))
    check(there.stdout == here.stdout and there.stdout, "the stick says %s, the processor %s" % (there.stdout, here.stdout))
    check(on_bus(READY), "it did not come back as another device")
    again = run(program, "classify", "-m", str(folder / "signs_edgetpu.tflite"), "--backend", "edgetpu", "--json", picture)
    check(again.returncode == 0 and again.stdout == here.stdout, "with firmware already: %d %s" % (again.returncode, again.stderr))


def check_unplugged(program, folder, stick):
    """Pulled out in the middle: it is said, frames go on, and it is back when it is plugged in again."""
    lines, said = folder / "lines", folder / "said"
    with open(lines, "w") as out, open(said, "w") as err:
        watching = subprocess.Popen([program, "watch", "test", "--fps", "2", "--width", "64", "--height", "48", "--json", "--quiet", "--model", str(folder / "signs_edgetpu.tflite")],
                                    stdout=out, stderr=err, env=dict(os.environ, CRL_FIRMWARE=str(folder / "firmware")))
        count = lambda: lines.read_text().count("\n")
        check(until(lambda: count() >= 3), "no frames: %s" % said.read_text())
        stick.pull_out()
        check(until(lambda: "until edgetpu is back" in said.read_text()), "that it has gone is not said: %s" % said.read_text())
        before = count()
        check(until(lambda: count() >= before + 3), "no frames without it")
        stick.plug_in()
        check(until(lambda: "edgetpu is back" in said.read_text().split("until", 1)[-1]), "it does not come back: %s %s" % (said.read_text(), stick.text()))
        before = count()
        check(until(lambda: count() >= before + 3), "no frames with it again")
        watching.terminate()
        check(watching.wait(LIMIT) == 0, "it ended with %d" % watching.returncode)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    build, folder = pathlib.Path(args.bin).resolve(), pathlib.Path("/tmp/stick")
    folder.mkdir()
    program = str(build / "corallite")
    shutil.copy(ROOT / "models/signs_classifier.tflite", folder / "signs.tflite")
    subprocess.run([build / "tests/sim/pretend", folder / "signs.tflite", folder / "signs_edgetpu.tflite"], check=True)
    (folder / "firmware").write_bytes(forged())
    stick = Stick(build, folder)
    for one, arguments in ((check_bus, (stick,)), (check_answers, (folder,)), (check_unplugged, (folder, stick))):
        begun = time.monotonic()
        one(program, *arguments)
        print("%s: %.1f s" % (one.__name__, time.monotonic() - begun), flush=True)
    stick.server.kill()
    lines = [line for line in stick.text().splitlines() if line.startswith("out:")]
    check(all(";" not in line for line in lines), "rules were broken: %s" % lines)
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
