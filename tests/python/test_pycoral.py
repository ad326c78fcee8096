# SPDX-License-Identifier: Apache-2.0
"""pycoral but for its learning: adapters, utils, pipeline."""
import contextlib
import ctypes
import gc
import io
import os
import tempfile
import threading
import time
import unittest

import numpy as np
from coral import SCENE, Base, Fake, GstBuffer, Image, environment, picture
from helpers import CLASSIFIER, DETECTOR, TESTDATA, TINY, testdata

import pycoral
from pycoral.adapters import classify, common, detect, segment
from pycoral.pipeline.pipelined_model_runner import PipelinedModelRunner
from pycoral.utils import edgetpu
from pycoral.utils.dataset import read_label_file

NOT_READY = "Invoke called on model that is not ready."


def ready(path=TINY, **kwargs):
    interpreter = edgetpu.make_interpreter(path, **kwargs)
    interpreter.allocate_tensors()
    return interpreter


class Labels(Base):
    def read(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as f:
            f.write(text)
            f.flush()
            return read_label_file(f.name)

    def test_numbers_and_names(self):
        self.assertEqual(self.read("0:cat\n5: dog\n"), {0: "cat", 5: "dog"})
        self.assertEqual(self.read("0  cat\n7 big dog\n"), {0: "cat", 7: "big dog"})

    def test_bare_names_are_whole_lines(self):
        self.assertEqual(self.read("Ara macao (Scarlet Macaw)\nlimpkin\n"), {0: "Ara macao (Scarlet Macaw)", 1: "limpkin"})

    def test_more_than_ascii(self):
        self.assertEqual(self.read("\ufeff0 Pão\n1 犬\n"), {0: "Pão", 1: "犬"})


class Box(Base):
    def test_numbers(self):
        box = detect.BBox(100, 110, 200, 230)
        self.assertEqual((box.width, box.height, box.area, box.valid), (100, 120, 12000, True))
        self.assertFalse(detect.BBox(10, 0, 5, 5).valid)
        self.assertEqual(repr(box), "BBox(xmin=100, ymin=110, xmax=200, ymax=230)")

    def test_changes(self):
        self.assertEqual(detect.BBox(1, 1, 10, 20).scale(3, 4), detect.BBox(3, 4, 30, 80))
        self.assertEqual(detect.BBox(1, 1, 10, 20).translate(10, 20), detect.BBox(11, 21, 20, 40))
        self.assertEqual(detect.BBox(1.9, 2.1, 3.1, 4.9).map(int), detect.BBox(1, 2, 3, 4))

    def test_two(self):
        a, b = detect.BBox(0, 0, 200, 200), detect.BBox(100, 100, 300, 300)
        self.assertEqual(detect.BBox.intersect(a, b), detect.BBox(100, 100, 200, 200))
        self.assertEqual(detect.BBox.union(a, b), detect.BBox(0, 0, 300, 300))
        self.assertAlmostEqual(detect.BBox.iou(a, b), 1 / 7)
        self.assertEqual(detect.BBox.iou(a, a), 1.0)

    def test_two_apart(self):
        a, b = detect.BBox(0, 0, 10, 20), detect.BBox(20, 30, 25, 35)
        self.assertEqual(detect.BBox.iou(a, b), 0.0)
        self.assertEqual(detect.BBox.intersect(a, b), detect.BBox(20, 30, 10, 20))


class Inputs(Base):
    def test_what_there_is(self):
        interpreter = ready()
        self.assertEqual(common.input_size(interpreter), (16, 16))
        self.assertEqual(common.input_details(interpreter, "name"), "image")
        self.assertEqual(common.input_tensor(interpreter).shape, (16, 16, 3))
        self.assertEqual(common.output_tensor(interpreter, 0).shape, (1, 5))

    def test_pictures_and_arrays(self):
        interpreter = ready()
        pixels = picture((16, 16, 3))
        for data in pixels, Image.fromarray(pixels):
            common.input_tensor(interpreter).fill(0)
            common.set_input(interpreter, data)
            self.assertTrue(np.array_equal(common.input_tensor(interpreter), pixels))

    def test_grey(self):
        fake = Fake([])
        fake._arrays[0] = np.zeros((1, 4, 6, 1), np.uint8)
        pixels = picture((4, 6))
        common.set_input(fake, Image.fromarray(pixels))
        self.assertTrue(np.array_equal(fake._arrays[0][0, :, :, 0], pixels))

    def test_old_name_of_a_filter(self):
        ready()
        self.assertEqual(Image.ANTIALIAS, Image.LANCZOS)

    def test_resized(self):
        interpreter = ready()
        common.input_tensor(interpreter).fill(255)
        image = Image.fromarray(picture((20, 40, 3)))
        asked = []
        result, scale = common.set_resized_input(interpreter, image.size, lambda size: asked.append(size) or image.resize(size, Image.NEAREST))
        self.assertEqual((asked, scale, result.size), ([(16, 8)], (0.4, 0.4), (16, 8)))
        self.assertTrue(np.array_equal(common.input_tensor(interpreter)[:8], np.asarray(result)))
        self.assertFalse(common.input_tensor(interpreter)[8:].any())


class Classes(Base):
    def test_scores(self):
        raw = np.array([[0, 128, 255, 128]], np.uint8)
        fake = Fake([("scores", raw, (0.5, 128))])
        scores = classify.get_scores(fake)
        self.assertEqual((scores.dtype, scores.tolist()), (np.float64, [-64.0, 0.0, 63.5, 0.0]))
        self.assertEqual(classify.num_classes(fake), 4)
        real = np.array([[0.25, 0.5]], np.float32)
        fake = Fake([("scores", real, (0.0, 0))])
        scores = classify.get_scores(fake)
        self.assertEqual((scores.dtype, scores.tolist()), (np.float32, [0.25, 0.5]))
        scores[0] = 9
        self.assertEqual(real[0, 0], 0.25)

    def test_best(self):
        scores = np.array([0.1, 0.5, 0.2, 0.5])
        best = classify.get_classes_from_scores(scores)
        self.assertEqual([c.id for c in best], [1, 3, 2, 0])
        self.assertEqual(best[0], classify.Class(1, 0.5))
        self.assertEqual([c.id for c in classify.get_classes_from_scores(scores, top_k=2)], [1, 3])
        self.assertEqual([c.id for c in classify.get_classes_from_scores(scores, score_threshold=0.2)], [1, 3, 2])
        self.assertEqual(classify.get_classes_from_scores(scores, top_k=99, score_threshold=0.6), [])

    def test_a_model(self):
        interpreter = ready(CLASSIFIER)
        common.set_input(interpreter, Image.open(SCENE).convert("RGB").resize((128, 128), Image.NEAREST))
        interpreter.invoke()
        classes = classify.get_classes(interpreter, top_k=3)
        raw = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]
        self.assertEqual(len(classes), 3)
        self.assertEqual(classes[0].id, int(np.argmax(raw)))
        self.assertEqual(classes[0].score, raw.max() / 256)


