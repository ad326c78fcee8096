# SPDX-License-Identifier: Apache-2.0
"""The demos of edgetpu: what they print, to the letter, for courses and scripts read it."""
import ctypes
import importlib.util
import io
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np
from coral import SCENE, Base, Image, extractor, kinds, run
from helpers import CLASSIFIER, DETECTOR, ROOT, TESTDATA, TINY, testdata

from edgetpu.demo import v4l2

DEMOS = ROOT / "python/edgetpu/demo"
DASHES_27, DASHES_41 = "-" * 27, "-" * 41


class Demos(Base):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_demo(self, name, *args, tpus="", status=0, **kwargs):
        """In its own folder of files, by its path, as people do it; returns what it printed."""
        env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "PYTHONPATH", "CRL_CPU_TWIN")}
        done = run([sys.executable, str(DEMOS / (name + ".py")), *map(str, args)], cwd=self.folder, env={**env, "CRL_VIRTUAL_TPUS": tpus}, **kwargs)
        self.assertEqual(done.returncode, status, done.stderr)
        self.err = done.stderr
        return done.stdout

    def labels(self, n=13):
        path = self.folder / "labels.txt"
        path.write_text("".join("%d  sign %d\n" % (i, i) for i in range(n)))
        return path


class ClassifyImage(Demos):
    def test_format(self):
        out = self.run_demo("classify_image", "--model", CLASSIFIER, "--label", self.labels(), "--image", SCENE)
        self.assertRegex(out, r"^(-{27}\nsign \d+\nScore :  0\.\d{1,6}\n){1,3}$")
        scores = [float(s) for s in re.findall(r"Score :  (.*)", out)]
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertTrue(all(s > 0.1 for s in scores))

    def test_as_a_module(self):
        done = run([sys.executable, "-m", "edgetpu.demo.classify_image", "--model", CLASSIFIER, "--label", str(self.labels()), "--image", SCENE],
                   env={**os.environ, "PYTHONPATH": str(ROOT / "python")})
        self.assertEqual((done.returncode, done.stdout[:28]), (0, DASHES_27 + "\n"))

    def test_the_parrot(self):
        """The document's example, and its class; its score is that of another file and another Pillow."""
        out = self.run_demo("classify_image", "--model", testdata("models/mobilenet_v2_1.0_224_inat_bird_quant.tflite"),
                            "--label", testdata("labels/inat_bird_labels.txt"), "--image", testdata("images/parrot.jpg"))
        lines = out.splitlines()
        self.assertEqual(lines[:2], [DASHES_27, "Ara macao (Scarlet Macaw)"])
        self.assertRegex(lines[2], r"^Score :  0\.\d{1,6}$")
        self.assertTrue(0.55 < float(lines[2].split()[-1]) < 0.75, lines[2])

    def test_compiled_models(self):
        """The document's command names a compiled model; its twin lies beside it, and computes what a stick would."""
        name = "mobilenet_v1_1.0_224_quant_embedding_extractor"
        for suffix in ".tflite", "_edgetpu.tflite":
            shutil.copy(testdata("models/" + name + suffix), self.folder)
        with mock.patch.dict(os.environ, CRL_ARITHMETIC="edgetpu"):
            as_a_stick = self.run_demo("classify_image", "--model", name + ".tflite", "--label", self.labels(), "--image", SCENE)
        self.assertEqual(self.run_demo("classify_image", "--model", name + "_edgetpu.tflite", "--label", self.labels(), "--image", SCENE), as_a_stick)
        self.assertRegex(self.err, r"^corallite: .*_edgetpu\.tflite .*\n$")

    def test_mistakes(self):
        self.run_demo("classify_image", "--model", CLASSIFIER, status=2)
        self.assertIn("required", self.err)
        for args in (("--model", "no.tflite", "--label", self.labels(), "--image", SCENE), ("--model", CLASSIFIER, "--label", "no.txt", "--image", SCENE),
                     ("--model", CLASSIFIER, "--label", self.labels(), "--image", CLASSIFIER), ("--model", SCENE, "--label", self.labels(), "--image", SCENE)):
            self.assertEqual(self.run_demo("classify_image", *args, status=1), "")
            self.assertRegex(self.err, r"^classify_image\.py: error: [^\n]+\n$")


