# SPDX-License-Identifier: Apache-2.0
"""corallite.Session, its types, and the package's other names."""
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import warnings

import numpy as np

import corallite
from corallite import _c
from helpers import CLASSIFIER, DETECTOR, ROOT, TINY, testdata

try:
    import PIL.Image
except ImportError:
    raise unittest.SkipTest("Pillow is not installed for this Python") from None

SCENE = str(ROOT / "examples/scene_1.jpg")
LABELS = str(ROOT / "models/signs_labels.txt")


class Running(unittest.TestCase):
    def session(self, model=DETECTOR, **options):
        session = corallite.Session(model, **{"labels": LABELS, **options})
        self.addCleanup(session.close)
        return session

    def test_what_goes_in(self):
        session = self.session()
        picture = PIL.Image.open(SCENE).convert("RGB")
        array = np.asarray(picture)
        wide = np.zeros((array.shape[0], array.shape[1] + 5, 3), np.uint8)
        wide[:, :-5] = array
        wanted = session.run(SCENE)
        self.assertEqual((wanted.purpose, wanted.width, wanted.height), ("detect", *picture.size))
        self.assertGreater(len(wanted.detections), 2)
        for given in pathlib.Path(SCENE), picture, array, wide[:, :-5], np.asfortranarray(array), picture.convert("RGBA"):
            self.assertEqual(session.run(given).detections, wanted.detections)
        grey = session.run(picture.convert("L"))
        self.assertEqual(grey.detections, session.run(np.asarray(picture.convert("L"))).detections)
        self.assertEqual(session.run_frame(array.tobytes(), *picture.size).detections, wanted.detections)
        self.assertEqual(session.run_frame(array[..., ::-1].tobytes(), *picture.size, pixels="bgr").detections, wanted.detections)

        class Buffer:  # as Gst.Buffer
            get_size = staticmethod(lambda: array.nbytes)
            extract_dup = staticmethod(lambda offset, size: array.tobytes()[offset : offset + size])

        self.assertEqual(session.run_frame(Buffer(), *picture.size).detections, wanted.detections)

    def test_buffers_of_gstreamer(self):
        """Real ones, where Python has GStreamer; rows are filled up to four bytes there."""
        sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, for a Python of the same version that is not Debian's
        self.addCleanup(sys.path.remove, "/usr/lib/python3/dist-packages")
        try:
            import gi

            gi.require_version("Gst", "1.0")
            from gi.repository import Gst
        except (ImportError, ValueError):
            self.skipTest("Python has no GStreamer (python3-gi, gir1.2-gstreamer-1.0)")
        Gst.init(None)
        session = self.session()
        picture = PIL.Image.open(SCENE).convert("RGB")
        for width in picture.width, picture.width - 3:
            part = picture.crop((0, 0, width, picture.height))
            rows = np.zeros((part.height, (3 * width + 3) // 4 * 4), np.uint8)
            rows[:, : 3 * width] = np.asarray(part).reshape(part.height, -1)
            buffer = Gst.Buffer.new_wrapped(rows.tobytes())
            self.assertEqual(session.run_frame(buffer, *part.size).detections, session.run(part).detections)

    def test_what_comes_out(self):
        found = self.session(threshold=0.1, top_k=4).run(SCENE)
        self.assertLessEqual(len(found.detections), 4)
        scores = [d.score for d in found.detections]
        self.assertEqual(scores, sorted(scores, reverse=True))
        for d in found.detections:
            self.assertIsInstance(d.label, str)
            self.assertTrue(0 <= d.box.x0 <= d.box.x1 <= found.width and 0 <= d.box.y0 <= d.box.y1 <= found.height)
        self.assertTrue(found.input_ms > 0 and found.run_ms > 0 and found.read_ms > 0)
        self.assertEqual((found.classes, found.poses, found.segments, found.mask, found.embedding), ((), (), (), None, None))
        classes = self.session(CLASSIFIER, top_k=2).run(SCENE).classes
        self.assertEqual(len(classes), 2)

    def test_as_the_program(self):
        program = os.environ.get("CRL_PROGRAM")
        if not program:
            self.skipTest("the program is not built")
        import json

        said = json.loads(subprocess.run([program, "detect", "--json", SCENE], capture_output=True, check=True).stdout)
        found = self.session().run(SCENE).detections
        self.assertEqual([r["index"] for r in said[0]["results"]], [d.index for d in found])
        for r, d in zip(said[0]["results"], found):
            self.assertEqual(r["label"], d.label)
            np.testing.assert_allclose(r["box"], [d.box.x0, d.box.y0, d.box.x1, d.box.y1], atol=1e-3)

    def test_labels(self):
        names = [f"name {i}" for i in range(13)]
        self.assertEqual(self.session(CLASSIFIER, labels=names, top_k=1).run(SCENE).classes[0].label,
                         "name {}".format(self.session(CLASSIFIER).run(SCENE).classes[0].index))
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = self.session(TINY, labels=["one"], top_k=5).run(SCENE).classes
        self.assertEqual(len(said), 1)
        self.assertIn("1 label, but the model has 5 classes", str(said[0].message))
        self.assertIn(None, [c.label for c in found])

    def test_models_of_other_kinds(self):
        mask = corallite.Session(testdata("models/deeplabv3_mnv2_pascal_quant.tflite")).run(testdata("images/cat.bmp"))
        self.assertEqual((mask.purpose, mask.mask.shape), ("segment", (mask.height, mask.width)))
        self.assertEqual(sum(s.pixels for s in mask.segments), mask.mask.size)
        for s in mask.segments:
            self.assertEqual(int((mask.mask == s.index).sum()), s.pixels)
        pose = corallite.Session(testdata("models/movenet_single_pose_lightning_ptq.tflite")).run(testdata("images/squat.bmp"))
        self.assertEqual([k.name for k in pose.poses[0].keypoints][:2], ["nose", "left_eye"])
        vector = corallite.Session(testdata("models/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite")).run(testdata("images/cat.bmp"))
        self.assertEqual((vector.purpose, vector.embedding.shape, vector.embedding.dtype), ("embed", (1024,), np.float32))

    def test_parrot(self):
        session = corallite.Session(testdata("models/mobilenet_v2_1.0_224_inat_bird_quant.tflite"), labels=testdata("labels/inat_bird_labels.txt"))
        self.assertEqual(session.run(testdata("images/parrot.jpg")).classes[0].label, "Ara macao (Scarlet Macaw)")

    def test_what_is_drawn(self):
        session = self.session()
        with self.assertRaises(corallite.Error) as caught:
            session.draw(SCENE)
        self.assertEqual(caught.exception.name, "state")
        session.run(SCENE)
        before = np.asarray(PIL.Image.open(SCENE).convert("RGB"))
        drawn = session.draw(before)
        self.assertEqual(drawn.size, before.shape[1::-1])
        self.assertFalse(np.array_equal(before, np.asarray(drawn)))
        self.assertTrue(np.array_equal(np.asarray(drawn), np.asarray(session.draw(SCENE))))

    def test_what_is_refused(self):
        with self.assertRaises(corallite.Error) as caught:
            corallite.Session("/nowhere.tflite")
        self.assertEqual((caught.exception.status, caught.exception.name), (_c.ERR_IO, "io"))
        self.assertRaises(corallite.Error, corallite.Session, b"none")
        self.assertRaises(ValueError, corallite.Session, DETECTOR, purpose="fly")
        self.assertRaises(corallite.Error, corallite.Session, DETECTOR, resample="magic")
        self.assertRaises(corallite.Error, corallite.Session, DETECTOR, labels="/nowhere.txt")
        self.assertRaises(corallite.Error, corallite.Session, DETECTOR, top_k=-1)
        session = self.session()
        for picture in np.zeros((4, 4, 3), np.float32), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), np.zeros(4, np.uint8), 5, None:
            self.assertRaises(ValueError, session.run, picture)
        self.assertRaises(OSError, session.run, "/nowhere.jpg")
        self.assertRaises(OSError, session.run, TINY)
        self.assertRaises(corallite.Error, session.run_frame, b"abc", 4, 4)
        self.assertRaises(corallite.Error, session.run_frame, b"abc", 4, 4, "xyz")

    def test_closing(self):
        with corallite.Session(DETECTOR) as session:
            session.run(SCENE)
        session.close()
        for use in (lambda: session.run(SCENE)), (lambda: session.label(0)), (lambda: list(session.run_many([SCENE]))):
            self.assertRaisesRegex(ValueError, "the session is closed", use)

    def test_many_pictures(self):
        session, broken = self.session(), []
        wanted = session.run(SCENE).detections
        pictures = [SCENE] * 3 + ["/nowhere.jpg"] + [np.asarray(PIL.Image.open(SCENE).convert("RGB"))] * 3
        found = list(session.run_many(iter(pictures), workers=2, on_error=lambda picture, error: broken.append((picture, type(error)))))
        self.assertEqual([r.detections for r in found], [wanted] * 6)
        self.assertEqual(broken, [("/nowhere.jpg", FileNotFoundError)])
        self.assertRaises(FileNotFoundError, lambda: list(session.run_many(pictures)))
        next(session.run_many(pictures))  # given up in the middle

    def test_threads(self):
        session = self.session()
        wanted, wrong = session.run(SCENE).detections, []

        def work():
            for _ in range(5):
                if session.run(SCENE).detections != wanted:
                    wrong.append(1)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


class Package(unittest.TestCase):
    def test_names(self):
        for name in corallite.__all__:
            self.assertTrue(hasattr(corallite, name), name)
        self.assertRaises(AttributeError, getattr, corallite, "nothing")
        version = (ROOT / "include/corallite/version.h").read_text()
        self.assertIn(f'"{corallite.__version__}"', version)

    def test_stands_in_for_ai_edge_litert(self):
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder, "program.py")
            script.write_text("import sys\nfrom ai_edge_litert.interpreter import Interpreter, load_delegate\n"
                              "print(Interpreter.__module__, __name__, sys.argv[1:])\n")
            run = [sys.executable, "-m", "corallite", str(script), "--flag"]
            environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
            said = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
            installed = importlib.util.find_spec("ai_edge_litert") is not None
            wanted = "ai_edge_litert" if installed else "tflite_runtime"
            self.assertEqual((said.stdout, said.returncode), (f"{wanted}.interpreter __main__ ['--flag']\n", 0), said.stderr)
            # Without what is installed, and never instead of what is.
            code = ("import sys, importlib.util, corallite; corallite.provide_ai_edge_litert(); last = sys.meta_path[-1]; "
                    "spec = last.find_spec('ai_edge_litert.interpreter'); module = importlib.util.module_from_spec(spec); "
                    "spec.loader.exec_module(module); print(module.Interpreter.__module__, last.find_spec('other'))")
            said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
            self.assertEqual(said.stdout, "tflite_runtime.interpreter None\n", said.stderr)

    def test_types(self):
        if importlib.util.find_spec("mypy") is None:
            self.skipTest("mypy is not installed for this Python")
        with tempfile.TemporaryDirectory() as cache:
            said = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", cache], cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    def test_help(self):
        for arguments, status in ([], 2), (["--help"], 0), (["--version"], 0):
            said = subprocess.run([sys.executable, "-m", "corallite", *arguments], env={**os.environ, "PYTHONPATH": str(ROOT / "python")},
                                  capture_output=True, text=True, check=False)
            self.assertEqual(said.returncode, status)
            self.assertTrue(said.stdout)


if __name__ == "__main__":
    unittest.main()
