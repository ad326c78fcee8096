#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the layers of src/ know only those before them (docs/architecture.md), and that an engine's memory is on its account.

    tools/check_layers.py [ROOT]

One check per folder: every #include of every source file in it has to be allowed by the table below. Only kernels, and
vision with its own, may name a kernel of one instruction level: on another architecture there is none. What operators, graphs, backends and
engines allocate comes from piles, which ask the engine's account. No type has the name of a public one.
Users of the library (cli/, compat/, examples/, gstreamer/) see the public headers and their own folder, nothing else.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)

VARIANT = re.compile(r"\bcrl_\w+_(?:avx2|avxvnni|avx512vnni|vbmi|amx|neon|neondot|i8mm)\b")

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TYPE = re.compile(r"typedef (?:struct|enum|union) (crl_\w+) \{")

ALLOCATES = re.compile(r"\b(?:crl_alloc|crl_alloc_array|crl_alloc_aligned|crl_pages_new|crl_strdup|[mc]alloc)\(")
ACCOUNTED = ["ops", "graph", "backend", "engine"]
# Files that ask the account themselves, take a few bytes for each of what is on it, or serve several engines, or none.
ALLOCATORS = ["ops/op.c", "graph/schedule.c", "graph/plan.c", "engine/binding.c", "engine/program.c", "engine/engine.c", "engine/firmware.c",
              "backend/edgetpu/apex.c", "backend/edgetpu/apex_bus.c", "backend/edgetpu/canary.c", "backend/edgetpu/edgetpu.c",
              "backend/edgetpu/emulator/backend.c", "backend/edgetpu/libusb.c", "backend/edgetpu/stick.c", "backend/edgetpu/stream.c",
              "backend/edgetpu/usb_bus.c", "backend/vendor/vendor.c"]

# Folder of src/: (folders of src/ that it may include besides itself, public headers).
BASE = ["anchors", "status", "notice", "pool", "tensor", "version"]
MODEL = BASE + ["model"]
LAYERS = {
    "base": ([], BASE),
    "model": (["base"], MODEL),
    "package": (["base", "model"], MODEL + ["package"]),
    "kernels": (["base"], BASE),
    "ops": (["base", "model", "kernels"], MODEL),
    "graph": (["base", "model", "kernels", "ops"], MODEL),
    # compat: what others' interfaces look like, which its headers write down.
    "backend": (["base", "model", "package", "kernels", "ops", "graph", "compat"], MODEL + ["package", "engine"]),
    "engine": (["base", "model", "kernels", "ops", "graph", "backend", "compile"], MODEL + ["check", "device", "engine"]),
    "vision": (["base"], BASE + ["vision"]),
    "track": (["base"], BASE + ["vision", "tracker"]),
    "session": (["base", "vision"], MODEL + ["engine", "vision", "session"]),
    "stream": (["base", "vision", "session"], MODEL + ["engine", "vision", "tracker", "session", "stream"]),
    "learn": (["base", "model"], MODEL + ["learn"]),
    "compile": (["base", "model", "package", "ops"], MODEL + ["check", "compile", "package", "reweight"]),
    "edit": (["base", "model", "ops"], MODEL + ["edit"]),
    "quantize": (["base", "model", "ops", "edit"], MODEL + ["edit", "engine", "quantize"]),
}
USERS = ["cli", "compat", "examples", "gstreamer"]
# What they may see besides: who may ask a server of this machine is one thing for the page of watch and for the program.
SHARED = {"cli": ["base/origin.h"]}
# What a public header may build on: the same order, from outside.
PUBLIC = {
    "anchors": [],
    "status": [],
    "version": ["status"],
    "notice": ["status"],
    "pool": ["status"],
    "tensor": ["status"],
    "model": BASE,
    "device": ["status"],
    "engine": MODEL,
    "vision": BASE,
    "tracker": BASE + ["vision"],
    "session": MODEL + ["engine", "vision"],
    "stream": MODEL + ["engine", "vision", "tracker", "session"],
    "learn": MODEL,
    "package": MODEL,
    "check": MODEL,
    "compile": MODEL,
    "reweight": MODEL + ["package"],
    "edit": MODEL,
    "quantize": MODEL + ["engine"],
    "corallite": None,  # all of them
}


def includes(path):
    for kind, name in INCLUDE.findall(path.read_text(encoding="utf-8")):
        yield kind, name


def public_name(name):
    return pathlib.PurePath(name).stem if name.startswith("corallite/") else None


def faults_of_layer(path, layer):
    folders, public = LAYERS[layer]
    for kind, name in includes(path):
        if public_name(name):
            if public_name(name) not in public:
                yield f"<{name}>"
        elif kind == '"':
            top = name.split("/")[0] if "/" in name else layer
            if top not in [layer, *folders]:
                yield f'"{name}"'


def variants(path, layer):
    return sorted(set(VARIANT.findall(path.read_text(encoding="utf-8")))) if layer not in ("kernels", "vision") else []


def types(paths):
    """(path, type that it defines)"""
    return [(path, name) for path in sorted(paths) for name in TYPE.findall(COMMENT.sub("", path.read_text(encoding="utf-8")))]


def allocates(path, layer, root):
    if layer not in ACCOUNTED or path.relative_to(root / "src").as_posix() in ALLOCATORS:
        return []
    return sorted(set(ALLOCATES.findall(path.read_text(encoding="utf-8"))))


def faults_of_user(path, folder):
    for kind, name in includes(path):
        if kind == '"' and not (path.parent / name).exists() and not (folder / name).exists() and name not in SHARED.get(folder.name, []):
            yield f'"{name}"'


def faults_of_public(path):
    allowed = PUBLIC.get(path.stem, [])
    for kind, name in includes(path):
        if kind == '"' or (allowed is not None and public_name(name) and public_name(name) not in allowed):
            yield name


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    checks = []  # (folder, faults per file)
    public = {name for _, name in types((root / "include").rglob("*.h"))}
    for folder in sorted(p for p in (root / "src").iterdir() if p.is_dir()):
        if folder.name not in LAYERS:
            checks.append((folder, [f"{folder}: this layer is not in the table of tools/check_layers.py"]))
            continue
        checks.append((folder, [f"{path}: includes {fault}, which {folder.name} must not know"
                                for path in sorted(folder.rglob("*.[ch]"))
                                for fault in faults_of_layer(path, folder.name)] +
                               [f"{path}: names {name}, which only some machines have; the family's init chooses"
                                for path in sorted(folder.rglob("*.c")) for name in variants(path, folder.name)] +
                               [f"{path}: {call}..) is on no account; memory of an engine comes from a crl_pile"
                                for path in sorted(folder.rglob("*.[ch]")) for call in allocates(path, folder.name, root)] +
                               [f"{path}: {name} is the name of another type in a public header"
                                for path, name in types(folder.rglob("*.[ch]")) if name in public]))
    for folder in (root / name for name in USERS if (root / name).is_dir()):
        checks.append((folder, [f"{path}: includes {fault}; {folder.name} may use <corallite/...> and its own files"
                                for path in sorted(folder.rglob("*.[ch]"))
                                for fault in faults_of_user(path, folder)]))
    folder = root / "include" / "corallite"
    checks.append((folder, [f"{path}: includes {fault}, which is not before it in the order of the layers"
                            for path in sorted(folder.glob("*.h")) for fault in faults_of_public(path)]))
    failed = 0
    for folder, faults in checks:
        for fault in faults:
            print("FAIL", fault)
        if not faults:
            print("ok  ", folder)
        failed += bool(faults)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