class ObjectDetection(Demos):
    def test_format(self):
        out = self.run_demo("object_detection", "--model", DETECTOR, "--label", self.labels(), "--input", SCENE, "--output", "found.jpg")
        number = r"-?\d+\.\d+(?:e-\d+)?"
        box = r"box =  \[" + ", ".join([number] * 4) + r"\]\n"
        self.assertRegex(out, r"^(-{41}\nsign \d+\nscore =  [01](\.\d{1,6})?\n" + box + r"){1,10}Please check  found\.jpg\n$")
        before, after = (np.asarray(Image.open(p).convert("RGB"), np.int32) for p in (SCENE, self.folder / "found.jpg"))
        self.assertEqual(before.shape, after.shape)
        x0, y0, x1, y1 = (float(v) for v in re.search(r"box =  \[(.*)\]", out).group(1).split(", "))
        r, g, b = after[int((y0 + y1) / 2), max(0, int(x0))]
        self.assertTrue(r > g + 50 and r > b + 50, (r, g, b))  # the outline is red

    def test_defaults(self):
        out = self.run_demo("object_detection", "--model", DETECTOR, "--input", SCENE)
        self.assertTrue(out.endswith("Please check  object_detection_result.jpg\n"))
        self.assertNotIn("sign", out)
        self.assertTrue((self.folder / "object_detection_result.jpg").exists())

    def test_nothing(self):
        Image.new("RGB", (256, 256), (127, 127, 127)).save(self.folder / "grey.png")
        out = self.run_demo("object_detection", "--model", DETECTOR, "--input", "grey.png", "--output", "found.jpg")
        self.assertEqual(out, "No object detected!\n")
        self.assertFalse((self.folder / "found.jpg").exists())

    def test_the_picture_stays(self):
        shutil.copy(SCENE, self.folder / "a.jpg")
        self.run_demo("object_detection", "--model", DETECTOR, "--input", "a.jpg", "--output", "a.jpg", status=2)
        self.assertIn("the picture itself", self.err)

    def test_the_cat(self):
        out = self.run_demo("object_detection", "--model", testdata("models/coco_ssd_mobilenet_v1_1.0_quant.tflite"),
                            "--label", testdata("labels/coco_labels.txt"), "--input", testdata("images/cat.bmp"), "--output", "cat.jpg")
        self.assertEqual(out.splitlines()[:2], [DASHES_41, "cat"])


PICAMERA = '''
import numpy as np

class PiCamera:
    """Two frames, as rows of a multiple of 32 pixels, then no more. It writes down what is asked of it."""

    def __init__(self):
        self.__dict__["seen"] = []

    def __setattr__(self, name, value):
        print(name, value)

    def start_preview(self):
        print("preview")

    def stop_preview(self):
        print("no preview")

    def close(self):
        print("closed")

    def capture_continuous(self, stream, format, use_video_port, resize):
        print(format, use_video_port, resize)
        for value in 0, 255:
            frame = np.zeros((16, 32, 3), np.uint8)
            frame[:16, :16] = value
            stream.write(frame.tobytes())
            yield stream
'''


PICAMERA2 = '''
import numpy as np

class Picamera2:
    """Two frames with a fourth byte for each pixel, as some formats have it, then somebody presses Ctrl-C."""

    def __init__(self):
        self.left = 2

    def create_video_configuration(self, main, controls):
        return main, controls

    def configure(self, asked):
        print("configure", *asked)

    def start(self):
        print("start")

    def capture_array(self):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return np.full((480, 640, 4), 200, np.uint8)

    def stop(self):
        print("stop")

    def close(self):
        print("closed")
'''


