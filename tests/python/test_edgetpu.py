# SPDX-License-Identifier: Apache-2.0
"""edgetpu but for its learning: engines, devices, utils."""
import ctypes
import gc
import json
import logging
import os
import sys
import tempfile
import unittest

import numpy as np
from coral import SCENE, Base, GstBuffer, Image, environment, picture, program, run
from helpers import CLASSIFIER, DETECTOR, TINY, testdata

import edgetpu
from edgetpu.basic import edgetpu_utils
from edgetpu.basic.basic_engine import BasicEngine
from edgetpu.classification.engine import ClassificationEngine
from edgetpu.detection.engine import DetectionCandidate, DetectionEngine
from edgetpu.swig import edgetpu_cpp_wrapper as wrapper
from edgetpu.utils import dataset_utils, image_processing, warning

ALL, ASSIGNED, FREE = (edgetpu_utils.EDGE_TPU_STATE_NONE, edgetpu_utils.EDGE_TPU_STATE_ASSIGNED, edgetpu_utils.EDGE_TPU_STATE_UNASSIGNED)
BUSY = ("Multiple Edge TPUs detected and all have been mapped to at least one model. If you want to share one Edge TPU with multiple "
        "models, specify `device_path` name.")


class Devices(Base):
    def setUp(self):
        gc.collect()

    def test_states(self):
        self.assertEqual((ALL, ASSIGNED, FREE), (0, 1, 2))
        with environment():
            self.assertEqual(edgetpu_utils.ListEdgeTpuPaths(ALL), ())
        with environment(CRL_VIRTUAL_TPUS="3"):
            paths = edgetpu_utils.ListEdgeTpuPaths(ALL)
            self.assertEqual(paths, ("virtual:0", "virtual:1", "virtual:2"))
            engine = BasicEngine(TINY)
            self.assertEqual(engine.device_path(), paths[0])
            self.assertEqual(edgetpu_utils.ListEdgeTpuPaths(ASSIGNED), paths[:1])
            self.assertEqual(edgetpu_utils.ListEdgeTpuPaths(FREE), paths[1:])
            del engine
            gc.collect()
            self.assertEqual(edgetpu_utils.ListEdgeTpuPaths(FREE), paths)
        self.assertRaises(ValueError, edgetpu_utils.ListEdgeTpuPaths, 3)

    def test_one_is_shared(self):
        with environment(CRL_VIRTUAL_TPUS="1"):
            engines = [BasicEngine(TINY) for _ in range(3)]
            self.assertEqual({e.device_path() for e in engines}, {"virtual:0"})
            engines.pop()
            gc.collect()
            self.assertEqual(edgetpu_utils.ListEdgeTpuPaths(ASSIGNED), ("virtual:0",))

    def test_several_run_out(self):
        with environment(CRL_VIRTUAL_TPUS="2"):
            engines = [BasicEngine(TINY) for _ in range(2)]
            self.assertEqual([e.device_path() for e in engines], ["virtual:0", "virtual:1"])
            self.fails(RuntimeError, BUSY, BasicEngine, TINY)
            self.assertEqual(BasicEngine(TINY, "virtual:1").device_path(), "virtual:1")
            engines.pop(0)
            gc.collect()
            self.assertEqual(BasicEngine(TINY).device_path(), "virtual:0")

    def test_a_failure_keeps_none(self):
        with environment(CRL_VIRTUAL_TPUS="2"):
            self.assertRaises(RuntimeError, BasicEngine, SCENE)
            gc.collect()
            self.assertEqual(len(edgetpu_utils.ListEdgeTpuPaths(FREE)), 2)

    def test_unknown_path(self):
        for n in "", "1", "2":
            with environment(CRL_VIRTUAL_TPUS=n):
                self.fails(RuntimeError, "Path invalid_edgetpu_device_path does not map to an Edge TPU device.", BasicEngine, TINY,
                           "invalid_edgetpu_device_path")

    def test_none(self):
        with environment():
            self.assertEqual(BasicEngine(TINY).device_path(), "")
            self.assertEqual(BasicEngine(TINY, "").device_path(), "")

    def test_versions(self):
        self.assertEqual(edgetpu.__version__, "2.15.0")
        self.assertRegex(edgetpu_utils.GetRuntimeVersion(), r"^BuildLabel\(.+\), RuntimeVersion\(\d+\)$")
        self.assertIn(edgetpu_utils.SUPPORTED_RUNTIME_VERSION, edgetpu_utils.GetRuntimeVersion())

    def test_nothing_is_said_on_import(self):
        done = run([sys.executable, "-c", "import edgetpu.detection.engine"], env={**os.environ, "PYTHONPATH": "python"})
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("", "", 0))