class Objects(Base):
    BOXES = np.array([[[0.1, 0.2, 0.5, 0.6], [0, 0, 1, 1], [0, 0, 0, 0]]], np.float32)
    IDS = np.array([[7, 3, 0]], np.float32)
    SCORES = np.array([[0.9, 0.5, 0]], np.float32)
    COUNT = np.array([2], np.float32)

    def check(self, fake):
        found = detect.get_objects(fake, image_scale=(0.5, 0.5))
        self.assertEqual(len(found), 2)
        self.assertEqual(found[0], detect.Object(7, found[0].score, detect.BBox(40, 40, 120, 200)))
        self.assertAlmostEqual(found[0].score, 0.9)
        self.assertEqual([o.id for o in detect.get_objects(fake, score_threshold=0.5)], [7, 3])
        self.assertEqual([o.id for o in detect.get_objects(fake, score_threshold=0.51)], [7])

    def test_order_of_outputs(self):
        self.check(Fake([(n, a, (0.0, 0)) for n, a in (("b", self.BOXES), ("i", self.IDS), ("s", self.SCORES), ("n", self.COUNT))]))
        self.check(Fake([(n, a, (0.0, 0)) for n, a in (("s", self.SCORES), ("b", self.BOXES), ("n", self.COUNT), ("i", self.IDS))]))

    def test_signature(self):
        outputs = [(n, a, (0.0, 0)) for n, a in (("s", self.SCORES), ("n", self.COUNT), ("b", self.BOXES), ("i", self.IDS))]
        signature = {"inputs": {}, "outputs": {"output_0": 2, "output_1": 1, "output_2": 4, "output_3": 3}}
        self.check(Fake(outputs, signatures={"serving_default": signature}))
        self.fails(ValueError, "Only support model with one signature.", detect.get_objects,
                   Fake(outputs, signatures={"a": signature, "b": signature}))

    def test_slots_behind_the_count(self):
        few = Fake([(n, a, (0.0, 0)) for n, a in (("b", self.BOXES), ("i", self.IDS), ("s", self.SCORES), ("n", np.array([1], np.float32)))])
        self.assertEqual([o.id for o in detect.get_objects(few)], [7, 3])  # one that holds something counts, an empty one does not

    def test_a_model(self):
        interpreter = ready(DETECTOR)
        image = Image.open(SCENE).convert("RGB")
        _, scale = common.set_resized_input(interpreter, image.size, lambda size: image.resize(size, Image.LANCZOS))
        interpreter.invoke()
        found = detect.get_objects(interpreter, score_threshold=0.5, image_scale=scale)
        self.assertGreater(len(found), 1)
        for o in found:
            self.assertTrue(o.bbox.valid and -5 <= o.bbox.xmin and o.bbox.xmax <= image.width + 5, o)
            self.assertIsInstance(o.bbox.xmin, int)


