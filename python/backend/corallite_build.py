# SPDX-License-Identifier: Apache-2.0
"""Makes the Python distribution: what pip calls for (PEP 517, 660), with nothing but Python and the compiler.

    pip wheel . --no-deps      builds the library with meson, without the libraries of pictures, and puts it into the wheel
    pip wheel . --no-deps -C cross-file=tools/cross/aarch64-linux-gnu.ini      for other machines, by meson's cross files

One wheel serves every Python 3: py3-none-manylinux_2_N_MACHINE, where N is the oldest glibc that has all that the library asks for,
and the machine is the library's. $CRL_WHEEL_LIBRARY names a library that is built already.
"""
import base64
import hashlib
import io
import os
import pathlib
import platform
import re
import shutil
import struct
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ("corallite", "tflite_runtime", "pycoral", "edgetpu")
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1767225600"))  # of every file: the same tree gives the same bytes


def _read(name, pattern):
    return re.search(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)[1]


VERSION = _read("include/corallite/version.h", r'^#define CRL_VERSION "(.*)"')
LIBRARY = "libcorallite.so." + _read("include/corallite/version.h", r"^#define CRL_ABI (\d+)")
NAME = f"corallite-{VERSION}"

HEAD = f"""\
Metadata-Version: 2.1
Name: corallite
Version: {VERSION}
Summary: Exact and fast inference of quantised TensorFlow Lite models, and the packages of Coral for a current Python
License: Apache-2.0
Keywords: tflite,coral,edgetpu,pycoral,tflite-runtime,vision,quantised
Classifier: Development Status :: 4 - Beta
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: C
Classifier: Programming Language :: Python :: 3
Classifier: Programming Language :: Python :: 3 :: Only
Classifier: Topic :: Scientific/Engineering :: Image Recognition
Requires-Python: >=3.9
Requires-Dist: numpy>=1.19
Requires-Dist: Pillow>=8
Description-Content-Type: text/markdown
"""


def _metadata():
    return HEAD + "\n" + (ROOT / "docs/python.md").read_text(encoding="utf-8")


# --- the library ------------------------------------------------------------------------------------------


def _missing():
    return [tool for tool in ("meson", "ninja") if not shutil.which(tool)]


def _cross_files(settings):
    """`-C cross-file=FILE` of pip, which may be there several times."""
    names = (settings or {}).get("cross-file", [])
    return [f"--cross-file={ROOT / name}" for name in ([names] if isinstance(names, str) else names)]


def _build(folder, settings=None):
    """The shared library, linked with nothing but libc, libm and threads."""
    ready = os.environ.get("CRL_WHEEL_LIBRARY")
    if ready:
        return pathlib.Path(ready).read_bytes()
    missing = _missing()
    if missing:
        sys.exit(f"corallite: {' and '.join(missing)} not found; on Debian: apt install meson ninja-build gcc libc6-dev pkg-config libusb-1.0-0-dev")
    # No pictures: programs in Python have Pillow for them, and a wheel may not ask for more than glibc.
    off = [f"-D{name}=disabled" for name in ("jpeg", "png", "webp", "cli")]
    subprocess.run(["meson", "setup", folder, str(ROOT), "--buildtype=release", "-Dtests=false", *off, *_cross_files(settings)], check=True, stdout=sys.stderr)
    subprocess.run(["meson", "compile", "-C", folder, "corallite:shared_library"], check=True, stdout=sys.stderr)
    return (pathlib.Path(folder) / "src" / LIBRARY).read_bytes()


def _needed(elf):
    """(libraries, versions of symbols) that an ELF file asks for. Source: the generic ABI, chapters 4 and 5."""
    wide = elf[4] == 2
    order = "<" if elf[5] == 1 else ">"
    start, entry, count = (struct.unpack_from(order + form, elf, at)[0] for form, at in
                           (("Q", 40), ("H", 58), ("H", 60)) if wide) if wide else \
                          (struct.unpack_from(order + form, elf, at)[0] for form, at in (("I", 32), ("H", 46), ("H", 48)))
    form = order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII")
    sections = [struct.unpack_from(form, elf, start + i * entry) for i in range(count)]

    def text(table, offset):
        at = sections[table][4] + offset
        return elf[at : elf.index(b"\0", at)].decode()

    libraries, versions = [], []
    for _, kind, _, _, offset, size, link, info, _, _ in sections:
        if kind == 6:  # SHT_DYNAMIC
            step = 16 if wide else 8
            for at in range(offset, offset + size, step):
                tag, value = struct.unpack_from(order + ("qQ" if wide else "iI"), elf, at)
                if tag == 1:  # DT_NEEDED
                    libraries.append(text(link, value))
        if kind == 0x6FFFFFFE:  # SHT_GNU_verneed
            at = offset
            for _ in range(info):
                _, n, _, aux, following = struct.unpack_from(order + "HHIII", elf, at)
                one = at + aux
                for _ in range(n):
                    _, _, _, name, next_one = struct.unpack_from(order + "IHHII", elf, one)
                    versions.append(text(link, name))
                    one += next_one
                at += following
    return libraries, versions