class Basic(Base):
    def test_what_there_is(self):
        engine = BasicEngine(TINY)
        self.assertEqual(engine.get_input_tensor_shape().tolist(), [1, 16, 16, 3])
        self.assertEqual(engine.get_input_tensor_shape().size, 4)
        self.assertEqual((engine.required_input_array_size(), engine.total_output_array_size()), (768, 5))
        self.assertEqual(engine.get_all_output_tensors_sizes().tolist(), [5])
        self.assertEqual((engine.get_num_of_output_tensors(), engine.get_output_tensor_size(0)), (1, 5))
        self.assertEqual(engine.model_path(), TINY)
        detector = BasicEngine(DETECTOR)
        self.assertEqual(detector.get_all_output_tensors_sizes().tolist(), [100, 25, 25, 1])
        self.assertEqual(detector.total_output_array_size(), 151)

    def test_no_result_yet(self):
        engine = BasicEngine(TINY)
        self.assertEqual(engine.get_raw_output().tolist(), [0.0] * 5)

    def test_kinds_of_input(self):
        engine = BasicEngine(TINY)
        for more in 0, 1, 64:
            pixels = picture((768 + more,))
            for size in None, 768:
                results = []
                for data in (pixels.tolist(), pixels, pixels.tobytes(), (pixels.ctypes.data_as(ctypes.c_void_p), pixels.size),
                             GstBuffer(pixels.tobytes())):
                    latency, result = engine.run_inference(data, size)
                    self.assertEqual((result.dtype, result.shape), (np.float32, (5,)))
                    self.assertGreater(latency, 0)
                    self.assertAlmostEqual(latency, engine.get_inference_time(), delta=0.001)
                    self.assertEqual(engine.get_raw_output().tolist(), result.tolist())
                    results.append(result.tolist())
                self.assertTrue(all(r == results[0] for r in results), results)

    def test_results_are_the_callers(self):
        engine = BasicEngine(TINY)
        _, first = engine.RunInference(picture((768,)))
        kept = first.copy()
        _, second = engine.RunInference(np.zeros(768, np.uint8))
        self.assertEqual(first.tolist(), kept.tolist())
        self.assertEqual(engine.get_raw_output().tolist(), second.tolist())

    def test_sizes(self):
        engine = BasicEngine(TINY)
        pixels = picture((800,))
        self.fails(AssertionError, "Wrong input size=767, expected=768.", engine.run_inference, pixels[:767], 767)
        self.fails(AssertionError, "Wrong input size=800, expected=768.", engine.run_inference, pixels, 800)
        for data in pixels[:767], pixels[:767].tolist(), pixels[:767].tobytes(), (pixels.ctypes.data_as(ctypes.c_void_p), 767):
            self.assertRaises(AssertionError, engine.run_inference, data)

    def test_other_types(self):
        engine = BasicEngine(TINY)
        self.assertRaises(TypeError, engine.run_inference, np.zeros(768))
        self.fails(ValueError, "input numbers from 0 to 256; 0 to 255 is accepted", engine.run_inference, [0] * 767 + [256])

    def test_dequantised(self):
        engine = BasicEngine(TINY)
        _, result = engine.run_inference(picture((768,)))
        self.assertEqual((result * 256 % 1).tolist(), [0.0] * 5)
        self.assertAlmostEqual(float(result.sum()), 1, delta=0.02)

    def test_masks(self):
        engine = BasicEngine(testdata("models/deeplabv3_mnv2_pascal_quant.tflite"))
        with Image.open(testdata("images/bird_segmentation.bmp")) as image:
            _, result = engine.run_inference(np.asarray(image.resize((513, 513))).flatten())
        self.assertEqual((result.size, set(np.unique(result)) <= set(range(21))), (513 * 513, True))

    def test_messages(self):
        self.fails(RuntimeError, "Could not open 'invalid_model_path.tflite'.", BasicEngine, "invalid_model_path.tflite")
        engine = BasicEngine(TINY)
        self.fails(RuntimeError, "tensor_index must >= 0!", engine.get_output_tensor_size, -1)
        self.fails(RuntimeError, "tensor_index doesn't exist!", engine.get_output_tensor_size, 100)
        self.assertRaises(RuntimeError, BasicEngine, SCENE)
        self.fails(RuntimeError, "We don't support multiple input tensors yet!", BasicEngine,
                   testdata("models/ssd_mobilenet_v1_coco_quant_postprocess_head_layers.tflite"))

    def test_models_of_other_types(self):
        engine = BasicEngine(testdata("models/movenet_single_pose_lightning_ptq.tflite"))
        _, result = engine.run_inference(picture((192 * 192 * 3,)))
        self.assertEqual(result.size, 51)