class Masks(Base):
    def test_classes_are_cut_to_bytes(self):
        mask = np.array([[[1, 20], [300, 3]]], np.int64)
        result = segment.get_output(Fake([("mask", mask, (0.0, 0))]))
        self.assertEqual((result.dtype, result.tolist()), (np.uint8, [[1, 20], [44, 3]]))

    def test_bird(self):
        interpreter = ready(testdata("models/deeplabv3_mnv2_pascal_quant.tflite"))
        image = Image.open(testdata("images/bird_segmentation.bmp")).resize(common.input_size(interpreter), Image.LANCZOS)
        common.set_input(interpreter, image)
        interpreter.invoke()
        mask = np.asarray(Image.open(testdata("images/bird_segmentation_mask.bmp")))
        result = segment.get_output(interpreter)
        same = (result == mask).sum()
        self.assertGreater(same / (result.size + mask.size - same), 0.9)


class Making(Base):
    def test_path_and_bytes(self):
        with open(TINY, "rb") as f:
            content = f.read()
        pixels = picture((1, 16, 16, 3))
        results = []
        for model in TINY, content:
            interpreter = ready(model)
            interpreter.set_tensor(0, pixels)
            interpreter.invoke()
            results.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).tolist())
        self.assertEqual(results[0], results[1])

    def test_no_file(self):
        self.fails(ValueError, "Could not open 'invalid_model_path.tflite'.", edgetpu.make_interpreter, "invalid_model_path.tflite")

    def test_devices(self):
        with environment(CRL_VIRTUAL_TPUS="2"):
            for device in None, ":0", ":1", "usb", "usb:1":
                ready(device=device)
            for device in ":1000", "foo", "cpu", "pci":
                self.begins(ValueError, "Failed to load delegate from ", edgetpu.make_interpreter, TINY, device)
            self.assertEqual(edgetpu.list_edge_tpus(), [{"type": "usb", "path": "virtual:0"}, {"type": "usb", "path": "virtual:1"}])
        with environment():
            self.assertEqual(edgetpu.list_edge_tpus(), [])
            ready()
            self.begins(ValueError, "Failed to load delegate from ", edgetpu.make_interpreter, TINY, "cpu")

    def test_a_delegate_makes_the_device_unimportant(self):
        ready(device="foo", delegate=edgetpu.load_edgetpu_delegate())

    def test_versions(self):
        self.assertEqual(pycoral.__version__, "2.0.0")
        self.assertRegex(edgetpu.get_runtime_version(), r"^BuildLabel\(.+\), RuntimeVersion\(\d+\)$")
        self.assertTrue(edgetpu.set_verbosity(10) and edgetpu.set_verbosity(0))
        self.assertFalse(edgetpu.set_verbosity(11))


