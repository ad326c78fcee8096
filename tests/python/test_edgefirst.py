# SPDX-License-Identifier: Apache-2.0
"""edgefirst-tflite, somebody else's client of TensorFlow Lite's C interface, on the shared object that is in its place here."""
import importlib.util
import os
import unittest

import numpy as np

from helpers import CLASSIFIER, OPEN, TINY, testdata
from tflite_runtime.interpreter import Interpreter

if importlib.util.find_spec("edgefirst_tflite") is None:
    raise unittest.SkipTest("edgefirst-tflite is not installed for this Python")
LIBRARY = os.environ.get("CRL_TENSORFLOWLITE_C")
if not LIBRARY:
    raise unittest.SkipTest("CRL_TENSORFLOWLITE_C does not name the shared object")

import edgefirst_tflite  # noqa: E402


class Client(unittest.TestCase):
    def test_same_as_here(self):
        for path in TINY, CLASSIFIER, testdata("models/mobilenet_v1_0.25_128_quant.tflite"):
            theirs = edgefirst_tflite.Interpreter(model_path=path, num_threads=1, library_path=LIBRARY)
            ours = Interpreter(path)
            ours.allocate_tensors()
            a, b = theirs.get_input_details()[0], ours.get_input_details()[0]
            self.assertEqual((a["name"], a["shape"].tolist(), a["quantization"]), (b["name"], b["shape"].tolist(), b["quantization"]))
            value = np.random.RandomState(1).randint(0, 256, b["shape"]).astype(b["dtype"])
            theirs.set_tensor(0, value)
            ours.set_tensor(b["index"], value)
            theirs.invoke()
            ours.invoke()
            for i, d in enumerate(ours.get_output_details()):
                self.assertTrue(np.array_equal(theirs.get_output_tensor(i), ours.get_tensor(d["index"])), path)

    def test_other_shapes(self):
        theirs = edgefirst_tflite.Interpreter(model_path=OPEN, library_path=LIBRARY)
        theirs.resize_tensor_input(0, [2, 16, 16, 3])
        theirs.allocate_tensors()
        theirs.set_tensor(0, np.zeros((2, 16, 16, 3), np.uint8))
        theirs.invoke()
        self.assertEqual(theirs.get_output_tensor(0).shape, (2, 8))

    def test_errors(self):
        self.assertRaises(Exception, edgefirst_tflite.Interpreter, model_content=b"none of it", library_path=LIBRARY)


if __name__ == "__main__":
    unittest.main()