class Kernel:
    """A camera by its system calls: frames of one format, the first of them cut off, and what waits is older than what comes."""

    def __init__(self, pixelformat, frames):
        self.pixelformat, self.frames, self.queued, self.streaming = pixelformat, frames, [], False

    def ioctl(self, fd, code, value):
        if code == v4l2.S_FMT:
            value.of.pix.pixelformat, value.of.pix.width, value.of.pix.height = v4l2.fourcc(self.pixelformat), 16, 8
            value.of.pix.bytesperline = 32 if self.pixelformat == b"YUYV" else 0
        elif code == v4l2.REQBUFS:
            value.count = 2
        elif code == v4l2.QUERYBUF:
            value.length, value.m.offset = 4096, value.index * 4096
        elif code == v4l2.QBUF:
            self.queued.append(value.index)
        elif code == v4l2.DQBUF:
            value.index = self.queued.pop(0)
            data = self.frames.pop(0)
            self.memory[value.index][:len(data)] = data
            value.bytesused = len(data)
        elif code in (v4l2.STREAMON, v4l2.STREAMOFF):
            self.streaming = code == v4l2.STREAMON

    def select(self, read, write, other, timeout):
        return (read if self.frames and (timeout or len(self.frames) > self.keep) else [], [], [])

    def run(self, test, keep=0):
        """Returns the frame that is read first."""
        self.keep, self.memory = keep, [bytearray(4096) for _ in range(2)]
        maps = iter(self.memory)
        with mock.patch.object(v4l2.os, "open", lambda *_: 99), mock.patch.object(v4l2.os, "close", lambda fd: None), \
                mock.patch.object(v4l2.fcntl, "ioctl", self.ioctl), mock.patch.object(v4l2.select, "select", self.select), \
                mock.patch.object(v4l2.mmap, "mmap", lambda *_, **__: Mapped(next(maps))):
            camera = v4l2.Camera("/dev/video0", 640, 480, 30)
            test.assertTrue(self.streaming)
            try:
                return camera.read()
            finally:
                camera.close()
                test.assertFalse(self.streaming)


class Mapped:
    def __init__(self, memory):
        self.memory = memory

    def __getitem__(self, which):
        return bytes(self.memory[which])

    def close(self):
        pass