class Classification(Base):
    def test_pictures(self):
        engine = ClassificationEngine(CLASSIFIER)
        image = Image.open(SCENE)
        results = engine.ClassifyWithImage(image, threshold=-0.1, top_k=13)
        self.assertEqual(len(results), 13)
        flat = np.asarray(image.convert("RGB").resize((128, 128), Image.NEAREST)).flatten()
        _, scores = engine.run_inference(flat)
        self.assertEqual(results, sorted(enumerate(scores.tolist()), key=lambda r: -r[1]))
        self.assertEqual(engine.ClassifyWithInputTensor(flat, top_k=2), results[:2])
        self.assertEqual({results[0][0]: 1}[int(results[0][0])], 1)  # ids are keys of dictionaries
        self.assertEqual(np.asarray(engine.classify_with_image(image, 0.0, 1, Image.BICUBIC)).shape, (1, 2))

    def test_thresholds(self):
        engine = ClassificationEngine(TINY)
        pixels = picture((768,))
        _, scores = engine.run_inference(pixels)
        self.assertEqual(engine.classify_with_input_tensor(pixels, threshold=1.0), [])
        self.assertEqual(len(engine.classify_with_input_tensor(pixels, threshold=-0.1, top_k=100)), 5)
        self.assertEqual(len(engine.classify_with_input_tensor(pixels, threshold=float(scores.max()))), 0)  # above it, not at it
        image = Image.fromarray(pixels.reshape(16, 16, 3))
        self.assertEqual([s > 0.1 for _, s in engine.classify_with_image(image, top_k=5)], [True] * sum(scores > np.float32(0.1)))
        self.assertEqual(len(engine.classify_with_input_tensor(pixels, top_k=5)), sum(scores > 0))

    def test_refused(self):
        engine = ClassificationEngine(TINY)
        pixels = picture((768,))
        for k in 0, -1:
            self.fails(ValueError, "top_k must be positive!", engine.classify_with_input_tensor, pixels, top_k=k)
        self.fails(ValueError, "Classification model should have 1 output tensor only!This model has 4.", ClassificationEngine, DETECTOR)

    def test_grey_pictures(self):
        engine = ClassificationEngine(TINY)
        grey = Image.fromarray(picture((16, 16)))
        self.assertEqual(engine.classify_with_image(grey, top_k=5), engine.classify_with_image(grey.convert("RGB"), top_k=5))

    def test_inputs_that_are_no_pictures(self):
        engine = ClassificationEngine(TINY)
        image = Image.fromarray(picture((16, 16, 3)))
        for shape, kind, text in (((1, 768), RuntimeError, "Invalid input tensor shape! Expected: [1, height, width, channel]"),
                                  ((1, 16, 12, 4), ValueError, "Invalid input tensor channel! Expected: 1 or 3. Actual: 4")):
            engine.get_input_tensor_shape = lambda shape=shape: np.array(shape)
            self.fails(kind, text, engine.classify_with_image, image)


