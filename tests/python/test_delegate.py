# SPDX-License-Identifier: Apache-2.0
"""load_delegate() and models that are compiled for an Edge TPU."""
import contextlib
import io
import os
import pathlib
import tempfile
import unittest
from unittest import mock

import numpy as np

from corallite import _devices, _model
from helpers import DETECTOR, ROOT, compiled, testdata
from tflite_runtime.interpreter import Delegate, Interpreter, load_delegate

PLAIN = pathlib.Path(DETECTOR).read_bytes()
COMPILED = compiled(PLAIN)
UNRESOLVED = """\
Encountered unresolved custom op: edgetpu-custom-op.
See instructions: https://www.tensorflow.org/lite/guide/ops_custom Node number """


def environment(**values):
    cleared = {k: v for k, v in os.environ.items() if k not in ("CRL_ARITHMETIC", "CRL_CPU_TWIN", "CRL_VIRTUAL_TPUS")}
    return mock.patch.dict(os.environ, {**cleared, **values}, clear=True)


class Loading(unittest.TestCase):
    def test_any_path_to_the_library(self):
        for name in "libedgetpu.so.1", "libedgetpu.so.1.0", "/usr/lib/x86_64-linux-gnu/libedgetpu.so.1.0", pathlib.Path("/opt/libedgetpu.so.1"):
            with environment():
                delegate = load_delegate(name)
                self.assertIsInstance(delegate, Delegate)
                self.assertIsInstance(delegate._get_native_delegate_pointer(), int)
                Interpreter(DETECTOR, experimental_delegates=[delegate]).allocate_tensors()

    def test_options(self):
        for device in "", "usb", "pci", ":0", "usb:0", "pci:0":
            with environment():
                load_delegate("libedgetpu.so.1", {"device": device})
        with environment():
            load_delegate("libedgetpu.so.1", {"Performance": "Max", "Usb.AlwaysDfu": False, "Usb.MaxBulkInQueueLength": 8})
        with environment(CRL_VIRTUAL_TPUS="2"):
            for device in "usb:1", ":1", "usb":
                load_delegate("libedgetpu.so.1", {"device": device})

    def test_names_of_devices(self):
        """What the library is told, where there are some on PCIe and some on the USB."""
        there = tuple(_devices.Device(*d) for d in (("pci", "/dev/apex_0"), ("usb", "/sys/bus/usb/devices/1-1"), ("usb", "/sys/bus/usb/devices/2-1")))
        with environment(CRL_VIRTUAL_TPUS=""), mock.patch.object(_devices, "devices", return_value=there):
            for request, name in ("", ""), ("usb", "usb"), ("pci", "pci"), (":0", "pci:0"), (":2", "usb:1"), ("usb:0", "usb:0"), ("pci:0", "pci:0"):
                self.assertEqual(_devices.choose(request), name)
            for request in ":3", "usb:2", "pci:1":
                self.assertRaises(ValueError, _devices.choose, request)

    def test_devices_that_are_not_there(self):
        for tpus, device in ("", "bogus"), ("", ":1"), ("", "usb:7"), ("", "usb0"), ("2", "pci"), ("2", ":2"), ("2", "usb:2"):
            with environment(CRL_VIRTUAL_TPUS=tpus), self.assertRaises(ValueError) as caught:
                load_delegate("libedgetpu.so.1", {"device": device})
            self.assertTrue(str(caught.exception).startswith("Failed to load delegate from libedgetpu.so.1\n"), caught.exception)

    def test_arithmetic(self):
        """The bytes of an Edge TPU, asked for by the delegate or by the environment; the delegate has the last word."""
        def scores(options, **values):
            with environment(**values):
                interpreter = Interpreter(str(ROOT / "models/signs_classifier.tflite"), experimental_delegates=[load_delegate("libedgetpu.so.1", options)])
                interpreter.allocate_tensors()
                index = interpreter.get_input_details()[0]
                picture = np.random.default_rng(1).integers(0, 256, index["shape"], dtype=np.int64).astype(index["dtype"])
                interpreter.set_tensor(index["index"], picture)
                interpreter.invoke()
                return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).tobytes()
        plain, chip = scores({"arithmetic": "tflite"}), scores({"arithmetic": "edgetpu"})
        self.assertNotEqual(plain, chip)
        self.assertEqual(plain, scores({}))
        self.assertEqual(chip, scores({}, CRL_ARITHMETIC="edgetpu"))
        self.assertEqual(plain, scores({"arithmetic": "tflite"}, CRL_ARITHMETIC="edgetpu"))
        with environment(), self.assertRaisesRegex(ValueError, 'arithmetic "bogus": auto, edgetpu, tflite are known'):
            load_delegate("libedgetpu.so.1", {"arithmetic": "bogus"})
        self.assertRaisesRegex(ValueError, "auto, edgetpu, tflite are known", scores, {}, CRL_ARITHMETIC="bogus")

    def test_what_is_built_in(self):
        """Programs for PoseNet load its decoder beside the Edge TPU."""
        delegates = [load_delegate("libedgetpu.so.1"), load_delegate("posenet_lib/x86_64/posenet_decoder.so")]
        interpreter = Interpreter(testdata("models/posenet_mobilenet_v1_075_353_481_16_quant_decoder.tflite"), experimental_delegates=delegates)
        interpreter.allocate_tensors()
        interpreter.invoke()

    def test_other_libraries(self):
        self.assertRaises(OSError, load_delegate, "/usr/lib/teflon/libteflon.so")
        self.assertRaises(AttributeError, load_delegate, "libc.so.6")

    def test_virtual_devices(self):
        with environment():
            self.assertEqual(_devices.devices(), ())
        with environment(CRL_VIRTUAL_TPUS="2"):
            self.assertEqual([tuple(d) for d in _devices.devices()], [("usb", "virtual:0"), ("usb", "virtual:1")])
        for text in "two", "-1", "65":
            with environment(CRL_VIRTUAL_TPUS=text):
                self.assertRaises(ValueError, _devices.devices)


