# SPDX-License-Identifier: Apache-2.0
"""What several of these tests need: models of the tree and of the public Coral test set."""
import os
import pathlib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TINY = str(ROOT / "tests/data/tiny_u8.tflite")
OPEN = str(ROOT / "tests/data/tiny_open.tflite")
CLASSIFIER = str(ROOT / "models/signs_classifier.tflite")
DETECTOR = str(ROOT / "models/signs_detector.tflite")
TESTDATA = pathlib.Path(os.environ.get("CRL_TESTDATA") or ROOT / "../shared/testdata")


def testdata(name):
    """A file of the test set; the test is skipped where that is not here."""
    path = TESTDATA / name
    if not path.exists():
        raise unittest.SkipTest(f"not there: {path} of the public Coral test set")
    return str(path)


def compiled(data):
    """The detector's bytes with its custom operator called as in files that are compiled for an Edge TPU."""
    old, new = b"TFLite_Detection_PostProcess", b"edgetpu-custom-op"
    at = data.index(old)
    assert int.from_bytes(data[at - 4 : at], "little") == len(old)
    return data[: at - 4] + len(new).to_bytes(4, "little") + new.ljust(len(old), b"\0") + data[at + len(old) :]