class Detection(Base):
    def test_candidate(self):
        candidate = DetectionCandidate(3, 0.5, 1.0, 2.0, 3.0, 4.0)
        self.assertEqual((candidate.label_id, candidate.score), (3, 0.5))
        self.assertEqual(candidate.bounding_box.flatten().tolist(), [1.0, 2.0, 3.0, 4.0])
        self.assertRaises(AttributeError, setattr, candidate, "other", 1)

    def test_as_the_program(self):
        """What `corallite detect` finds, given the same filter: with and without the picture's proportions."""
        image = Image.open(SCENE)
        engine = DetectionEngine(DETECTOR)
        for keep in False, True:
            command = [program(), "detect", "--model", DETECTOR, "--json", "--resample", "nearest", "--threshold", "0.3", SCENE]
            told = json.loads(run(command + ["--keep-aspect-ratio"] * keep).stdout)[0]["results"]
            found = engine.DetectWithImage(image, threshold=0.3, keep_aspect_ratio=keep, relative_coord=False, top_k=10)
            self.assertGreater(len(told), 1)
            self.assertEqual([(o.label_id, round(o.score, 4)) for o in found], [(r["index"], round(r["score"], 4)) for r in told])
            for o, r in zip(found, told):
                inside = np.clip(o.bounding_box, 0, image.size)  # the program's boxes end at the picture's edges
                self.assertLess(np.abs(inside.flatten() - r["box"]).max(), 0.01)

    def test_coordinates(self):
        image = Image.open(SCENE)
        engine = DetectionEngine(DETECTOR)
        relative = engine.detect_with_image(image, threshold=0.3)
        pixels = engine.detect_with_image(image, threshold=0.3, relative_coord=False)
        self.assertGreater(len(relative), 1)
        for r, p in zip(relative, pixels):
            self.assertTrue(np.allclose(r.bounding_box * image.size, p.bounding_box))
            self.assertGreaterEqual(r.bounding_box[0].min(), 0)
            self.assertLessEqual(r.bounding_box[1].max(), 1)
        self.assertEqual(len(engine.detect_with_image(image, threshold=0.3, top_k=1)), 1)
        self.assertEqual([o.score for o in relative], sorted((o.score for o in relative), reverse=True))
        flat = np.asarray(image.convert("RGB").resize((256, 256), Image.NEAREST)).flatten()
        self.assertEqual([o.bounding_box.tolist() for o in engine.DetectWithInputTensor(flat, 0.3)],
                         [o.bounding_box.tolist() for o in relative])

    def test_only_counted_slots(self):
        engine = DetectionEngine(DETECTOR)
        boxes = np.zeros((25, 4), np.float32)
        boxes[:] = (-0.5, 0.1, 1.5, 0.9)
        scores = np.full(25, 0.9, np.float32)
        result = np.concatenate([boxes.flatten(), np.full(25, 2.6, np.float32), scores, [2.2]]).astype(np.float32)
        engine.run_inference = lambda *_: (1.0, result)
        found = engine.detect_with_input_tensor(b"", top_k=9)
        self.assertEqual([(o.label_id, round(o.score, 3)) for o in found], [(3, 0.9)] * 2)
        self.assertTrue(np.allclose(found[0].bounding_box, [[0.1, 0.0], [0.9, 1.0]]))

    def test_nothing_is_left_of_the_run_before(self):
        engine = DetectionEngine(DETECTOR)
        self.assertTrue(engine.detect_with_image(Image.open(SCENE)))
        self.assertEqual(engine.detect_with_image(Image.new("RGB", (256, 256), (127, 127, 127))), [])
        result = engine.get_raw_output()
        self.assertFalse(result[int(result[-1]) * 4:100].any())
        self.assertFalse(result[125 + int(result[-1]):150].any())

    def test_refused(self):
        self.fails(ValueError, "Dectection model should have 4 output tensors!This model has 1.", DetectionEngine, TINY)
        self.fails(ValueError, "top_k must be positive!", DetectionEngine(DETECTOR).detect_with_image, Image.open(SCENE), top_k=0)

    def test_modes(self):
        engine = DetectionEngine(DETECTOR)
        image = Image.open(SCENE)
        for mode in "L", "RGBA", "P", "CMYK":
            for keep in False, True:
                engine.detect_with_image(image.convert(mode), keep_aspect_ratio=keep)
        grey = image.convert("L")
        found = [[(o.label_id, o.score) for o in engine.detect_with_image(i, keep_aspect_ratio=True)] for i in (grey, grey.convert("RGB"))]
        self.assertEqual(found[0], found[1])


