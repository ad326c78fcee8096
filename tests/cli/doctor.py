#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""setup and doctor on systems in folders: doctor.py --bin DIR

Each system is what a real one shows below /sys, /dev, /proc and /etc, and a log as kernels write it. What is wrong with it has to be named, and
nothing else.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sim"))
import counting  # noqa: E402
from counting import check  # noqa: E402
from firmware import BYTES, forged  # noqa: E402

BOOT, READY = ("1a6e", "089a"), ("18d1", "9302")
LPM = """\
[  512.101] usb 2-1.4: reset SuperSpeed USB device number 5 using xhci_hcd
[  512.120] usb 2-1.4: Disable of device-initiated U1 failed.
[  513.120] usb 2-1.4: Set SEL for device-initiated U1 failed.
"""
LOADER = "[ 99.1] usb 2-1.4: usbfs: USBDEVFS_CONTROL failed cmd corallite rqt 161 rq 3 len 6 ret -71\n"
LOGS = {
    "the link does not come back": LPM,
    "loader in the stick does not answer": LOADER,
    "does not say what it is": "[ 7.7] usb 2-1.4: device descriptor read/64, error -71\n[ 8.0] usb usb2-port1: unable to enumerate USB device\n",
    "too little power": "[ 7.7] usb usb2-port1: over-current condition\n",
    "controller stopped": "[ 7.7] xhci_hcd 0000:01:00.0: HC died; cleaning up\n",
    "two programs talk": "[ 7.7] usb 2-1.4: usbfs: process 4242 (frigate) did not claim interface 0 before use\n",
    "is reset again and again": "[ 7.7] usb 2-1.4: reset SuperSpeed USB device number 5 using xhci_hcd\n" * 30,
}
HARMLESS = ("[ 1.0] usb 2-1.4: reset SuperSpeed USB device number 5 using xhci_hcd\n" * 3 +
            "[ 2.0] usb 1-2: device descriptor read/64, error -71\n[ 3.0] usb 1-2: Disable of device-initiated U1 failed.\n")


class System:
    """A folder with one stick in good health, of which tests take something away."""

    def __init__(self, folder, identity=READY, speed="5000", buses=((1, "480"), (2, "5000")), bus=2):
        self.root = pathlib.Path(folder)
        for number, rate in buses:
            self.put(f"sys/bus/usb/devices/usb{number}/speed", rate)
        if identity:
            at = f"sys/bus/usb/devices/{bus}-1.4"
            for name, text in ("idVendor", identity[0]), ("idProduct", identity[1]), ("speed", speed), ("busnum", bus), ("devnum", 5):
                self.put(f"{at}/{name}", text)
            self.put(f"dev/bus/usb/{bus:03}/005", "")
        self.node = self.root / f"dev/bus/usb/{bus:03}/005"
        self.put("sys/bus/usb/devices/1-1/idVendor", "046d")
        self.put("sys/bus/usb/devices/1-1/idProduct", "0825")
        self.put("etc/udev/rules.d/99-x.rules", 'ATTRS{idVendor}=="1a6e"\nATTRS{idVendor}=="18d1"')
        self.put("usr/lib/firmware/apex_latest_single_ep.bin", forged())
        self.put("var/log/kern.log", HARMLESS if identity else HARMLESS.splitlines()[0])

    def put(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else f"{text}\n".encode())

    def link(self, name, target):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)


