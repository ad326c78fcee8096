# SPDX-License-Identifier: Apache-2.0
"""LiteRT held down to AVX2, so that it can be compared with our level of that name on a newer machine.

LiteRT asks the processor what it can do and offers no way to tell it otherwise, and few processors let CPUID be denied
to a program. So its library is copied to a temporary folder, every CPUID instruction in it (objdump finds them) is
replaced by the undefined instruction of the same length, and mask_cpuid.c answers those. What it is told is a machine
with AVX2 and FMA; the kernels it picks are its own. x86-64 Linux, with objdump and a C compiler.
"""
import atexit
import ctypes
import importlib.util
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

CPUID, UD2 = b"\x0f\xa2", b"\x0f\x0b"


def segments(library):
    """(address, size, place in the file) of what is loaded."""
    said = subprocess.run(["objdump", "-p", library], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"LOAD off\s+(\S+) vaddr (\S+).*\n\s+filesz (\S+)", said)
    return [(int(address, 16), int(size, 16), int(place, 16)) for place, address, size in found]


def mask(library):
    """Replaces the CPUID instructions of a file; how many there were."""
    said = subprocess.run(["objdump", "-d", "--no-show-raw-insn", library], capture_output=True, text=True, check=True)
    loaded, code, n = segments(library), bytearray(library.read_bytes()), 0
    for at in re.findall(r"^\s*([0-9a-f]+):\s+cpuid\b", said.stdout, re.M):
        at = int(at, 16)
        place = next(at - address + place for address, size, place in loaded if 0 <= at - address < size)
        assert code[place:place + 2] == CPUID
        code[place:place + 2] = UD2
        n += 1
    library.write_bytes(code)
    return n


def hold():
    """From here on `import ai_edge_litert` finds the copy. Call it before anything has imported it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="litert_avx2_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    package = pathlib.Path(importlib.util.find_spec("ai_edge_litert").origin).parent
    shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("vendors", "*WebGpu*"))
    if not sum(mask(path) for path in (folder / package.name).glob("*.so")):
        sys.exit("litert_avx2.py: no CPUID instruction in this LiteRT")
    answers = folder / "mask_cpuid.so"
    source = pathlib.Path(__file__).with_name("mask_cpuid.c")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", answers, source], check=True)
    ctypes.CDLL(str(answers))
    sys.path.insert(0, str(folder))