class Running(Base):
    def setUp(self):
        self.interpreter = ready()
        self.handle = self.interpreter._native_handle()
        self.output = self.interpreter.tensor(self.interpreter.get_output_details()[0]["index"])

    def test_kinds_of_input(self):
        for more in 0, 1, 64:
            pixels = picture((768 + more,))
            results = []
            for data in pixels, pixels.tobytes(), (pixels.ctypes.data_as(ctypes.c_void_p), pixels.size), GstBuffer(pixels.tobytes()):
                self.assertIsNone(edgetpu.run_inference(self.interpreter, data))
                results.append(self.output().tolist())
            self.assertTrue(all(r == results[0] for r in results), results)

    def test_views_do_not_hinder(self):
        view = self.output()
        edgetpu.run_inference(self.interpreter, picture((768,), 2))
        first = view.copy()
        edgetpu.run_inference(self.interpreter, np.zeros(768, np.uint8))
        self.assertFalse(np.array_equal(first, view))
        self.assertRaises(RuntimeError, self.interpreter.invoke)

    def test_too_short(self):
        pixels = picture((767,))
        for data in pixels, pixels.tobytes(), (pixels.ctypes.data_as(ctypes.c_void_p), 767), GstBuffer(pixels.tobytes()):
            self.fails(ValueError, "input size=767, expected=768.", edgetpu.run_inference, self.interpreter, data)

    def test_other_types(self):
        for data in "text", 5, None, (1, 2):
            self.fails(TypeError, "input data type is not supported.", edgetpu.run_inference, self.interpreter, data)
        self.fails(TypeError, "input data type is not supported.", edgetpu.run_inference, self.interpreter, np.zeros(768))

    def test_by_handle(self):
        pixels = picture((1, 16, 16, 3))
        edgetpu.run_inference(self.interpreter, pixels.reshape(-1))
        expected = self.output().tolist()
        edgetpu.invoke_with_bytes(self.handle, pixels.tobytes())
        self.assertEqual(self.output().tolist(), expected)
        edgetpu.invoke_with_membuffer(self.handle, pixels.ctypes.data, np.prod(pixels.shape))
        self.assertEqual(self.output().tolist(), expected)
        self.assertRaises(RuntimeError, edgetpu.invoke_with_membuffer, self.handle, pixels.ctypes.data, 767)
        self.assertRaises(RuntimeError, edgetpu.invoke_with_bytes, self.handle, b"short")
        self.assertRaises(ValueError, edgetpu.invoke_with_bytes, 1, b"")

    @unittest.skipUnless(hasattr(os, "memfd_create"), "this system has no memfd_create")
    def test_by_descriptor(self):
        pixels = picture((768,), 3)
        edgetpu.run_inference(self.interpreter, pixels)
        expected = self.output().tolist()
        fd = os.memfd_create("frame")
        try:
            os.write(fd, pixels.tobytes())
            edgetpu.invoke_with_dmabuffer(self.handle, fd, 768)
        finally:
            os.close(fd)
        self.assertEqual(self.output().tolist(), expected)
        self.assertFalse(edgetpu.supports_dmabuf(self.handle))
        self.assertRaises(RuntimeError, edgetpu.invoke_with_dmabuffer, self.handle, fd, 768)

    def test_before_allocation(self):
        interpreter = edgetpu.make_interpreter(TINY)
        handle, pixels = interpreter._native_handle(), picture((768,))
        self.fails(RuntimeError, NOT_READY, edgetpu.run_inference, interpreter, pixels)
        self.fails(RuntimeError, NOT_READY, edgetpu.invoke_with_bytes, handle, pixels.tobytes())
        self.fails(RuntimeError, NOT_READY, edgetpu.invoke_with_membuffer, handle, pixels.ctypes.data, 768)
        self.fails(RuntimeError, NOT_READY, edgetpu.invoke_with_dmabuffer, handle, 0, 768)