class ClassifyCapture(Demos):
    def test_picamera(self):
        """What stands over the picture: the label with its score, and below it the time."""
        (self.folder / "picamera.py").write_text(PICAMERA)
        code = "import sys; sys.path[:0] = sys.argv[1:3]; sys.argv[1:3] = []; from edgetpu.demo import classify_capture; classify_capture.main()"
        done = run([sys.executable, "-c", code, str(self.folder), str(ROOT / "python"), "--model", TINY, "--label", str(self.labels(5))])
        shown = r"annotate_text sign \d 0\.\d\d\n\d+\.\d\dms\n"
        self.assertRegex(done.stdout, r"^resolution \(640, 480\)\nframerate 30\npreview\nrgb True \(16, 16\)\n(" + shown + r"){2}no preview\nclosed\n$",
                         done.stderr)

    def test_picamera2(self):
        """Its frames are fitted to the model, and the class is a line on the standard output."""
        (self.folder / "picamera2.py").write_text(PICAMERA2)
        code = "import sys; sys.path[:0] = sys.argv[1:3]; sys.argv[1:3] = []; from edgetpu.demo import classify_capture as c; c.demo.run(c.main)"
        done = run([sys.executable, "-c", code, str(self.folder), str(ROOT / "python"), "--model", TINY, "--label", str(self.labels(5))])
        asked = r"configure \{'size': \(640, 480\), 'format': 'BGR888'\} \{'FrameRate': 30\}\nstart\n"
        self.assertRegex(done.stdout, "^" + asked + r"(sign \d 0\.\d\d  \d+\.\d\dms\n){2}stop\nclosed\n$", done.stderr)
        self.assertEqual((done.returncode, done.stderr), (130, ""))

    @unittest.skipIf(os.path.exists("/dev/video0") or importlib.util.find_spec("picamera"), "there is a camera")
    def test_no_camera(self):
        self.run_demo("classify_capture", "--model", TINY, "--label", self.labels(), status=1)
        self.assertRegex(self.err, r"^classify_capture\.py: error: there is no camera: [^\n]*/dev/video0 does not exist\n$")

    def test_not_a_camera(self):
        self.begins(OSError, "/dev/null cannot be used as a camera: ", v4l2.Camera, "/dev/null", 640, 480, 30)

    def test_raw_frames(self):
        frames = [bytes([y, 128] * 128) for y in (16, 100, 235)]
        pixels = Kernel(b"YUYV", list(frames)).run(self)
        self.assertEqual((pixels.shape, pixels.min()), ((8, 16, 3), 255))  # the newest
        pixels = Kernel(b"YUYV", [frames[0][:100], frames[0]]).run(self, keep=1)
        self.assertEqual(pixels.max(), 0)  # the one that was cut off is left out

    def test_jpeg_frames(self):
        out = io.BytesIO()
        Image.new("RGB", (16, 8), (200, 30, 30)).save(out, "JPEG", quality=95)
        pixels = Kernel(b"MJPG", [b"no picture", out.getvalue()]).run(self, keep=1)
        self.assertEqual(pixels.shape, (8, 16, 3))
        self.assertLess(np.abs(pixels.astype(int) - (200, 30, 30)).max(), 8)

    def test_other_frames_and_none(self):
        self.fails(RuntimeError, "/dev/video0 gives BGGR; YUYV and MJPG are read", Kernel(b"BGGR", []).run, self)
        self.fails(OSError, "the camera has given no picture for 10 seconds", Kernel(b"YUYV", []).run, self)

    def test_pixels(self):
        """Grey, and the primary colours as BT.601 has them."""
        for yuv, rgb in ((16, 128, 128), (0, 0, 0)), ((235, 128, 128), (255, 255, 255)), ((81, 90, 240), (255, 0, 0)), ((145, 54, 34), (0, 255, 0)), \
                ((41, 240, 110), (0, 0, 255)):
            y, u, v = yuv
            data = bytes([y, u, y, v] * 2 + [9, 9]) * 3  # two more bytes at the end of each row
            pixels = v4l2.yuyv_to_rgb(data, 4, 3, 10)
            self.assertEqual(pixels.shape, (3, 4, 3))
            self.assertLessEqual(np.abs(pixels.astype(int) - rgb).max(), 2, (yuv, pixels[0, 0]))

    def test_structures(self):
        """Their sizes are part of the kernel's interface."""
        wide = ctypes.sizeof(ctypes.c_void_p) == 8
        self.assertEqual([ctypes.sizeof(s) for s in (v4l2.Format, v4l2.Parameters, v4l2.Request, v4l2.Buffer)],
                         [208, 204, 20, 88] if wide else [204, 204, 20, 68])


class TwoModels(Demos):
    ARGS = "--classification_model", CLASSIFIER, "--detection_model", DETECTOR, "--image", SCENE

    def test_too_few_devices(self):
        for tpus in "", "1":
            self.assertEqual(self.run_demo("two_models_inference", *self.ARGS, tpus=tpus), "This demo requires at least two Edge TPU available.\n")

    def test_format(self):
        out = self.run_demo("two_models_inference", *self.ARGS, "--num_inferences", 5, "--batch_size", 2, tpus="2")
        self.assertRegex(out, r"^Running {0} and {1} with one Edge TPU, # inferences 5, batch_size 2\.\n"
                         r"Running {0} and {1} with two Edge TPUs, # inferences 5\.\n"
                         r"Inference with one Edge TPU costs \d+\.\d\d seconds\.\n"
                         r"Inference with two Edge TPUs costs \d+\.\d\d seconds\.\n$".format(re.escape(CLASSIFIER), re.escape(DETECTOR)))