def _machine(elf):
    """What Python calls the machine that a library is for. Source: e_machine of the generic ABI; e_flags of that of ARM."""
    order = "<" if elf[5] == 1 else ">"
    number, = struct.unpack_from(order + "H", elf, 18)
    flags, = struct.unpack_from(order + "I", elf, 48 if elf[4] == 2 else 36)
    hard_float = 0x400
    if number == 40 and not flags & hard_float:
        return "armv6l"
    return {3: "i686", 40: "armv7l", 62: "x86_64", 183: "aarch64"}.get(number, platform.machine())


def _platform(library):
    """The tag of the machines that the wheel is for."""
    libraries, versions = _needed(library)
    machine = _machine(library)
    free = re.compile(r"lib(c|m|pthread|dl|rt)\.so\.\d+|ld-linux[-\w]*\.so\.\d+")
    glibc = [int(found[1]) for found in (re.fullmatch(r"GLIBC_2\.(\d+)(?:\.\d+)?", version) for version in versions) if found]
    if not glibc or not all(free.fullmatch(name) for name in libraries):
        return f"linux_{machine}"
    least = {"x86_64": 5, "i686": 5}.get(machine, 17)  # what manylinux begins with
    return f"manylinux_2_{max(least, *glibc)}_{machine}"


# --- wheels -----------------------------------------------------------------------------------------------


def _about(tag):
    """What stands in the folder .dist-info."""
    wheel = f"Wheel-Version: 1.0\nGenerator: corallite {VERSION}\nRoot-Is-Purelib: false\nTag: {tag}\n"
    return {"METADATA": _metadata().encode(), "WHEEL": wheel.encode(), "LICENSE": (ROOT / "LICENSE").read_bytes()}


class _Wheel:
    def __init__(self, path):
        self.path, self.lines = path, []
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)

    def put(self, name, data, mode=0o644):
        info = zipfile.ZipInfo(name, time.gmtime(EPOCH)[:6])
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, (0o100000 | mode) << 16
        self.zip.writestr(info, data)

    def add(self, name, data, mode=0o644):
        self.put(name, data, mode)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.lines.append(f"{name},sha256={digest},{len(data)}\n")

    def close(self, tag):
        folder = f"{NAME}.dist-info"
        for name, data in _about(tag).items():
            self.add(f"{folder}/{name}", data)
        self.lines.append(f"{folder}/RECORD,,\n")
        self.put(f"{folder}/RECORD", "".join(self.lines).encode())
        self.zip.close()


def _files():
    """The packages' own: what a demo left beside itself, a picture or a model, is somebody's."""
    for package in PACKAGES:
        for path in sorted((ROOT / "python" / package).rglob("*")):
            if path.is_file() and path.suffix in (".py", ".typed"):
                yield path


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with tempfile.TemporaryDirectory(prefix="corallite-wheel-") as folder:
        library = _build(folder, config_settings)
    tag = f"py3-none-{_platform(library)}"
    name = f"{NAME}-{tag}.whl"
    wheel = _Wheel(os.path.join(wheel_directory, name))
    for path in _files():
        wheel.add(path.relative_to(ROOT / "python").as_posix(), path.read_bytes())
    wheel.add(f"corallite/lib/{LIBRARY}", library, 0o755)
    wheel.close(tag)
    return name


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """The folder python/ of this tree, with the library of its folder build/."""
    tag = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
    name = f"{NAME}-{tag}.whl"
    wheel = _Wheel(os.path.join(wheel_directory, name))
    wheel.add("corallite.pth", f"{ROOT / 'python'}\n".encode())
    wheel.close(tag)
    return name


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """So that pip does not build the library to read the name of what it builds."""
    folder = pathlib.Path(metadata_directory, f"{NAME}.dist-info")
    folder.mkdir()
    for name, data in _about("py3-none-any").items():
        (folder / name).write_bytes(data)
    return folder.name


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def get_requires_for_build_wheel(config_settings=None):
    """What pip gets from its index: nothing where the tools are there."""
    return [] if os.environ.get("CRL_WHEEL_LIBRARY") else _missing()


def get_requires_for_build_editable(config_settings=None):
    return []


get_requires_for_build_sdist = get_requires_for_build_editable


# --- sources ----------------------------------------------------------------------------------------------


def _sources():
    """What git knows; all that there is where this is no checkout: an unpacked sdist."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], check=True, capture_output=True).stdout
        return [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]
    names = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return sorted(str(name) for name in names if name.parts[0] != "PKG-INFO" and not name.parts[0].startswith("build") and "__pycache__" not in name.parts)


def build_sdist(sdist_directory, config_settings=None):
    name = f"{NAME}.tar.gz"

    def plain(info):
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        info.mtime = EPOCH
        return info

    with tarfile.open(os.path.join(sdist_directory, name), "w:gz", format=tarfile.PAX_FORMAT) as tar:
        metadata = _metadata().encode()
        info = plain(tarfile.TarInfo(f"{NAME}/PKG-INFO"))
        info.size = len(metadata)
        tar.addfile(info, io.BytesIO(metadata))
        for source in _sources():
            tar.add(ROOT / source, f"{NAME}/{source}", recursive=False, filter=plain)
    return name
