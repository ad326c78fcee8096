#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the Makefile and the scripts it calls on machines that are not like this one.

    tests/tools/check_front_door.py SOURCE_FOLDER MAKE

PATH holds nothing but stand-ins for meson, ninja, compilers and apt-get, which write down how they were called, and the
few real tools that the scripts are made of. What must not be allowed is tried as the user nobody where this runs as root.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

NOBODY = 65534
REAL = ("sh", "sed", "env", "cat", "cp", "rm", "mv", "mkdir", "mktemp", "dirname", "python3", "grep", "id", "head", "tail")
RECORD = '#!/bin/sh\nfor word in "$0" "$@"; do printf "%s\\n" "${word##*bin/}"; done >>"$CALLS"; echo . >>"$CALLS"\n'
# setup: a folder appears. introspect: what would be installed. install: that is copied. test: the log of two programs.
MESON = RECORD + '''
case $1 in
setup) for last; do case $last in -*) ;; *) [ "$last" = setup ] || { mkdir -p "$last/meson-logs"; : >"$last/build.ninja"; } ;; esac; done ;;
introspect) cat "$PLAN" ;;
install) cp "$CALLS" "$DESTDIR$INSTALLED" || { mkdir -p "${DESTDIR}${INSTALLED%/*}" && cp "$CALLS" "$DESTDIR$INSTALLED"; } ;;
test) cat "$PLAN" >"$3/meson-logs/front-door.json" ;;
esac
'''


class Machine:
    """A copy of the Makefile and tools/ in a folder with a blank in its name, and a PATH of stand-ins."""

    def __init__(self, folder, tree, make):
        self.folder, self.make = pathlib.Path(folder), make
        self.tree, self.bin = self.folder / "my tree", self.folder / "bin"
        self.bin.mkdir()
        shutil.copytree(tree / "tools", self.tree / "tools", ignore=shutil.ignore_patterns("__pycache__", "oracle", "train"))
        shutil.copy(tree / "Makefile", self.tree)
        for name in REAL:
            (self.bin / name).symlink_to(shutil.which(name, path="/usr/bin:/bin:" + os.environ["PATH"]))
        for name in ("gcc", "cc", "ninja", "pkg-config"):
            self.add(name, RECORD)
        self.add("fc-list", "#!/bin/sh\necho DejaVu\n")
        self.add("meson", MESON)
        self.plan("{}")
        for path in [self.folder, *self.folder.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o777)

    def add(self, name, text):
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def plan(self, text):
        (self.folder / "plan").write_text(text)

    def run(self, *command, nobody=False, **environment):
        """(exit status, what was printed, how the stand-ins were called)."""
        calls = self.folder / "calls"
        calls.write_text("")
        calls.chmod(0o666)
        run = subprocess.run(command, cwd=self.tree, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, user=NOBODY if nobody and os.geteuid() == 0 else None,
                             env={"PATH": str(self.bin), "CALLS": str(calls), "PLAN": str(self.folder / "plan"), **environment})
        return run.returncode, run.stdout, [call.splitlines() for call in calls.read_text().split("\n.\n") if call]

    def deps(self, **environment):
        return self.run("sh", "tools/install_deps.sh", "build", **environment)

    def front(self, *arguments, **more):
        return self.run(self.make, "--no-print-directory", *arguments, **more)


def one_sentence(printed, *wanted):
    lines = [line for line in printed.splitlines() if not line.startswith(("make:", "gmake:"))]
    return len(lines) == 1 and all(word in printed for word in wanted)


def compilers(m, say):
    m.add("ccache", RECORD)
    for words in ("gcc", "ccache gcc", "gcc -m64", "ccache gcc -m64", str(m.bin / "gcc")):
        status, printed, calls = m.deps(CC=words)
        say(f'CC="{words}" is there', status == 0 and not printed, printed)
    for words in ("clang", "ccache clang -m64"):
        status, printed, _ = m.deps(CC=words)
        say(f'CC="{words}" is not, and clang is asked for', status == 1 and re.search(r": clang", printed), printed)
    status, printed, _ = m.deps(CC="nonesuch -O2")
    say("a compiler that nobody knows", status == 1 and one_sentence(printed, '"nonesuch"'), printed)


def passwords(m, say):
    (m.bin / "gcc").rename(m.bin / "gone")
    (m.bin / "id").unlink()
    m.add("id", "#!/bin/sh\necho 1000\n")
    m.add("apt-get", RECORD)
    m.add("sudo", RECORD + '[ "$1" != -n ]\n')
    status, printed, calls = m.deps(CC="gcc")
    line = printed.splitlines()[-1].strip()
    say("sudo that wants a password: the line to paste", status == 1 and line.startswith("sudo sh -c 'apt-get update")
        and " gcc " in line and line.endswith("'"), printed)
    say("and nothing asked", ["apt-get"] not in [call[:1] for call in calls] and all(
        "-n" in call for call in calls if call[0] == "sudo"), str(calls))
    (m.bin / "sudo").unlink()
    status, printed, _ = m.deps(CC="gcc")
    say("no sudo: su", status == 1 and printed.splitlines()[-1].strip().startswith("su -c 'apt-get"), printed)
    (m.bin / "gone").rename(m.bin / "gcc")


