#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replays transcripts of a shell and compares: run_transcript.py [--update] --bin PROGRAM FILE.t

A transcript is text in which some lines are indented by two blanks:

    # anything at the left edge is said to the reader
      $ corallite --version          a command, for sh; "  > " continues it
      corallite 0.1.0                what it prints, stdout and stderr together
      [2]                            its exit code, where it is not 0
      usage: .* (re)                 a line may be a regular expression
      * (any)                        any lines, or none

All commands of a file run in one shell, in a new and empty folder; PROGRAM (or the folder that holds
it) is first in the PATH. $TESTDATA is the public
test set, $TREE the source tree; both stand for themselves in what is printed. They are links whose names have a blank,
wherever the tree lies: what does not quote them fails. "#require testdata" skips the file where the set is missing.
`picture`, `npy` and `model` are picture.py, npy.py and model.py (helpers.py); $PYTHON is a Python for anything else.
--update writes what was printed into the file: look at the difference before it is committed.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile

import helpers

SKIPPED = 77
MARK = "::end-of-command::"


class Command:
    def __init__(self, line, text):
        self.line, self.text, self.expected, self.printed = line, text, [], []


def parse(lines):
    commands = []
    for number, line in enumerate(lines, 1):
        if line.startswith("  $ "):
            commands.append(Command(number, line[4:]))
        elif line.startswith("  > ") and commands:
            commands[-1].text += "\n" + line[4:]
        elif line.startswith("  ") and commands:
            commands[-1].expected.append(line[2:])
    return commands


def emulated(program, folder):
    """A folder with a stand-in that runs the program under meson's emulator, for one of another architecture."""
    words = shlex.split(os.environ["MESON_EXE_WRAPPER"]) + [program]
    path = os.path.join(folder, os.path.basename(program))
    with open(path, "w", encoding="utf-8") as f:
        f.write('#!/bin/sh\nexec %s "$@"\n' % shlex.join(words))
    os.chmod(path, 0o755)
    return folder


def replay(commands, environment, folder):
    script = helpers.SHELL + "".join("{ %s\n} </dev/null\ncode=$?; echo; echo '%s' $code\n" % (c.text, MARK) for c in commands)
    run = subprocess.run(["sh"], input=script, cwd=folder, env=environment, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, encoding="utf-8", errors="backslashreplace", timeout=600)
    blocks, block = [], []
    printed = run.stdout
    for name in ("TESTDATA", "TREE"):
        printed = printed.replace(environment[name], "$" + name)
    for line in printed.splitlines():
        if line.startswith(MARK):
            if block and block[-1] == "":  # of our own echo
                block.pop()
            code = line[len(MARK):].strip()
            blocks.append(block + (["[%s]" % code] if code != "0" else []))
            block = []
        else:
            block.append(line)
    for command, printed in zip(commands, blocks):
        command.printed = printed
    return len(blocks) == len(commands)


def fits(expected, printed):
    """Line by line, where "* (any)" stands for any number of lines."""
    if not expected:
        return not printed
    if expected[0] == "* (any)":
        return any(fits(expected[1:], printed[i:]) for i in range(len(printed) + 1))
    if not printed:
        return False
    if expected[0].endswith(" (re)"):
        same = re.fullmatch(expected[0][:-5], printed[0]) is not None
    else:
        same = expected[0] == printed[0]
    return same and fits(expected[1:], printed[1:])


def update(path, lines, commands):
    out = []
    by_line = {c.line: c for c in commands}
    command = None
    for number, line in enumerate(lines + [""], 1):
        continued = command and line.startswith("  > ")
        if command and not continued:
            out += ["  " + p for p in (command.expected if fits(command.expected, command.printed) else command.printed)]
            command = None
        if number in by_line:
            command = by_line[number]
        elif line.startswith("  ") and not continued and number > commands[0].line:
            continue  # what was expected before
        out.append(line)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out[:-1]) + "\n")


def main():
    arguments = sys.argv[1:]  # read by hand: argparse would be a fifth of what Python takes to start
    updating = arguments[:1] == ["--update"]
    if arguments[updating:updating + 1] != ["--bin"] or len(arguments) != updating + 3:
        sys.exit(__doc__.strip())
    program, file = arguments[updating + 1:]
    here = os.path.dirname(os.path.abspath(__file__))
    tree = os.path.dirname(os.path.dirname(here))
    testdata = os.path.abspath(os.environ.get("CRL_TESTDATA") or os.path.join(tree, "..", "shared", "testdata"))
    with open(file, encoding="utf-8") as f:
        lines = f.read().splitlines()
    if "#require testdata" in lines and not os.path.isdir(os.path.join(testdata, "models")):
        print("skip %s: no test set at %s" % (os.path.basename(file), os.environ.get("CRL_TESTDATA") or "../shared/testdata"))
        return SKIPPED

    commands = parse(lines)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CRL_") and k != "LANGUAGE"}
    environment.update(LC_ALL="C.UTF-8", PYTHON=sys.executable)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as links:
        programs = os.path.abspath(program if os.path.isdir(program) else os.path.dirname(program))
        if os.environ.get("MESON_EXE_WRAPPER"):
            programs = emulated(os.path.join(programs, "corallite"), links)
        environment["PATH"] = programs + os.pathsep + os.environ.get("PATH", "")
        for name, target in ("TESTDATA", testdata), ("TREE", tree):
            environment[name] = os.path.join(links, "the " + name.lower())
            os.symlink(target, environment[name])
        environment["HELPERS"] = links
        server = helpers.start(links)
        whole = replay(commands, environment, folder)
        helpers.stop(server)
    if updating:
        update(file, lines, commands)
    wrong = [c for c in commands if not fits(c.expected, c.printed)]
    for c in wrong:
        print("%s:%d: $ %s" % (os.path.basename(file), c.line, c.text))
        print("\n".join("  expected  " + e for e in c.expected) or "  expected nothing")
        print("\n".join("  printed   " + p for p in c.printed) or "  printed nothing")
    if not whole:
        print("the shell ended early")
    print("%d passed, %d failed" % (len(commands) - len(wrong), len(wrong)))
    return 1 if wrong or not whole else 0


if __name__ == "__main__":
    sys.exit(main())
