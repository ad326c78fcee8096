# SPDX-License-Identifier: Apache-2.0
"""Side by side with ai_edge_litert, where that is installed: details, outputs of the reference kernels, exceptions."""
import importlib.util
import re
import unittest

import numpy as np

if importlib.util.find_spec("ai_edge_litert") is None:
    raise unittest.SkipTest("ai-edge-litert is not installed for this Python")

from ai_edge_litert import interpreter as theirs  # noqa: E402

import tflite_runtime.interpreter as ours  # noqa: E402
from helpers import CLASSIFIER, DETECTOR, OPEN, TESTDATA, TINY  # noqa: E402

MODELS = [TINY, OPEN, CLASSIFIER, DETECTOR]
# Compiled ones run here alone; the others have operators of somebody else's.
LEFT_OUT = ("_edgetpu", "model_invoking_error", "posenet", "traffic_model")


def pair(path, **kwargs):
    return (ours.Interpreter(path, num_threads=1, **kwargs),
            theirs.Interpreter(path, num_threads=1, experimental_op_resolver_type=theirs.OpResolverType.BUILTIN_REF, **kwargs))


def plain(value):
    """Comparable with ==; what later releases add is left out."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if key != "block_size"}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return [str(value.dtype), value.shape, value.tolist()]
    return value


def outcome(function):
    try:
        function()
    except Exception as error:
        return type(error), re.sub(r"(max tensor index) \d+", r"\1", str(error))  # theirs counts what it has made for itself
    return None


class SideBySide(unittest.TestCase):
    def models(self):
        there = sorted((TESTDATA / "models").glob("*.tflite")) if TESTDATA.exists() else []
        return MODELS + [str(path) for path in there if not any(word in path.name for word in LEFT_OUT)]

    def test_details_and_outputs(self):
        for path in self.models():
            with self.subTest(path):
                a, b = pair(path)
                for ready in False, True:
                    for name in "get_input_details", "get_output_details", "get_signature_list", "_get_full_signature_list":
                        self.assertEqual(plain(getattr(a, name)()), plain(getattr(b, name)()), name)
                    if not ready:
                        a.allocate_tensors()
                        b.allocate_tensors()
                # What it makes for itself comes behind those of the file.
                details = plain(a.get_tensor_details())
                self.assertEqual(details, plain(b.get_tensor_details())[: len(details)])
                self.assertEqual(plain(a._get_ops_details()), plain(b._get_ops_details()))
                self.same_outputs(a, b)

    def same_outputs(self, a, b):
        noise = np.random.RandomState(1)
        for d in a.get_input_details():
            value = noise.randint(0, 256, d["shape"]).astype(d["dtype"])
            a.set_tensor(d["index"], value)
            b.set_tensor(d["index"], value)
        a.invoke()
        b.invoke()
        for d in a.get_output_details():
            x, y = a.get_tensor(d["index"]), b.get_tensor(d["index"])
            self.assertEqual((x.dtype, x.shape), (y.dtype, y.shape))
            self.assertEqual(x.tobytes(), y.tobytes(), d["name"])

    def test_inner_tensors(self):
        for path in TINY, CLASSIFIER, DETECTOR:
            with self.subTest(path), self.assertWarns(UserWarning):
                a, b = pair(path, experimental_preserve_all_tensors=True)
                a.allocate_tensors()
                b.allocate_tensors()
                self.same_outputs(a, b)
                for d in a.get_tensor_details():
                    self.assertEqual(a.get_tensor(d["index"]).tobytes(), b.get_tensor(d["index"]).tobytes(), d["name"])

    def test_exceptions(self):
        given = np.zeros([1, 16, 16, 3], np.uint8)
        calls = {
            "early invoke": lambda i: i.invoke(),
            "early get": lambda i: i.get_tensor(0),
            "early view": lambda i: i.tensor(0)(),
            "early set": lambda i: i.set_tensor(0, given),
            "far away": lambda i: i.tensor(9999)(),
            "no operator": lambda i: i._get_op_details(99),
            "no subgraph": lambda i: i.get_tensor_details(3),
            "no subgraph to get from": lambda i: i.get_tensor(0, 3),
            "no details": lambda i: i._get_tensor_details(999, 0),
            "no signature": lambda i: i.get_signature_runner(),
            "no such signature": lambda i: i.get_signature_runner("x"),
            "sizes in words": lambda i: i.resize_tensor_input(0, "ab"),
            "ready": lambda i: i.allocate_tensors(),
            "again": lambda i: i.allocate_tensors(),
            **{f"set {dtype}": lambda i, dtype=dtype: i.set_tensor(0, given.astype(dtype))
               for dtype in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "c8", "c16", "?", "O", "S1", "U1", "M8[s]", "V4")},
            "set list": lambda i: i.set_tensor(0, [1, 2]),
            "set none": lambda i: i.set_tensor(0, None),
            "set less": lambda i: i.set_tensor(0, given[0]),
            "set narrower": lambda i: i.set_tensor(0, given[:, :, 1:]),
            "set nowhere": lambda i: i.set_tensor(999, given),
            "set before": lambda i: i.set_tensor(-1, given),
            "get nowhere": lambda i: i.get_tensor(-5),
            "invoke": lambda i: i.invoke(),
        }
        a, b = pair(TINY)
        for name, call in calls.items():
            with self.subTest(name):
                self.assertEqual(outcome(lambda: call(a)), outcome(lambda: call(b)))
        held = a.tensor(0)(), b.tensor(0)()
        for name in "invoke", "allocate_tensors":
            self.assertEqual(outcome(getattr(a, name)), outcome(getattr(b, name)))
        self.assertEqual(outcome(lambda: a.resize_tensor_input(0, [1])), outcome(lambda: b.resize_tensor_input(0, [1])))
        del held

    def test_exceptions_of_opening(self):
        for kwargs in ({}, {"model_path": TINY, "model_content": b"x"}, {"model_content": b""}, {"model_path": ""}, {"model_path": TINY, "num_threads": 0},
                       {"model_path": TINY, "num_threads": 1.5}, {"model_path": TINY, "experimental_op_resolver_type": 7},
                       {"model_path": TINY, "experimental_delegates": [None]}):
            with self.subTest(str(kwargs)):
                self.assertEqual(outcome(lambda: ours.Interpreter(**kwargs)), outcome(lambda: theirs.Interpreter(**kwargs)))
        for arguments in ("/nowhere/lib.so",), ("libc.so.6",):
            self.assertEqual(outcome(lambda: ours.load_delegate(*arguments)), outcome(lambda: theirs.load_delegate(*arguments)))
        kind, text = outcome(lambda: theirs.Interpreter("/nowhere.tflite"))
        mine = outcome(lambda: ours.Interpreter("/nowhere.tflite"))
        self.assertIs(mine[0], kind)
        self.assertTrue(text.startswith(mine[1]), text)  # some releases add to it


if __name__ == "__main__":
    unittest.main()