class TransferLearning(Demos):
    def data(self):
        for kind, images in zip(("disc", "bars", "noise"), kinds(4)):
            (self.folder / "data" / kind).mkdir(parents=True)
            for i, image in enumerate(images):
                Image.fromarray(image.reshape(128, 128, 3)).save(self.folder / "data" / kind / ("%d.png" % i))
        (self.folder / "data" / "README").write_text("not a class")
        return os.listdir(self.folder / "data")

    def test_format(self):
        order = [name for name in self.data() if name != "README"]
        extractor(str(self.folder / "extractor.tflite"))
        out = self.run_demo("classification_transfer_learning", "--extractor", "extractor.tflite", "--data", "data", "--output", "new.tflite",
                            "--test_ratio", "0.5")
        self.assertEqual(out.splitlines(), [
            "----------------------      Args    ----------------------", "Output path : new.tflite", "Ratio of test images: 50%",
            "---------------      Parsing data set    -----------------", "Dataset path: data",
            "Image list successfully parsed! Category Num =  3",
            "---------------- Processing training data ----------------", "This process may take more than 30 seconds.",
            *("Processing category: " + name for name in order),
            "----------------      Start training     -----------------", "----------------     Training finished!  -----------------",
            "Model saved as :  new.tflite", "Labels file saved as : new.txt",
            "------------------   Start evaluating   ------------------", *("Evaluating category [ %s ]" % name for name in order),
            "----------------     Evaluation result   -----------------", *("Top %d : 100%%" % k for k in range(1, 6))])
        self.assertEqual((self.folder / "new.txt").read_text(), "".join("%d  %s\n" % p for p in enumerate(order)))
        out = self.run_demo("classify_image", "--model", "new.tflite", "--label", "new.txt", "--image", "data/bars/0.png")
        self.assertEqual(out.splitlines()[1], "bars")
        again = self.run_demo("classification_transfer_learning", "--extractor", "extractor.tflite", "--data", "data")
        self.assertIn("Output path : extractor_retrained.tflite\nRatio of test images: 25%\n", again)

    def test_mistakes(self):
        self.data()
        extractor(str(self.folder / "extractor.tflite"))
        args = "--extractor", "extractor.tflite", "--data", "data"
        for ratio in "0", "1", "-1":
            self.run_demo("classification_transfer_learning", *args, "--test_ratio=" + ratio, status=2)
        self.run_demo("classification_transfer_learning", *args, "--test_ratio", "0.1", status=1)
        self.assertRegex(self.err, r"error: No images to test \[\w+\]\n$")
        self.run_demo("classification_transfer_learning", *args, "--output", "extractor.tflite", status=2)
        (self.folder / "empty").mkdir()
        self.run_demo("classification_transfer_learning", "--extractor", "extractor.tflite", "--data", "empty", status=1)
        self.assertRegex(self.err, "empty has no folders with pictures\n$")

    def test_photos(self):
        """The document's commands: a compiled extractor, then its classifier."""
        name = "mobilenet_v1_1.0_224_quant_embedding_extractor"
        for suffix in ".tflite", "_edgetpu.tflite":
            shutil.copy(testdata("models/" + name + suffix), self.folder)
        for image in sorted(os.listdir(TESTDATA / "images/imprinting")):
            kind = self.folder / "photos" / image.split("_")[0]
            kind.mkdir(parents=True, exist_ok=True)
            shutil.copy(TESTDATA / "images/imprinting" / image, kind)
        out = self.run_demo("classification_transfer_learning", "--extractor", name + "_edgetpu.tflite", "--data", "photos", "--output",
                            "flower_model.tflite", "--test_ratio", "0.5")
        self.assertIn("Ratio of test images: 50%\n", out)
        self.assertIn("Top 1 : 100%\n", out)
        out = self.run_demo("classify_image", "--model", "flower_model.tflite", "--label", "flower_model.txt", "--image",
                            testdata("images/imprinting/dog_test_0.bmp"))
        self.assertEqual(out.splitlines()[1], "dog")


if __name__ == "__main__":
    unittest.main()
