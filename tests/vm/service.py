#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The units as systemd runs them: service.py --bin DIR, in the machine of tools/vm.py with --systemd.

Both start in their sandboxes, as users of their own, and say when they are ready; they read their files again, are started again where they
hang, and end with what they were writing whole.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/cli"))
import counting  # noqa: E402
from counting import check  # noqa: E402

LIMIT = 300 # s: all is emulated, and the host may be busy
PROGRAM = pathlib.Path("/opt/corallite") # a home is closed to the units
SERVE, WATCH = "corallite-serve", "corallite-watch@home"
FILM = pathlib.Path("/var/lib/corallite/home/door.mkv")
# What run.py has found: to look through all plugins takes an emulated machine a minute, and where others are busy, several. The unit does it once.
GSTREAMER = {"GST_REGISTRY": "/scratch/gstreamer-registry", "GST_REGISTRY_UPDATE": "no"}


def until(what, seconds=LIMIT):
    return counting.until(what, seconds)


def systemctl(*words):
    return subprocess.run(["systemctl", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT)


def shown(unit, name):
    return systemctl("show", "--value", "-p", name, unit).stdout.strip()


def is_active(unit):
    """Soon: also where systemd itself is slow to answer."""
    return until(lambda: shown(unit, "ActiveState") == "active")


def journal(unit):
    return subprocess.run(["journalctl", "-q", "-o", "cat", "--no-pager", "-u", unit], stdout=subprocess.PIPE, text=True).stdout


def asked(address):
    with urllib.request.urlopen(address, timeout=LIMIT) as answer:
        return json.load(answer)


def install(build):
    PROGRAM.mkdir(parents=True)
    for file in [build / "corallite", *build.glob("corallite-*.so")]:
        shutil.copy(file, PROGRAM)
    units = pathlib.Path("/run/systemd/system")
    for unit in "corallite-serve.service", "corallite-watch@.service":
        text = (build / "cli" / unit).read_text()
        (units / unit).write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={PROGRAM}/corallite", text))
    config = pathlib.Path("/etc/corallite/home.json")
    config.parent.mkdir(exist_ok=True)
    config.write_text(json.dumps({"port": 8090, "cameras": {"door": {"source": "test", "fps": 5, "output": FILM.name}}}))
    systemctl("daemon-reload")


def check_start():
    for unit in SERVE, WATCH:
        run = systemctl("start", unit)
        check(run.returncode == 0 and is_active(unit), "%s does not start: %d %s%s" % (unit, run.returncode, run.stdout, journal(unit)))
        status = pathlib.Path("/proc", shown(unit, "MainPID"), "status").read_text()
        check(re.search(r"(?m)^Uid:\s+[1-9]", status) and "NoNewPrivs:\t1" in status, "%s may do too much: %s" % (unit, status))
    check(asked("http://127.0.0.1:8000/v2/health/ready")["ready"], "the server is not ready")
    check(until(lambda: asked("http://127.0.0.1:8090/status")["cameras"]["door"]["detected"] > 1), "no frame is looked at")
    said = [line for line in journal(WATCH).splitlines() if not line.startswith(("Starting", "Started"))]
    check(len(said) == 1 and "cameras are at" in said[0], "it says more than where its page is: %s" % said)


def check_reload():
    for unit in SERVE, WATCH:
        before = shown(unit, "MainPID")
        run = systemctl("reload", unit)
        check(run.returncode == 0 and until(lambda: "read again" in journal(unit)), "%s does not read again: %s" % (unit, journal(unit)))
        check(is_active(unit) and shown(unit, "MainPID") == before, "%s was started anew: %s" % (unit, journal(unit)))


def check_hang():
    pids = {unit: shown(unit, "MainPID") for unit in (SERVE, WATCH)}
    for pid in pids.values():
        os.kill(int(pid), signal.SIGSTOP)
    for unit, pid in pids.items():
        check(until(lambda: shown(unit, "NRestarts") not in ("", "0")) and is_active(unit), "%s hangs: %s" % (unit, journal(unit)))
        check(shown(unit, "MainPID") != pid, "%s is the same process" % unit)


def check_stop():
    check(until(lambda: FILM.exists() and FILM.stat().st_size > 20000), "nothing is recorded")
    for unit in SERVE, WATCH:
        run = systemctl("stop", unit)
        check(run.returncode == 0 and shown(unit, "Result") == "success" and shown(unit, "ExecMainStatus") == "0", "%s: %s" % (unit, journal(unit)))
    played = subprocess.run([PROGRAM / "corallite", "watch", FILM, "--json", "--quiet", "--frames", "3", "--mode", "sync"], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, timeout=LIMIT, env=dict(os.environ, **GSTREAMER))
    frames = [json.loads(line)["frame"] for line in played.stdout.splitlines()]
    check(played.returncode == 0 and frames == [0, 1, 2], "the film does not play: %s %s" % (frames, played.stderr))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    install(parser.parse_args().bin.resolve())
    for test in check_start, check_reload, check_hang, check_stop:
        start = time.monotonic()
        test()
        print("%s: %.1f s" % (test.__name__, time.monotonic() - start))
    return counting.close()


if __name__ == "__main__":
    sys.exit(main())
