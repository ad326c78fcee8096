#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the manual: check_man.py MADE ROOT [MANDOC]

MADE is the folder of section 3. Every public function leads to a page; no word of a header is missing on its own; what a page refers to is there; and mandoc, where
it is installed, has nothing to say.
"""
import pathlib
import re
import subprocess
import sys

# Of headers, but of the compiler's concern only.
UNSAID = {"CRL_API", "SPDX", "License", "Identifier", "Apache", "include", "ifndef", "struct", "define", "endif", "ifdef", "__cplusplus", "extern", "typedef", "defined", "__GNUC__",
          "else", "__attribute__", "visibility", "default"}
# Of mandoc, what depends on the machine that it runs on.
OF_MACHINE = ("referenced manual not found", "lacks", "outdated")


def words(text):
    return {word.lower() for word in re.findall(r"[A-Za-z_]\w{3,}", text) if not word.startswith("CORALLITE_") and word not in UNSAID}


def plain(page):
    """A page's text without roff's escapes."""
    text = re.sub(r"\\f[BRI]|\\&", "", page.read_text(encoding="utf-8"))
    return text.replace("\\-", "-").replace("\\(dq", '"').replace("\\(ga", "`").replace("\\(aq", "'")


def faults_of_headers(made, root):
    headers = [path for path in sorted((root / "include" / "corallite").glob("*.h")) if path.stem != "corallite"]
    names = "|".join(header.stem for header in headers)
    for header in headers:
        text = re.sub(r"#include.*", "", header.read_text(encoding="utf-8"))
        text = re.sub(rf"(?<![/\w])({names})\.h\b", r"corallite_\1", text)
        missing = words(text) - words(plain(made / f"corallite_{header.stem}.3"))
        if missing:
            yield f"corallite_{header.stem}.3: {', '.join(sorted(missing))}: of the header, but not in the page"
    for name in re.findall(r"\b(crl_\w+);", (root / "src" / "corallite.map").read_text(encoding="utf-8")):
        page = made / f"{name}.3"
        target = re.fullmatch(r"\.so man3/(\w+\.3)\n", page.read_text(encoding="utf-8")) if page.exists() else None
        if not target or f".Fo {name}\n" not in (made / target[1]).read_text(encoding="utf-8"):
            yield f"{name}: leads to no page that has it"


def faults_of_references(pages):
    there = {page.name for page in pages} | {"corallite.1"}
    for page in pages:
        for name, section in re.findall(r"^\.Xr (\S+) (\d)", page.read_text(encoding="utf-8"), re.MULTILINE):
            file = f"{name}.{section}".replace("\\", "")
            if file.startswith(("corallite", "crl_")) and file not in there:
                yield f"{page.name}: refers to {file}, which is not there"


def faults_of_form(pages, mandoc):
    run = subprocess.run([mandoc, "-T", "lint", *pages], capture_output=True, text=True, check=False)
    yield from (line for line in (run.stdout + run.stderr).splitlines() if not any(words in line for words in OF_MACHINE))


def main():
    made, root = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    pages = sorted(made.glob("corallite*.3")) + sorted((root / "docs" / "man").glob("*.[578]"))
    checks = {"headers": faults_of_headers(made, root), "references": faults_of_references(pages)}
    if len(sys.argv) > 3:
        checks["form"] = faults_of_form(pages, sys.argv[3])
    failed = 0
    for name, faults in checks.items():
        faults = list(faults)
        failed += bool(faults)
        print("\n".join(f"FAIL {fault}" for fault in faults) or f"ok   {name}")
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
