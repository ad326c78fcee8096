# SPDX-License-Identifier: Apache-2.0
"""What the tests of pycoral and edgetpu share. They need Pillow beside numpy."""
import os
import subprocess
import unittest
from unittest import mock

import numpy as np

try:
    from PIL import Image
except ImportError:
    raise unittest.SkipTest("Pillow is not installed for this Python") from None

from helpers import CLASSIFIER, ROOT

from corallite import _c, _learn

SCENE = str(ROOT / "examples/scene_1.jpg")


def environment(**values):
    """Variables that tell of devices and twins: only these."""
    cleared = {k: v for k, v in os.environ.items() if k not in ("CRL_CPU_TWIN", "CRL_VIRTUAL_TPUS")}
    return mock.patch.dict(os.environ, {**cleared, **values}, clear=True)


def program():
    """The built program, for what it has to agree with. The test is skipped where there is none."""
    path = os.environ.get("CRL_PROGRAM") or str(ROOT / "build/corallite")
    if not os.path.exists(path):
        raise unittest.SkipTest("the program corallite was not built")
    return path


def run(command, **kwargs):
    """A finished process, with its text."""
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, check=False, timeout=240, **kwargs)


def picture(shape, seed=1):
    """Drawn pixels."""
    return np.random.RandomState(seed).randint(0, 256, shape).astype(np.uint8)


def kinds(each=4):
    """Flat pictures, 128x128, of three kinds that look nothing like one another, and among themselves differ by noise."""
    y, x = np.mgrid[-64:64, -64:64]
    disc = np.where((x * x + y * y < 2000)[..., np.newaxis], np.uint8([200, 20, 20]), np.uint8(200))
    bars = np.where((x // 16 % 2 == 0)[..., np.newaxis], np.uint8([10, 10, 180]), np.uint8([200, 200, 10]))
    noise = picture((128, 128, 3)) // np.uint8([4, 1, 4])
    return [[(kind + picture((128, 128, 3), seed) // np.uint8(8)).flatten() for seed in range(each)] for kind in (disc, bars, noise // np.uint8(2))]


def extractor(path):
    """Writes an embedding extractor, [1,1,1,192]: the classifier of the tree without its last layer."""
    model = _learn.Model(path=CLASSIFIER)
    vector = _learn._Extractor(model, None)
    with open(path, "wb") as f:
        f.write(vector.content())
    return path


def scaled_classifier(path, classes=3, factor=20.0):
    """Writes a model that ends in L2_NORMALIZATION, CONV_2D, MUL, RESHAPE, SOFTMAX, with classes whose rows are drawn."""
    model = _learn.Model(path=extractor(path))
    rows = np.random.RandomState(5).randn(classes, 192).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    with open(path, "wb") as f:
        f.write(_learn._call(_c.library.crl_imprinted_write, model.pointer, _learn._layer(rows), factor, None))
    return path


class Base(unittest.TestCase):
    def fails(self, kind, text, function, *args, **kwargs):
        """The exception's type, and its whole text."""
        with self.assertRaises(kind) as caught:
            function(*args, **kwargs)
        self.assertEqual(str(caught.exception), text)

    def begins(self, kind, text, function, *args, **kwargs):
        """The exception's type, and how its text begins."""
        with self.assertRaises(kind) as caught:
            function(*args, **kwargs)
        self.assertTrue(str(caught.exception).startswith(text), str(caught.exception))


class Fake:
    """An interpreter that has outputs, and nothing else: [(name, array, quantization)]."""

    def __init__(self, outputs, size=(100, 200), signatures=None):
        self._arrays = [np.zeros((1, size[1], size[0], 3), np.uint8)] + [array for _, array, _ in outputs]
        self._details = [{"index": i + 1, "name": name, "shape": np.array(array.shape), "dtype": array.dtype.type, "quantization": q}
                         for i, (name, array, q) in enumerate(outputs)]
        self._signatures = signatures or {}

    def get_input_details(self):
        return [{"index": 0, "name": "input", "shape": np.array(self._arrays[0].shape), "dtype": np.uint8, "quantization": (0.0, 0)}]

    def get_output_details(self):
        return self._details

    def tensor(self, index):
        return lambda: self._arrays[index]

    def _get_full_signature_list(self):
        return self._signatures


class GstBuffer:
    """What is asked of a Gst.Buffer."""

    def __init__(self, data):
        self._data = data

    def get_size(self):
        return len(self._data)

    def extract_dup(self, offset, size):
        return self._data[offset:offset + size]
