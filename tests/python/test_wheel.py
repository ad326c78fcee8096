# SPDX-License-Identifier: Apache-2.0
"""What pip makes of the tree: wheels and sdists, with the library that is built already."""
import base64
import csv
import hashlib
import importlib.util
import io
import os
import pathlib
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
from unittest import mock

from corallite import _c
from helpers import ROOT, TINY

sys.path.insert(0, str(ROOT / "python/backend"))
import corallite_build as backend  # noqa: E402

LIBRARY = _c.library._name
USE = """
import corallite, corallite._library, sys, tflite_runtime.interpreter as t, pycoral.utils.edgetpu, edgetpu.basic.edgetpu_utils
assert corallite._library.candidates()[0].startswith(sys.argv[2]), corallite._library.candidates()
i = t.Interpreter(sys.argv[1]); i.allocate_tensors(); i.invoke()
print(corallite.__version__)
"""


class Distribution(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.environ["CRL_WHEEL_LIBRARY"] = LIBRARY
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = pathlib.Path(cls.folder.name)
        cls.wheel = cls.out / backend.build_wheel(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        del os.environ["CRL_WHEEL_LIBRARY"]
        cls.folder.cleanup()

    def use(self, folder):
        environment = {k: v for k, v in os.environ.items() if k != "CRL_LIBRARY"}
        said = subprocess.run([sys.executable, "-c", USE, TINY, str(folder)], cwd="/", capture_output=True, text=True, check=False,
                              env={**environment, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"})
        self.assertEqual((said.stdout.strip(), said.returncode), (backend.VERSION, 0), said.stderr)

    def test_wheel_is_whole(self):
        with zipfile.ZipFile(self.wheel) as wheel:
            self.assertIsNone(wheel.testzip())
            names = wheel.namelist()
            for name in f"corallite/lib/{backend.LIBRARY}", "tflite_runtime/interpreter.py", "pycoral/utils/edgetpu.py", "corallite/py.typed":
                self.assertIn(name, names)
            self.assertFalse([name for name in names if "__pycache__" in name or name.startswith(("backend", "/"))])
            folder = f"{backend.NAME}.dist-info"
            rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(wheel.read(f"{folder}/RECORD").decode()))}
            self.assertEqual(set(rows), set(names))
            for name in names:
                if not name.endswith("/RECORD"):
                    data = wheel.read(name)
                    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                    self.assertEqual(rows[name], [f"sha256={digest}", str(len(data))])
            about = wheel.read(f"{folder}/METADATA").decode()
            self.assertTrue(about.startswith("Metadata-Version: 2.1\nName: corallite\n"))
            self.assertIn("\nRequires-Dist: numpy", about)
            tag = re.search(r"^Tag: (.*)$", wheel.read(f"{folder}/WHEEL").decode(), re.MULTILINE)[1]
            self.assertEqual(self.wheel.name, f"{backend.NAME}-{tag}.whl")
            self.assertTrue(tag.startswith("py3-none-"))

    def test_what_a_demo_left_stays_out(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(backend, "ROOT", pathlib.Path(folder)):
            demo = pathlib.Path(folder, "python/edgetpu/demo")
            demo.mkdir(parents=True)
            for name in "classify_image.py", "object_detection_result.jpg", "mine_retrained.tflite", "mine_retrained.txt":
                (demo / name).touch()
            self.assertEqual([path.name for path in backend._files()], ["classify_image.py"])

    def test_wheel_is_the_same_again(self):
        with tempfile.TemporaryDirectory() as folder:
            again = pathlib.Path(folder, backend.build_wheel(folder)).read_bytes()
        self.assertEqual(again, self.wheel.read_bytes())

    def test_unpacked_it_works(self):
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(self.wheel) as wheel:
            wheel.extractall(folder)
            self.use(folder)

    def test_pip_installs_offline(self):
        if importlib.util.find_spec("pip") is None:
            self.skipTest("pip is not installed for this Python")
        for source in str(ROOT), self.sdist():
            with self.subTest(source), tempfile.TemporaryDirectory() as folder:
                pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-index", "--no-deps", "--quiet"]
                said = subprocess.run([*pip, "--target", folder, source], capture_output=True, text=True, check=False)
                self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
                self.use(folder)

    def sdist(self):
        if not (ROOT / ".git").exists():
            self.skipTest("an sdist is made of what git knows")
        return str(self.out / backend.build_sdist(str(self.out)))

    def test_sdist_has_what_is_built(self):
        with tarfile.open(self.sdist()) as tar:
            names = tar.getnames()
            about = tar.extractfile(f"{backend.NAME}/PKG-INFO").read().decode()
        for name in "PKG-INFO", "pyproject.toml", "meson.build", "src/engine/engine.c", "python/tflite_runtime/interpreter.py", "LICENSE":
            self.assertIn(f"{backend.NAME}/{name}", names)
        self.assertIn(f"\nVersion: {backend.VERSION}\n", about)

    def test_platform_is_the_library_s(self):
        needed, versions = backend._needed(pathlib.Path(LIBRARY).read_bytes())
        self.assertIn("libc.so.6", needed)
        self.assertTrue([v for v in versions if v.startswith("GLIBC_2.")])
        inside = pathlib.Path(LIBRARY).read_bytes()
        tag = backend._platform(inside)
        self.assertTrue(tag.endswith(platform.machine()), tag)
        if "libjpeg.so.62" in needed:
            self.assertTrue(tag.startswith("linux_"), f"{tag}, and it asks for libjpeg")

    def test_platform_of_another_machine(self):
        """A library that was built for another machine gives that machine's wheel."""
        for number, flags, wide, name in (183, 0, True, "aarch64"), (40, 0x5000400, False, "armv7l"), (40, 0x5000200, False, "armv6l"), \
                (62, 0, True, "x86_64"), (3, 0, False, "i686"):
            head = bytearray(64)
            head[:6] = b"\x7fELF" + bytes([2 if wide else 1, 1])
            head[18:20] = number.to_bytes(2, "little")
            at = 48 if wide else 36
            head[at:at + 4] = flags.to_bytes(4, "little")
            self.assertEqual(backend._machine(bytes(head)), name)
        with mock.patch.object(backend, "_machine", lambda elf: "aarch64"), mock.patch.object(backend, "_needed", lambda elf: (["libc.so.6"], ["GLIBC_2.34"])):
            self.assertEqual(backend._platform(b""), "manylinux_2_34_aarch64")

    def test_cross_files(self):
        """Of the tree, or by a whole path, one or several."""
        self.assertEqual(backend._cross_files({"cross-file": "tools/cross/a.ini"}), [f"--cross-file={ROOT}/tools/cross/a.ini"])
        self.assertEqual(backend._cross_files({"cross-file": ["/a.ini", "b.ini"]}), ["--cross-file=/a.ini", f"--cross-file={ROOT}/b.ini"])
        self.assertEqual(backend._cross_files(None), [])

    def test_tools_that_pip_is_to_get(self):
        self.assertEqual(backend.get_requires_for_build_wheel(), [])
        with mock.patch.dict(os.environ, {"CRL_WHEEL_LIBRARY": ""}), mock.patch("shutil.which", lambda tool: None):
            self.assertEqual(backend.get_requires_for_build_wheel(), ["meson", "ninja"])

    def test_editable(self):
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(pathlib.Path(folder, backend.build_editable(folder))) as wheel:
                self.assertEqual(wheel.read("corallite.pth").decode().strip(), str(ROOT / "python"))


if __name__ == "__main__":
    unittest.main()