class Utils(Base):
    def test_original_ratio(self):
        pixels = picture((20, 40, 3)) // 2 + 100
        for function in image_processing.resampling_with_original_ratio, image_processing.ResamplingWithOriginalRatio:
            image, ratio = function(Image.fromarray(pixels), (30, 32), Image.NEAREST)
            self.assertEqual((image.size, ratio), ((30, 32), (1.0, 15 / 32)))
            data = np.asarray(image)
            self.assertTrue(data[:15].all())
            self.assertFalse(data[15:].any())
            self.assertTrue(np.array_equal(data[:15], np.asarray(Image.fromarray(pixels).resize((30, 15), Image.NEAREST))))

    def test_labels(self):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
            f.write("0  big cat\n5:dog\nthree words here\n")
            f.flush()
            for function in dataset_utils.read_label_file, dataset_utils.ReadLabelFile:
                self.assertEqual(function(f.name), {0: "big cat", 5: "dog", 2: "three"})

    def test_old_names(self):
        self.assertEqual(warning.camelcase_to_lowercase("RunInference"), "run_inference")
        self.assertEqual(warning.camelcase_to_lowercase("ClassifyWithImage"), "classify_with_image")

        @warning.deprecated
        def OldName(x):
            return x + 1

        with self.assertLogs(level=logging.WARNING) as log:
            self.assertEqual(OldName(1), 2)
        self.assertRegex(log.output[0], r"test_edgetpu\.py:\d+.*OldName.*old_name")


class Wrapper(Base):
    def test_basic(self):
        engine = wrapper.BasicEnginePythonWrapper.CreateFromFile(TINY)
        pixels = picture((768,))
        result = engine.RunInference(pixels)
        self.assertEqual(result.tolist(), BasicEngine(TINY).run_inference(pixels)[1].tolist())
        self.assertEqual(engine.RunInferenceBytes(pixels.tobytes()).tolist(), result.tolist())
        self.assertEqual(engine.RunInferenceRaw(pixels.ctypes.data, pixels.size).tolist(), result.tolist())
        self.assertEqual(engine.get_raw_output().tolist(), result.tolist())
        self.assertEqual(engine.get_input_tensor_shape().tolist(), [1, 16, 16, 3])
        self.fails(RuntimeError, "Could not open 'x.tflite'.", wrapper.BasicEnginePythonWrapper.CreateFromFile, "x.tflite")

    def test_names(self):
        self.assertEqual((wrapper.EdgeTpuState_kNone, wrapper.EdgeTpuState_kAssigned, wrapper.EdgeTpuState_kUnassigned), (0, 1, 2))
        self.assertIn(wrapper.kSupportedRuntimeVersion, wrapper.GetRuntimeVersion())
        self.assertEqual(wrapper.kEdgeTpuCppWrapperVersion, edgetpu.__version__)
        self.assertEqual(wrapper.ListEdgeTpuPaths(0), edgetpu_utils.ListEdgeTpuPaths(0))


if __name__ == "__main__":
    unittest.main()
