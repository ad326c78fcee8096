#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the symbols of the built library.

    tools/check_exports.py NM SHARED_LIBRARY STATIC_LIBRARY INCLUDE_FOLDER VERSION_SCRIPT DEBIAN_SYMBOLS

1. Every external symbol, hidden or not, begins with crl_: a program that links the static library has all
   other names to itself.
2. The shared library exports what the public headers mark with CRL_API, all of it, and nothing else.
3. It needs no library but those of docs/architecture.md.
4. The version script (src/corallite.map) lists the same, each under the version node that the library gives it, and no
   node is later than CRL_ABI.
5. Debian's list (debian/libcorallite0.symbols: the version of the package with which each came) has the same.
"""
import pathlib
import re
import subprocess
import sys

DECLARATION = re.compile(r"\bCRL_API\b[^;{]*?\b(crl_\w+)\s*[(\[;]")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Names that compilers add on their own: of instrumentation, and of i386's way to address data.
OF_COMPILERS = re.compile(r"^(__x86\.get_pc_thunk|__odr_asan|__asan|__ubsan|__tsan|__gcov|__llvm|__start_|__stop_|_edata|_end|__bss_start|_init|_fini)")


# libcorallite.so's, what compilers add for an architecture or a sanitizer, and parts of libc that were files of their own.
NEEDED = re.compile(r"^(lib(c|m|jpeg|png16|webp|gcc_s|atomic|asan|ubsan|tsan|pthread|dl)\.so|ld-linux)")
NODE_SYMBOL = re.compile(r"^CORALLITE_\d+$")
NODE = re.compile(r"\b(CORALLITE_(\d+))\s*\{(.*?)\}", re.DOTALL)


def symbols(nm, *arguments):
    """Names, and for --dynamic the version node of each."""
    lines = subprocess.run([nm, "--format=posix", "--defined-only", *arguments], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    names = dict(re.split("@+", line.split()[0] + "@")[:2] for line in lines if len(line.split()) > 1)
    return {name: node for name, node in names.items() if not OF_COMPILERS.match(name) and not NODE_SYMBOL.match(name)}


def declared(folder):
    names = set()
    for header in folder.glob("corallite/*.h"):
        names.update(DECLARATION.findall(COMMENT.sub("", header.read_text(encoding="utf-8"))))
    return names


def needed(nm, shared):
    """Names of libraries; none where there is no readelf beside nm."""
    readelf = pathlib.Path(nm).with_name(pathlib.Path(nm).name.replace("nm", "readelf"))
    if not readelf.exists():
        return set()
    text = subprocess.run([readelf, "-d", shared], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", text))


def listed(script):
    nodes = NODE.findall(COMMENT.sub("", script.read_text(encoding="utf-8")))
    return {name: node for node, _, body in nodes for name in re.findall(r"\b(crl_\w+);", body)}, [int(n) for _, n, _ in nodes]


def listed_by_debian(path):
    return dict(re.findall(r"^ (crl_\w+)@(CORALLITE_\d+) \S+$", path.read_text(encoding="utf-8"), re.MULTILINE))


def main():
    if len(sys.argv) != 7:
        sys.exit(__doc__.strip())
    nm, shared, static, include, script, debian = sys.argv[1:]
    external = set(symbols(nm, "--extern-only", static))
    exported = symbols(nm, "--dynamic", shared)
    public = declared(pathlib.Path(include))
    script, nodes = listed(pathlib.Path(script))
    debian = listed_by_debian(pathlib.Path(debian))
    abi = int(re.search(r"#define CRL_ABI (\d+)", (pathlib.Path(include) / "corallite/version.h").read_text(encoding="utf-8"))[1])
    checks = {
        "external symbols without crl_": {name for name in external if not name.startswith("crl_")},
        "declared with CRL_API, but not exported": public - set(exported),
        "exported, but not declared with CRL_API": set(exported) - public,
        "of libraries that are not to be needed": {name for name in needed(nm, shared) if not NEEDED.match(name)},
        "declared with CRL_API, but not in the version script": public - set(script),
        "in the version script, but not declared with CRL_API": set(script) - public,
        "of another version node than the version script says": {name for name in script if exported.get(name, script[name]) != script[name]},
        "of a version node after CRL_ABI": {f"CORALLITE_{n}" for n in nodes if n > abi},
        "in the version script, but not in debian/libcorallite0.symbols": set(script.items()) - set(debian.items()),
        "in debian/libcorallite0.symbols, but not in the version script": set(debian.items()) - set(script.items()),
    }
    failed = 0
    for what, names in checks.items():
        print(f"FAIL {what}: {', '.join(n if isinstance(n, str) else '@'.join(n) for n in sorted(names))}" if names else f"ok   none {what}")
        failed += bool(names)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
