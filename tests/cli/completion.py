#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Types into bash and zsh, presses Tab, and looks at the words that the program would get: completion.py --bin DIR

A shell that is not installed is skipped. Names of two words are those of check_verbs.c.
"""
import argparse
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

import counting

SECONDS = 20

# What is typed, ^ being Tab, and the arguments that come of it.
CASES = [
    ("det^", ["detect"]),
    ("cl^", ["classify"]),
    ("benc^", ["bench"]),  # there is a folder of that name
    ("help insp^", ["help", "inspect"]),
    ("--compl^z^", ["--completion", "zsh"]),
    ("--completion=b^", ["--completion=bash"]),
    ("detect --resample=bil^", ["detect", "--resample=bilinear"]),
    ("detect --resample lan^", ["detect", "--resample", "lanczos"]),
    ("run --backend ref^", ["run", "--backend", "reference"]),
    ("detect --keep^", ["detect", "--keep-aspect-ratio"]),
    ("detect two^", ["detect", "two words.png"]),
    ("detect -o x.png two^", ["detect", "-o", "x.png", "two words.png"]),
    ("detect --labels it^", ["detect", "--labels", "it's.txt"]),
    ("detect --labels=it^", ["detect", "--labels=it's.txt"]),
    ("detect -m mod^", ["detect", "-m", "model.tflite"]),
    ("run --output-dir bench/in^", ["run", "--output-dir", "bench/inner/"]),
    ("model.^two^", ["model.tflite", "two words.png"]),
    ("model.tflite --thresh^", ["model.tflite", "--threshold"]),
]
TWO_WORDS = [
    ("ben^", ["bench"]),
    ("gr^co^", ["grow", "coral"]),
    ("learn ^", ["learn", "all"]),
    ("grow reef --ho^fa^", ["grow", "reef", "--how", "fast"]),
    ("grow reef two^", ["grow", "reef", "two words.png"]),
]
# Where zsh does otherwise: it writes the = that bash leaves to the choice, and takes back a slash at the end.
ZSH = {
    "--compl^z^": ("--compl^z^", ["--completion=zsh"]),
    "grow reef --ho^fa^": ("grow reef --ho^fa^", ["grow", "reef", "--how=fast"]),
    "run --output-dir bench/in^": ("run --output-dir bench/in^", ["run", "--output-dir", "bench/inner"]),
}

SETUP = {
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             "bind 'set enable-bracketed-paste off'; bind 'set completion-query-items 0'; . ./script\n"),
    "zsh": (["zsh", "-f", "-i"],
            "unsetopt zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste; fpath=($PWD $fpath); autoload -Uz compinit; "
            "compinit -u -D; compdef _corallite corallite\n"),
}


class Shell:
    """An interactive shell, in which corallite prints what it is given."""

    def __init__(self, name, folder):
        command, setup = SETUP[name]
        self.seen = b""
        environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": folder, "LC_ALL": "C.UTF-8", "PS1": "", "PS2": ""}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.send(setup + "corallite() { printf 'GOT'; printf '<%s>' \"$@\"; printf 'END\\n'; }\n")
        self.send("corallite ready\n")
        self.wait(b"GOT<ready>END")

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait(self, mark):
        """What was printed up to the mark."""
        end = time.monotonic() + SECONDS
        while mark not in self.seen:
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError(self.seen[-300:])
            self.seen += os.read(self.fd, 65536)
        before, _, self.seen = self.seen.partition(mark)
        return before

    def ask(self, typed):
        self.send("corallite " + typed.replace("^", "\t") + "\n")
        return self.wait(b"END\r").rpartition(b"GOT")[2].decode().strip("<>").split("><")

    def close(self):
        self.send("\x03\nexit\n")
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def check(name, command, cases, folder):
    script = subprocess.run([*command, name], check=True, capture_output=True).stdout
    with open(os.path.join(folder, "script" if name == "bash" else "_corallite"), "wb") as f:
        f.write(script)
    shell, passed, failed = Shell(name, folder), 0, 0
    for typed, want in cases:
        keys = typed
        if name == "zsh":
            keys, want = ZSH.get(typed, (typed, want))
        got = shell.ask(keys)
        passed, failed = passed + (got == want), failed + (got != want)
        if got != want:
            print("FAIL %s: %s: %s, not %s" % (name, keys, got, want))
    shell.close()
    return passed, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    built = os.path.abspath(parser.parse_args().bin)
    if not counting.have_terminals():
        return counting.SKIPPED
    passed = failed = skipped = 0
    for name in ("bash", "zsh"):
        if not shutil.which(name):
            print("skip completion: %s is not installed" % name)
            skipped += len(CASES) + len(TWO_WORDS)
            continue
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "bench", "inner"))
            os.mkdir(os.path.join(folder, "detect"))
            for file in ("two words.png", "it's.txt", "model.tflite", "other.txt"):
                open(os.path.join(folder, file), "w").close()
            for command, cases in (([os.path.join(built, "corallite"), "--completion"], CASES),
                                   ([os.path.join(built, "tests", "cli", "check_verbs")], TWO_WORDS)):
                good, bad = check(name, command, cases, folder)
                passed, failed = passed + good, failed + bad
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0 if passed else counting.SKIPPED


if __name__ == "__main__":
    sys.exit(main())
