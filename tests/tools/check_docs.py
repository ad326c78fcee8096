#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what the pages say: check_docs.py PROGRAM [ROOT]

Every link between pages of the tree leads to a file, and to a heading where it names one. Every `corallite ...` that a page shows is a command that there is, with
options that it has, of which the program itself is asked.
"""
import pathlib
import re
import shlex
import subprocess
import sys

LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)#\s]*)(#[^)\s]*)?\)")
SHOWN = re.compile(r"(?:^(?:    |\$ |)(?:\$ )?(?:[\w./]+\| *)?|`)(?:build/|sudo )?corallite +([^`\n]*)", re.MULTILINE)


def anchors(page):
    """GitHub's names of the headings."""
    for line in page.read_text(encoding="utf-8").splitlines():
        if re.match(r"#+ ", line):
            yield re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")


def faults_of_links(page):
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        file = page.parent / target if target else page
        if not file.exists():
            yield f"{page}: {target} is not there"
        elif anchor and file.suffix == ".md" and anchor[1:] not in anchors(file):
            yield f"{page}: {target}{anchor}: no such heading"


class Program:
    def __init__(self, path):
        self.path = path
        lines = self.ask("--help").splitlines()
        begin = lines.index("Commands:") + 1
        self.verbs = [re.match(r"  ([a-z]+(?: [a-z]+)*)  ", line)[1] for line in lines[begin:lines.index("", begin)]]
        self.families = {verb.split()[0] for verb in self.verbs}
        self.known = {}

    def ask(self, *words):
        return subprocess.run([self.path, *words], capture_output=True, text=True, check=True).stdout

    def options(self, verb):
        if verb not in self.known:
            text = self.ask(*verb.split(), "--help")
            self.known[verb] = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", text))
        return self.known[verb]

    def faults(self, command):
        """What is wrong with the words behind `corallite`."""
        command = re.split(r"\s#|\s[|>&;]|\s\.\.\.?(?:\s|$)|…", command)[0]
        try:
            words = shlex.split(command)
        except ValueError:
            words = command.split()
        if not words or not re.fullmatch(r"[a-z]+", words[0]) or words[0] == "help":
            return  # a model, an option of the program itself, a sentence that goes on
        verb = " ".join(words[:2]) if " ".join(words[:2]) in self.verbs else words[0]
        if verb not in self.verbs:
            if verb not in self.families:
                yield f'no command "{verb}"'
            return
        for word in words[len(verb.split()):]:
            option = re.match(r"--[a-z][\w-]*|-[a-zA-Z]", word)
            if option and option[0].replace("_", "-") not in self.options(verb):
                yield f"{verb} has no option {option[0]}"


def main():
    program = Program(sys.argv[1])
    root = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".")
    pages = [root / "README.md", root / "CONTRIBUTING.md", root / "NEWS.md", *sorted(root.glob("docs/**/*.md")), *sorted(root.glob("*/README.md"))]
    failed = shown = 0
    for page in pages:
        faults = list(faults_of_links(page))
        for command in SHOWN.findall(page.read_text(encoding="utf-8")):
            shown += 1
            faults += [f"{page}: corallite {command}: {fault}" for fault in program.faults(command)]
        for fault in faults:
            print("FAIL", fault)
        failed += bool(faults)
    print(f"{shown} commands in {len(pages)} pages")
    print(f"{len(pages) - failed} passed, {failed} failed")
    return 1 if failed or not shown else 0


if __name__ == "__main__":
    sys.exit(main())