def blanks(m, say):
    build, prefix = str(m.folder / "my build"), "/opt/it's here"
    status, printed, calls = m.front("BUILD=" + build, "PREFIX=" + prefix, "all")
    say("BUILD and PREFIX with blanks", ["ninja", "-C", build] in calls and status == 0, printed)
    setup = [call for call in calls if call[:2] == ["meson", "setup"]]
    say("reach meson", len(setup) == 1 and build in setup[0] and "--prefix=" + prefix in setup[0], str(calls))
    say("libraries go to lib, wherever meson would put them", len(setup) == 1 and "--libdir=lib" in setup[0], str(setup))
    status, printed, calls = m.front("BUILD=" + build, "PREFIX=" + prefix, "all")
    say("no second configuration", not [call for call in calls if call[:2] == ["meson", "setup"]], str(calls))
    (pathlib.Path(build) / "installed").write_text("/x\n")
    status, printed, calls = m.front("BUILD=" + build, "PREFIX=" + prefix, "CC=gcc -m64", "all")
    say("another compiler begins anew", ["meson", "setup", "--wipe"] in [call[:3] for call in calls], str(calls))
    say("and what was installed is still known", (pathlib.Path(build) / "installed").read_text() == "/x\n", printed)


def options(m, say):
    configured = [m.run("sh", "tools/configure.sh", "build", *words)[2] for words in (("-Da=1", "-Db=2"), ("-Da=1",), ("-Da=2",), ("-Dc_args=-g",))]
    setups = [[call for call in calls if call[:2] == ["meson", "setup"]] for calls in configured]
    say("fewer options than last time: no second configuration", [len(calls) for calls in setups] == [1, 0, 1, 1], str(setups))
    say("other arguments of the compiler begin anew", "--wipe" in setups[3][0], str(setups))


def installing(m, say):
    place, build = m.folder / "place", m.tree / "build"
    place.mkdir()
    m.front("all")
    m.plan(json.dumps({str(build / "corallite"): "/opt/a b/bin/corallite"}))
    there = dict(DESTDIR=str(place), INSTALLED="/opt/a b/bin/corallite")
    for round in "first", "second":
        status, printed, _ = m.front("install", **there)
        say(f"{round} install", status == 0 and one_sentence(printed, "Installed below"), printed)
    status, printed, _ = m.front("uninstall", **there)
    say("uninstall removes all", status == 0 and not list(place.iterdir()), f"{printed} {list(place.rglob('*'))}")
    status, printed, _ = m.front("uninstall", **there)
    say("a second one says one sentence", status and one_sentence(printed, "nothing is installed"), printed)
    place.chmod(0o555)
    build.chmod(0o777)
    status, printed, _ = m.front("install", nobody=True, **there)
    say("install without rights", status and one_sentence(printed, "no right to write in " + str(place), "PREFIX="), printed)
    place.chmod(0o777)
    m.front("install", **there)
    (place / "opt/a b/bin").chmod(0o555)
    status, printed, _ = m.front("uninstall", nobody=True, **there)
    say("uninstall without rights", status and one_sentence(printed, "no right to remove", "sudo make uninstall"), printed)
    (place / "opt/a b/bin").chmod(0o755)
    own = m.folder / "own"
    m.plan(json.dumps({str(build / "compat/libx.so"): f"{own}/lib/corallite/libx.so", str(build / "libcorallite.so"): f"{own}/lib/libcorallite.so"}))
    status, printed, _ = m.front("install", DESTDIR="", INSTALLED=f"{own}/lib/libcorallite.so")
    say("a place of one's own: what has to be set is that of the library itself", status == 0 and printed.endswith(
        f"PKG_CONFIG_PATH={own}/lib/pkgconfig LD_LIBRARY_PATH={own}/lib\n"), printed)
    m.front("uninstall")


def read_only(m, say):
    m.tree.chmod(0o555)
    status, printed, _ = m.front("BUILD=other", "all", nobody=True)
    say("a tree that cannot be written", status and one_sentence(printed, "no right to write in " + str(m.tree), "BUILD="), printed)
    m.tree.chmod(0o755)


def skips(m, say):
    m.front("all")
    tests = [("models", "skip a: reference: no file /the set/x\nskip b: no file /the set/y\n1 passed, 0 failed, 2 skipped\n"),
             ("headers", "skip C++: there is no compiler for it\n7 passed, 0 failed, 3 skipped\n")]
    m.plan("".join(json.dumps(dict(name=name, result="OK", returncode=0, duration=1.0, stdout=text)) + "\n" for name, text in tests))
    status, printed, _ = m.run(sys.executable, "tools/run_tests.py", "build", CRL_TESTDATA="/the set")
    last = printed.splitlines()[-4:]
    say("skipped checks: the last lines say why", status == 0 and last[0] == "skipped:" and "3  there is no compiler" in last[1]
        and re.search("2 .*/the set", last[2]) and last[3] == "8 passed, 0 failed, 5 skipped", printed)


def main():
    tree, make = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    passed = failed = 0

    def say(what, ok, printed):
        nonlocal passed, failed
        passed, failed = passed + bool(ok), failed + (not ok)
        print(f"{'ok  ' if ok else 'FAIL'} {what}" + ("" if ok else f"\n{printed}"))

    for group in compilers, passwords, blanks, options, installing, read_only, skips:
        with tempfile.TemporaryDirectory() as folder:
            group(Machine(folder, tree, make), say)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