class Twins(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        _model._told.clear()

    def put(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def outputs(self, *args, **kwargs):
        interpreter = Interpreter(*args, **kwargs)
        interpreter.allocate_tensors()
        d = interpreter.get_input_details()[0]
        interpreter.set_tensor(d["index"], np.random.RandomState(1).randint(0, 256, d["shape"]).astype(np.uint8))
        interpreter.invoke()
        return [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]

    def same(self, a, b):
        self.assertTrue(all(map(np.array_equal, a, b)))

    def test_beside_it(self):
        wanted = self.outputs(DETECTOR)
        for names in ("x_edgetpu.tflite", "x.tflite"), ("edgetpu_model.tflite", "cpu_model.tflite"):
            path, twin = self.put(names[0], COMPILED), self.put(names[1], PLAIN)
            said = io.StringIO()
            with environment(), contextlib.redirect_stderr(said):
                self.same(wanted, self.outputs(path))
                self.same(wanted, self.outputs(path, experimental_delegates=[load_delegate("libedgetpu.so.1.0")]))
            self.assertEqual(said.getvalue(), f"corallite: {path} is compiled for an Edge TPU; {twin} runs on the processor instead\n")

    def test_by_name(self):
        path, twin, wanted = self.put("odd.tflite", COMPILED), self.put("other.tflite", PLAIN), self.outputs(DETECTOR)
        with contextlib.redirect_stderr(io.StringIO()):
            with environment(CRL_CPU_TWIN=twin):
                self.same(wanted, self.outputs(path))
                self.same(wanted, self.outputs(model_content=COMPILED))
            with environment():
                delegate = load_delegate("libedgetpu.so.1", {"twin": twin})
                self.same(wanted, self.outputs(path, experimental_delegates=[delegate]))
                self.same(wanted, self.outputs(model_content=COMPILED, experimental_delegates=[delegate]))

    def fails(self, cure, **source):
        with environment(), contextlib.redirect_stderr(io.StringIO()):
            interpreter = Interpreter(**source)
            self.assertEqual(interpreter.get_input_details()[0]["dtype"], np.uint8)
            with self.assertRaises(RuntimeError) as caught:
                interpreter.allocate_tensors()
            self.assertTrue(str(caught.exception).startswith(UNRESOLVED), caught.exception)
            self.assertIn(" (edgetpu-custom-op) failed to prepare.\n", str(caught.exception))
            self.assertIn(cure, str(caught.exception))
            self.assertRaisesRegex(RuntimeError, "not ready", interpreter.invoke)

    def test_none(self):
        path = self.put("x_edgetpu.tflite", COMPILED)
        self.fails("beside it as x.tflite, or name it with CRL_CPU_TWIN=FILE", model_path=path)
        self.fails("name the model that it was compiled from with CRL_CPU_TWIN=FILE", model_content=COMPILED)
        self.put("x.tflite", COMPILED)
        self.fails("it is compiled, too", model_path=path)

    def test_pairs_of_the_test_set(self):
        for name in "mobilenet_v1_0.25_128_quant", "keras_lstm_mnist_ptq", "split_concat", "mobilenet_v1_1.0_224_quant_embedding_extractor":
            with self.subTest(name), environment(), contextlib.redirect_stderr(io.StringIO()):
                plain, package = testdata(f"models/{name}.tflite"), testdata(f"models/{name}_edgetpu.tflite")
                stands_in, delegate = self.outputs(package), load_delegate("libedgetpu.so.1", {"arithmetic": "tflite"})
                self.same(self.outputs(plain), self.outputs(package, experimental_delegates=[delegate]))
                with environment(CRL_ARITHMETIC="edgetpu"):
                    self.same(self.outputs(plain), stands_in)
                with environment(CRL_VIRTUAL_TPUS="1"):
                    delegate = load_delegate("libedgetpu.so.1", {"device": "usb:0"})
                    self.same(stands_in, self.outputs(package, experimental_delegates=[delegate]))


if __name__ == "__main__":
    unittest.main()