class Bench:
    def __init__(self, build, folder):
        self.folder, self.n = pathlib.Path(folder), 0
        # Somebody else runs it too, to whom the tree's own folder may be closed.
        self.program = shutil.copy(pathlib.Path(build).resolve() / "corallite", self.folder)

    def system(self, **more):
        self.n += 1
        return System(self.folder / str(self.n), **more)

    def run(self, *arguments, **more):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CRL_")}
        done = subprocess.run([self.program, *map(str, arguments)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                              timeout=60, cwd="/", **more)
        return done.returncode, done.stdout, done.stderr

    def doctor(self, system, *more, **how):
        code, out, err = self.run("doctor", "--json", "--root", system.root, *more, **how)
        check(not err, f"doctor says {err}")
        return code, json.loads(out)

    def finds(self, system, what, state, text, code, *more, **how):
        """One thing is wrong, that one, and there is a cure."""
        got, findings = self.doctor(system, *more, **how)
        wrong = [f for f in findings if f["state"] in ("problem", "warning")]
        check(got == code, f"{what}: exit code {got}, not {code}")
        check(len(wrong) == 1 and wrong[0]["check"] == what and wrong[0]["state"] == state and text in wrong[0]["text"] and wrong[0]["cure"],
              f"{what}: {wrong}")


def healthy(bench):
    for identity in READY, BOOT:
        code, findings = bench.doctor(bench.system(identity=identity))
        check(code == 0 and all(f["state"] in ("ok", "unknown") for f in findings), f"a healthy system: {code} {findings}")
        check([f["check"] for f in findings] == ["bus", "identity", "link", "access", "holder", "rule", "firmware", "clock", "log"], findings)
    code, out, err = bench.run("doctor", "--root", bench.system().root)
    check(code == 0 and "ok       link      2-1.4: USB 3, 5000 Mbit/s\n" in out and "cure" not in out.replace("sudo", "") or os.geteuid(), out)


def many(bench):
    """More than the sixteen that one powered hub has: none is passed over."""
    s = bench.system()
    for i in range(1, 21):
        at = f"sys/bus/usb/devices/2-2.{i}"
        for name, text in ("idVendor", READY[0]), ("idProduct", READY[1]), ("speed", 5000), ("busnum", 2), ("devnum", 10 + i):
            s.put(f"{at}/{name}", text)
        s.put(f"dev/bus/usb/002/{10 + i:03}", "")
    code, findings = bench.doctor(s)
    check(code == 0 and findings[0]["text"] == "21 Edge TPUs on the USB" and sum(f["check"] == "link" for f in findings) == 21, findings)


def links(bench):
    bench.finds(bench.system(speed="480", bus=1), "link", "warning", "USB 2", 0)
    code, findings = bench.doctor(bench.system(speed="480", bus=1, buses=((1, "480"),)))
    check(code == 0 and all(f["state"] != "warning" for f in findings), f"a machine without USB 3: {findings}")
    bench.finds(bench.system(speed="12", bus=1), "link", "problem", "too slow", 1)


def access(bench):
    s = bench.system()
    s.node.unlink()
    bench.finds(s, "access", "problem", "container", 1)
    if os.geteuid() == 0:
        for path in bench.folder, *bench.folder.parents:
            os.chmod(path, 0o755 if path == bench.folder else os.stat(path).st_mode)
        s = bench.system()
        s.node.chmod(0o600)
        bench.finds(s, "access", "problem", "you may not open", 1, user=65534, extra_groups=[])
    s = bench.system()
    (s.root / "etc/udev/rules.d/99-x.rules").unlink()
    bench.finds(s, "rule", "warning", "no rule", 0)


def buses(bench):
    bench.finds(bench.system(identity=None), "bus", "problem", "no Edge TPU", 3)
    s = bench.system(identity=None)
    s.put("var/log/kern.log", LPM + LOGS["does not say what it is"])
    code, findings = bench.doctor(s)
    wrong = [f["check"] for f in findings if f["state"] == "problem"]
    check(code == 3 and wrong == ["bus", "log"] and "does not say" in findings[-1]["text"], f"a stick that cannot be seen: {findings}")
    s = bench.system(identity=None, buses=())
    for path in sorted((s.root / "sys").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (s.root / "sys").rmdir()
    bench.finds(s, "bus", "problem", "no USB", 3)


def holders(bench):
    s = bench.system()
    s.put("proc/4242/comm", "frigate.detect")
    s.link("proc/4242/fd/3", "/dev/null")
    s.link("proc/4242/fd/7", "/dev/bus/usb/002/005")
    s.put("proc/4243/comm", "other")
    s.link("proc/4243/fd/7", "/dev/bus/usb/001/005")
    bench.finds(s, "holder", "problem", "used by frigate.detect (4242)", 1)


def pcie(bench):
    """One on PCIe, which needs no stick, no firmware and no rule of ours."""
    def system(driver=True, temp="41500", trip="85000"):
        s = bench.system(identity=None)
        at = "sys/bus/pci/devices/0000:01:00.0"
        s.put(f"{at}/vendor", "0x1ac1")
        s.put(f"{at}/device", "0x089a")
        s.put("sys/bus/pci/devices/0000:00:02.0/vendor", "0x8086")
        s.put("sys/bus/pci/devices/0000:00:02.0/device", "0x089a")
        if driver:
            s.put(f"{at}/apex/apex_0/temp", temp)
            s.put("sys/class/apex/apex_0/temp", temp)
            s.put("sys/class/apex/apex_0/trip_point0_temp", trip)
            s.put("dev/apex_0", "")
        (s.root / "usr/lib/firmware/apex_latest_single_ep.bin").unlink()
        (s.root / "etc/udev/rules.d/99-x.rules").unlink()
        return s

    code, findings = bench.doctor(system())
    check(code == 0 and all(f["state"] in ("ok", "unknown") for f in findings), f"PCIe in health: {code} {findings}")
    check([f["check"] for f in findings] == ["bus", "driver", "access", "heat", "holder", "clock", "log"], findings)
    check(findings[3]["place"] == "0000:01:00.0" and "41 C" in findings[3]["text"], findings[3])
    bench.finds(system(driver=False), "driver", "problem", "no driver has it", 1)
    bench.finds(system(temp="85000"), "heat", "warning", "85 C", 0)
    bench.finds(system(temp="70000", trip="60000"), "heat", "warning", "from 60 C on", 0)
    code, findings = bench.doctor(system(temp="-99999999999999"))
    check(code == 0 and "does not say" in findings[3]["text"], f"a number that is none: {findings[3]}")
    s = system()
    (s.root / "sys/bus/pci/devices/0000:01:00.0/apex/apex_0").rename(s.root / "sys/bus/pci/devices/0000:01:00.0/apex/apex_4294967296")
    bench.finds(s, "driver", "problem", "no driver has it", 1)
    s = system()
    (s.root / "dev/apex_0").unlink()
    bench.finds(s, "access", "problem", "container", 1)
    (s.root / "dev/apex_0").mkdir()  # as a volume that is not there
    bench.finds(s, "access", "problem", "is not a device", 1)
    if os.geteuid() == 0:
        s = system()
        (s.root / "dev/apex_0").chmod(0o600)
        bench.finds(s, "access", "problem", "you may not open", 1, user=65534, extra_groups=[])
    s = system()
    s.put("proc/4242/comm", "frigate.detect")
    s.link("proc/4242/fd/7", "/dev/apex_0")
    bench.finds(s, "holder", "problem", "used by frigate.detect (4242)", 1)
    s = bench.system()  # with a stick beside it
    s.put("sys/bus/pci/devices/0000:01:00.0/vendor", "0x1ac1")
    s.put("sys/bus/pci/devices/0000:01:00.0/device", "0x089a")
    bench.finds(s, "driver", "problem", "no driver has it", 1)


def firmware(bench):
    for identity, state, code in (BOOT, "problem", 1), (READY, "warning", 0):
        s = bench.system(identity=identity)
        s.put("usr/lib/firmware/apex_latest_single_ep.bin", bytes(BYTES))
        bench.finds(s, "firmware", state, "none is here", code)
    s = bench.system(identity=BOOT)
    (s.root / "usr/lib/firmware/apex_latest_single_ep.bin").unlink()
    s.put("usr/lib/x86_64-linux-gnu/libedgetpu.so.1", b"\x7fELF" + bytes(5000) + forged() + bytes(77))
    check(bench.doctor(s)[0] == 0, "firmware inside of the vendor's library is not found")


def logs(bench):
    for text, log in LOGS.items():
        s = bench.system()
        state, code = ("warning", 0) if "again" in text else ("problem", 1)
        s.put("var/log/kern.log", HARMLESS + log)
        bench.finds(s, "log", state, text, code)
        s.put("var/log/kern.log", HARMLESS)
        s.put("dmesg.txt", log)
        bench.finds(s, "log", state, text, code, "--log", s.root / "dmesg.txt")
    s = bench.system()
    (s.root / "var/log/kern.log").unlink()
    code, findings = bench.doctor(s)
    check(code == 0 and findings[-1]["state"] == "unknown", f"a log that is not there: {findings[-1]}")


def pipes(bench):
    """What somebody else's folder holds is not waited for."""
    s = bench.system()
    for name in "sys/bus/usb/devices/2-1.4/speed", "etc/udev/rules.d/10-first.rules", "var/log/kern.log":
        path = s.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        bench.doctor(s)
    (s.root / "var/log/kern.log").unlink()
    s.link("var/log/kern.log", "/dev/zero")
    bench.doctor(s)
    s.put("sys/bus/usb/devices/\x1b[31m/idVendor", BOOT[0])
    s.put("sys/bus/usb/devices/\x1b[31m/idProduct", BOOT[1])
    out = bench.run("doctor", "--root", s.root)[1]
    check("?[31m: 1a6e" in out and "\x1b" not in out, f"what moves a cursor: {out}")


def clocks(bench):
    s = bench.system()
    s.put("etc/corallite/clock", "fast")
    bench.finds(s, "clock", "problem", '"fast"', 1)
    s.put("etc/corallite/clock", "max")
    check("25 C" in bench.run("doctor", "--root", s.root)[1], "that it gets hot is not said")


def setup(bench):
    root = bench.folder / "new"
    rule, clock, image = (root / name for name in ("etc/udev/rules.d/70-corallite.rules", "etc/corallite/clock",
                                                   "usr/local/share/corallite/apex_latest_single_ep.bin"))
    for answer, word, said in ("y\n", "max", "maximum"), ("Y\n", "max", "maximum"), ("n\n", "high", "default"), ("yes\n", "high", "default"), \
            ("", "high", "default"), ("y\nn\n", "max", "maximum"):
        code, out, err = bench.run("setup", "--root", root, input=answer)
        check(code == 0 and clock.read_text() == word + "\n", f"setup, {answer!r}: {code} {err}")
        check("35 C" in err and "25 C" in err and err.splitlines()[1] == "Would you like to enable the maximum operating frequency? Y/N"
              and err.splitlines()[2] == f"Using {said} operating frequency.", f"setup, {answer!r}: {err}")
    for arguments, word in (["--yes"], "max"), (["--clock", "low"], "low"), (["--yes", "--clock=medium"], "medium"):
        code, out, err = bench.run("setup", "--root", root, "--json", *arguments, stdin=subprocess.DEVNULL)
        check(code == 0 and clock.read_text() == word + "\n" and "Y/N" not in err, f"setup {arguments}: {code} {err}")
        check(json.loads(out) == {"rule": str(rule), "clock": word, "firmware": None, "reloaded": False}, out)
    text = rule.read_text()
    for vendor, product in BOOT, READY:
        check(any(f'"{vendor}"' in line and f'"{product}"' in line and 'GROUP="plugdev"' in line and 'TAG+="uaccess"' in line for line in text.splitlines()), text)
    (bench.folder / "broken").write_bytes(bytes(BYTES))
    code, out, err = bench.run("setup", "--root", bench.folder / "none", "--clock", "high", "--firmware", bench.folder / "broken")
    check(code == 1 and "no firmware in it" in err and len(err.splitlines()) == 1, f"setup with a broken image: {code} {err}")
    check(not (bench.folder / "none").exists(), "something is written though the firmware is none")
    (bench.folder / "libedgetpu.so.1").write_bytes(bytes(999) + forged() + bytes(10))
    code, out, err = bench.run("setup", "--root", root, "--clock", "high", "--firmware", bench.folder / "libedgetpu.so.1")
    check(code == 0 and not err and image.read_bytes() == forged(), f"setup --firmware: {code} {err}")
    outside = bench.folder / "outside"
    outside.mkdir()
    (outside / "clock").write_text("kept")
    for name, target in ("etc/udev", outside), ("etc/udev", "../../outside"), ("etc/corallite/clock", outside / "clock"), ("etc/corallite", "/none"):
        image = bench.folder / f"image{name}{len(str(target))}".replace("/", "")
        (image / name).parent.mkdir(parents=True)
        (image / name).symlink_to(target)
        code, out, err = bench.run("setup", "--root", image, "--clock", "low")
        check(code == 1 and "leads out of" in err and len(err.splitlines()) == 1, f"a link out of the image: {code} {err}")
        check([f.name for f in outside.rglob("*")] == ["clock"] and (outside / "clock").read_text() == "kept", f"written outside by {name}")
    image = bench.folder / "linked"
    (image / "usr/etc").mkdir(parents=True)
    (image / "etc").symlink_to("usr/etc")
    check(bench.run("setup", "--root", f"{image}/", "--clock", "low")[0] == 0 and (image / "usr/etc/corallite/clock").read_text() == "low\n", "a link within the image")
    if os.geteuid() == 0:
        code, out, err = bench.run("setup", "--root", "/proc/self", "--clock", "high", user=65534, extra_groups=[])
        check(code == 1 and "run it with sudo" in err and len(err.splitlines()) == 1, f"setup without the right to: {code} {err}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(parser.parse_args().bin, folder)
        for test in healthy, many, links, access, buses, holders, pcie, firmware, logs, pipes, clocks, setup:
            test(bench)
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
