#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cameras, a stick and services as a real kernel and systemd have them: run.py BUILD [cameras] [webcam] [stick] [service]

Fetches Debian's kernel into BUILD/vm, once, boots it for each under qemu (tools/vm.py), and adds up what passed. Takes some minutes.
"""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
VM = str(ROOT / "tools/vm.py")
SUITES = {
    "cameras": ["--udev", "--module", "vivid:n_devs=2:node_types=0x1,0x101:num_inputs=1,1:input_types=0x0,0x3"],
    "webcam": ["--udev", "--module", "vhci-hcd", "--module", "uvcvideo"],
    "stick": ["--udev", "--module", "vhci-hcd"],
    "service": ["--systemd"],
}
LIMIT = 1500


def scan_gstreamer(build, scratch):
    """GStreamer looks through its plugins once: here, where that takes no minutes."""
    registry = scratch / "gstreamer-registry"
    subprocess.run([build / "corallite", "watch", "nowhere.mp4"], env=dict(os.environ, GST_REGISTRY=str(registry)), stderr=subprocess.DEVNULL, check=False)
    if registry.exists():
        registry.chmod(0o644)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:] or list(SUITES)
    scratch = build / "vm/scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    if subprocess.run([VM, "kernel", str(build / "vm/kernel")]).returncode:
        return 1
    scan_gstreamer(build, scratch)
    passed = failed = 0
    for name in wanted:
        done = subprocess.run([VM, "run", "--kernel", str(build / "vm/kernel"), "--scratch", str(scratch), "--limit", str(LIMIT), *SUITES[name], "--",
                               "/usr/bin/python3", "-B", str(ROOT / f"tests/vm/{name}.py"), "--bin", str(build)], stdout=subprocess.PIPE, text=True)
        print(f"{name}:\n{done.stdout}", end="", flush=True)
        counts = re.search(r"^(\d+) passed, (\d+) failed", done.stdout, re.MULTILINE)
        passed += int(counts[1]) if counts else 0
        failed += int(counts[2]) if counts else 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