class Pipeline(Base):
    """Two segments; where the test set is not here, the same model twice, whose input goes through the first."""

    def setUp(self):
        parts = [TESTDATA / "models" / n for n in ("mobilenet_v1_1.0_224_quant_embedding_extractor.tflite",
                                                   "mobilenet_quant_v1_224_head_layers.tflite")]
        self.paths = [str(p) for p in parts] if all(p.exists() for p in parts) else [TINY, TINY]
        self.out = io.StringIO()
        with contextlib.redirect_stdout(self.out):
            gc.collect()

    def make(self, allocate=True):
        interpreters = [edgetpu.make_interpreter(p) for p in self.paths]
        for i in interpreters if allocate else ():
            i.allocate_tensors()
        runner = PipelinedModelRunner(interpreters)
        details = interpreters[0].get_input_details()[0]
        return runner, {details["name"]: picture(details["shape"])}

    def expected(self, inputs):
        tensors = dict(inputs)
        for path in self.paths:
            interpreter = ready(path)
            for d in interpreter.get_input_details():
                interpreter.set_tensor(d["index"], tensors[d["name"]])
            interpreter.invoke()
            outputs = {d["name"]: interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()}
            tensors.update(outputs)
        return outputs

    def end(self, runner):
        with contextlib.suppress(RuntimeError):
            runner.push({})
        while True:
            try:
                if not runner.pop():
                    return
            except RuntimeError:
                return

    def test_push_and_pop(self):
        runner, inputs = self.make()
        runner.push(inputs)
        inputs[next(iter(inputs))][:] = 0  # was copied
        inputs = self.make()[1]
        result, expected = runner.pop(), self.expected(inputs)
        self.assertEqual(list(result), list(expected))
        for name in result:
            self.assertTrue(np.array_equal(result[name], expected[name]))
        runner.push({})
        self.fails(RuntimeError, "Pipeline was turned off before.", runner.push, inputs)
        self.fails(RuntimeError, "Pipeline was turned off before.", runner.push, {})
        self.assertIsNone(runner.pop())
        self.assertIsNone(runner.pop())
        self.assertEqual(len(runner.interpreters()), 2)

    def test_threads(self):
        runner, inputs = self.make()
        expected, found = self.expected(inputs), []

        def produce():
            for _ in range(20):
                runner.push(inputs)
            runner.push({})

        def consume():
            while True:
                result = runner.pop()
                if not result:
                    return
                found.append(all(np.array_equal(result[k], expected[k]) for k in expected))

        threads = [threading.Thread(target=f) for f in (produce, consume)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(found, [True] * 20)

    def test_queues(self):
        runner, inputs = self.make()
        runner.set_input_queue_size(1)
        runner.set_output_queue_size(1)
        for _ in range(5):  # one in each queue and each segment
            runner.push(inputs)
        time.sleep(0.3)
        more = threading.Thread(target=lambda: (runner.push(inputs), runner.push({})))
        more.start()
        more.join(0.3)
        self.assertTrue(more.is_alive())
        n = 0
        while runner.pop():
            n += 1
        self.assertEqual(n, 6)
        more.join()

    def test_refused(self):
        self.fails(ValueError, "At least one interpreter expected", PipelinedModelRunner, [])
        self.paths = [TINY, CLASSIFIER]
        names = [d["name"] for p in self.paths for d in edgetpu.make_interpreter(p).get_input_details()]
        if names[0] != names[1]:
            self.fails(ValueError, "Interpreter 1 can not get its input tensors", self.make)
        self.paths = [TINY, DETECTOR] if names[0] == names[1] else self.paths
        runner, inputs = PipelinedModelRunner([ready()]), {"image": picture((1, 16, 16, 3))}
        self.fails(ValueError, "Expected input of length 1, but got 2", runner.push, {**inputs, "more": inputs["image"]})
        text = "Input should be a list of numpy array of type <class 'numpy.uint8'>"
        self.fails(ValueError, text, runner.push, {"image": inputs["image"].astype(float)})
        self.fails(ValueError, text, runner.push, {"image": inputs["image"].tolist()})
        self.begins(ValueError, "There is no input 'x'", runner.push, {"x": inputs["image"]})
        runner.push(inputs)
        self.assertEqual(list(runner.pop()), ["scores"])
        self.end(runner)

    def test_segments_in_the_wrong_order(self):
        testdata("models/mobilenet_quant_v1_224_head_layers.tflite")
        self.paths.reverse()
        self.fails(ValueError, "Interpreter 1 can not get its input tensors", self.make)

    def test_failure(self):
        runner, inputs = self.make(allocate=False)
        runner.push(inputs)
        text = "Segment 0 runner error: " + NOT_READY
        self.fails(RuntimeError, text, runner.pop)
        self.fails(RuntimeError, text, runner.push, inputs)
        self.fails(RuntimeError, text, runner.pop)

    def test_collected(self):
        runner, inputs = self.make()
        runner.push(inputs)
        runner.push(inputs)
        with contextlib.redirect_stdout(self.out):
            del runner
            gc.collect()
        self.assertEqual(self.out.getvalue(), "Push empty request to stop the pipeline...\n"
                         "WARNING: 2 unconsumed results in the pipeline during destruction!\n")


if __name__ == "__main__":
    unittest.main()
