# SPDX-License-Identifier: Apache-2.0
"""tflite_runtime.interpreter: what it returns, and the types and texts of its exceptions."""
import copy
import gc
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import warnings

import numpy as np

import tflite_runtime
from helpers import CLASSIFIER, DETECTOR, OPEN, ROOT, TINY, testdata
from tflite_runtime.interpreter import Interpreter, InterpreterWithCustomOps, OpResolverType, SignatureRunner

VIEWS = """\
There is at least 1 reference to internal data
      in the interpreter in the form of a numpy array or slice. Be sure to
      only hold the function returned from tensor() if you are using raw
      data access."""
NO_DATA = "Tensor data is null. Run allocate_tensors() first"


class Base(unittest.TestCase):
    def fails(self, kind, text, function, *args, **kwargs):
        with self.assertRaises(kind) as caught:
            function(*args, **kwargs)
        self.assertEqual(str(caught.exception), text)
        self.assertIs(type(caught.exception), kind)

    def ready(self, path=TINY, **kwargs):
        interpreter = Interpreter(path, **kwargs)
        interpreter.allocate_tensors()
        return interpreter

    def picture(self, interpreter, seed=1):
        detail = interpreter.get_input_details()[0]
        return np.random.RandomState(seed).randint(0, 256, detail["shape"]).astype(detail["dtype"])


class Opening(Base):
    def test_exactly_one_source(self):
        none, both = "`model_path` or `model_content` must be specified.", "Can't both provide `model_path` and `model_content`"
        self.fails(ValueError, none, Interpreter)
        self.fails(ValueError, none, Interpreter, model_content=b"")
        self.fails(ValueError, both, Interpreter, TINY, model_content=b"x")

    def test_files_that_are_none(self):
        self.fails(ValueError, "Could not open '/nowhere/model.tflite'.", Interpreter, "/nowhere/model.tflite")
        self.fails(ValueError, "Could not open 'invalid.tflite'.", Interpreter, pathlib.Path("invalid.tflite"))
        wrong = "Model provided has model identifier 'xxxx', should be 'TFL3'\n"
        with self.assertRaises(ValueError) as caught:
            Interpreter(model_content=b"x" * 64)
        self.assertTrue(str(caught.exception).startswith(wrong), caught.exception)
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "m.tflite")
            for content in b"", b"ab", b"x" * 64, pathlib.Path(TINY).read_bytes()[:900]:
                file.write_bytes(content)
                self.assertRaises(ValueError, Interpreter, file)
            self.assertRaises(ValueError, Interpreter, folder)
        for content in bytearray(b"x"), memoryview(b"x"), "text", 5:
            self.assertRaises(TypeError, Interpreter, model_content=content)

    def test_path_likes_and_bytes(self):
        data = pathlib.Path(TINY).read_bytes()
        for interpreter in Interpreter(pathlib.Path(TINY)), Interpreter(os.fsencode(TINY)), Interpreter(model_content=data):
            interpreter.allocate_tensors()
            self.assertEqual(interpreter.get_output_details()[0]["name"], "scores")

    def test_arguments(self):
        self.fails(ValueError, "type of num_threads should be int", Interpreter, TINY, num_threads="2")
        self.fails(ValueError, "num_threads should >= 1", Interpreter, TINY, num_threads=0)
        self.fails(ValueError, "num_threads should >= 1", Interpreter, TINY, num_threads=-1)
        self.fails(ValueError, "Unrecognized passed in op resolver type: 7", Interpreter, TINY, experimental_op_resolver_type=7)
        self.assertEqual([(t.name, t.value) for t in OpResolverType],
                         [("AUTO", 0), ("BUILTIN", 1), ("BUILTIN_REF", 2), ("BUILTIN_WITHOUT_DEFAULT_DELEGATES", 3)])
        for resolver in OpResolverType:
            self.ready(experimental_op_resolver_type=resolver, num_threads=2, experimental_disable_delegate_clustering=True)
        self.ready(experimental_delegates=[])
        self.assertRaises(AttributeError, Interpreter, TINY, experimental_delegates=[None])
        InterpreterWithCustomOps(model_path=TINY).allocate_tensors()
        self.assertRaises(ValueError, InterpreterWithCustomOps, ["Register"], model_path=TINY)
        self.assertEqual(tflite_runtime.__version__, "2.14.0")


class Details(Base):
    def test_of_inputs(self):
        for ready in False, True:
            interpreter = Interpreter(TINY)
            if ready:
                interpreter.allocate_tensors()
            (d,) = interpreter.get_input_details()
            self.assertEqual(list(d), ["name", "index", "shape", "shape_signature", "dtype", "quantization", "quantization_parameters",
                                       "sparsity_parameters"])
            self.assertIs(d["dtype"], np.uint8)
            self.assertEqual((d["shape"].dtype, d["shape"].ndim, d["shape_signature"].dtype), (np.int32, 1, np.int32))
            scale, zero = d["quantization"]
            self.assertIsInstance(scale, float)
            self.assertIsInstance(zero, int)
            p = d["quantization_parameters"]
            self.assertEqual((p["scales"].dtype, p["zero_points"].dtype, len(p["scales"]), p["quantized_dimension"]), (np.float32, np.int32, 1, 0))
            self.assertEqual((float(p["scales"][0]), int(p["zero_points"][0]), d["sparsity_parameters"]), (scale, zero, {}))

    def test_of_all_tensors(self):
        interpreter = self.ready(CLASSIFIER)
        details = interpreter.get_tensor_details()
        self.assertEqual([d["index"] for d in details], list(range(len(details))))
        axes = [d for d in details if len(d["quantization_parameters"]["scales"]) > 1]
        self.assertTrue(all(d["quantization"] == (0.0, 0) for d in axes))
        constants = 0
        for d in details:
            try:
                value = interpreter.get_tensor(d["index"])
            except ValueError as error:
                self.assertEqual(str(error), NO_DATA)
                continue
            constants += 1
            self.assertEqual((value.dtype, value.shape), (d["dtype"], tuple(d["shape"])))
        self.assertGreater(constants, 5)
        self.fails(ValueError, "subgraph_index is out of range: 5 for the model, which has 1 subgraphs.", interpreter.get_tensor_details, 5)
        self.assertEqual(interpreter.num_subgraphs(), 1)

    def test_of_operators(self):
        interpreter = Interpreter(TINY)
        ops = interpreter._get_ops_details()
        self.assertEqual([op["index"] for op in ops], list(range(len(ops))))
        self.assertIn("DEPTHWISE_CONV_2D", [op["op_name"] for op in ops])
        self.assertEqual(ops[0]["inputs"].dtype, np.int32)
        self.assertIn(interpreter.get_input_details()[0]["index"], ops[0]["inputs"])
        for index in -1, len(ops):
            self.fails(ValueError, "Invalid node index", interpreter._get_op_details, index)

    def test_outputs_of_a_detector(self):
        interpreter = self.ready(DETECTOR)
        self.assertEqual([tuple(d["shape"])[0] for d in interpreter.get_output_details()], [1, 1, 1, 1])
        self.assertTrue(all(d["dtype"] is np.float32 for d in interpreter.get_output_details()))


class Order(Base):
    def test_too_early(self):
        interpreter = Interpreter(TINY)
        at, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
        self.fails(RuntimeError, "Invoke called on model that is not ready.", interpreter.invoke)
        for function in lambda: interpreter.get_tensor(at), lambda: interpreter.get_tensor(out), interpreter.tensor(at):
            self.fails(ValueError, NO_DATA, function)
        self.fails(ValueError, "Cannot set tensor: Tensor is unallocated. Try calling allocate_tensors() first", interpreter.set_tensor, at,
                   self.picture(interpreter))
        self.assertIsNone(interpreter.reset_all_variables())
        self.assertIsNone(interpreter.allocate_tensors())
        self.assertIsNone(interpreter.allocate_tensors())
        self.assertIsNone(interpreter.invoke())

    def test_resizing(self):
        interpreter = self.ready(DETECTOR)
        d = interpreter.get_input_details()[0]
        n, h, w, c = map(int, d["shape"])
        strict = (f"Attempting to resize dimension 1 of tensor {d['index']} with value {h} to {h + 32}. "
                  "ResizeInputTensorStrict only allows mutating unknown dimensions identified by -1.")
        self.fails(RuntimeError, strict, interpreter.resize_tensor_input, d["index"], [n, h + 32, w, c], strict=True)
        for index in 9999, -1, interpreter.get_output_details()[0]["index"]:
            self.assertRaises(RuntimeError, interpreter.resize_tensor_input, index, [1, 2])
        self.assertRaises(RuntimeError, interpreter.resize_tensor_input, d["index"], [-1, h, w, c])
        self.assertRaises(RuntimeError, interpreter.resize_tensor_input, d["index"], [1] * 9)
        self.assertRaises(ValueError, interpreter.resize_tensor_input, d["index"], "ab")
        interpreter.invoke()  # nothing has changed
        interpreter.resize_tensor_input(d["index"], (h, w, c))
        self.assertEqual(interpreter.get_input_details()[0]["shape"].tolist(), [h, w, c])
        self.fails(RuntimeError, "Invoke called on model that is not ready.", interpreter.invoke)
        self.fails(ValueError, NO_DATA, interpreter.get_tensor, d["index"])
        self.assertRaises(RuntimeError, interpreter.allocate_tensors)
        self.fails(RuntimeError, "Invoke called on model that is not ready.", interpreter.invoke)
        interpreter.resize_tensor_input(d["index"], np.array([n, h, w, c]))
        interpreter.allocate_tensors()
        interpreter.invoke()

    def test_batches(self):
        interpreter = Interpreter(OPEN)
        d = interpreter.get_input_details()[0]
        self.assertEqual(d["shape_signature"].tolist(), [-1, -1, -1, 3])
        one = self.picture(interpreter)
        interpreter.resize_tensor_input(d["index"], [3, *d["shape"][1:]], strict=True)
        interpreter.allocate_tensors()
        self.assertEqual(interpreter.get_input_details()[0]["shape_signature"].tolist(), [-1, -1, -1, 3])
        interpreter.set_tensor(d["index"], np.concatenate([one] * 3))
        interpreter.invoke()
        scores = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        self.assertEqual(scores.shape[0], 3)
        self.assertTrue((scores == scores[0]).all())


class Values(Base):
    def test_wrong_ones(self):
        interpreter = self.ready()
        d = interpreter.get_input_details()[0]
        at, name, good = d["index"], d["name"], self.picture(interpreter)
        types = {np.float32: "FLOAT32", np.float64: "FLOAT64", np.float16: "FLOAT16", np.int8: "INT8", np.int16: "INT16", np.uint16: "UINT16",
                 np.int32: "INT32", np.uint32: "UINT32", np.int64: "INT64", np.uint64: "UINT64", np.bool_: "BOOL", np.complex64: "COMPLEX64",
                 np.longlong: "INT64", object: "STRING", "M8[s]": "NOTYPE"}
        for dtype, word in types.items():
            text = f"Cannot set tensor: Got value of type {word} but expected type UINT8 for input {at}, name: {name} "
            self.fails(ValueError, text, interpreter.set_tensor, at, good.astype(dtype))
        whole = f"INT{8 * np.array(1).itemsize}" # on 32-bit machines NumPy makes others of Python's numbers
        for value, word in ([1, 2], whole), (5, whole), (2.5, "FLOAT64"), ("abc", "STRING"), (None, "STRING"):
            text = f"Cannot set tensor: Got value of type {word} but expected type UINT8 for input {at}, name: {name} "
            self.fails(ValueError, text, interpreter.set_tensor, at, value)
        self.fails(ValueError, f"Cannot set tensor: Dimension mismatch. Got 3 but expected 4 for input {at}.", interpreter.set_tensor, at, good[0])
        h = good.shape[1]
        self.fails(ValueError, f"Cannot set tensor: Dimension mismatch. Got {h - 1} but expected {h} for dimension 1 of input {at}.",
                   interpreter.set_tensor, at, good[:, 1:])

    def test_wrong_places(self):
        interpreter = self.ready()
        n = len(interpreter.get_tensor_details())
        for index in 9999, -1, n:
            text = f"Invalid tensor index {index} exceeds max tensor index {n}"
            self.fails(ValueError, text, interpreter.get_tensor, index)
            self.fails(ValueError, text, interpreter.set_tensor, index, np.zeros(1))
            self.fails(ValueError, text, interpreter.tensor(index))
            self.fails(ValueError, text, interpreter._get_tensor_details, index, 0)
        self.fails(ValueError, "Invalid subgraph index 5 exceeds max subgraph index 1", interpreter.get_tensor, 0, 5)
        self.fails(ValueError, "Invalid subgraph index -1 exceeds max subgraph index 1", interpreter.get_tensor, 0, -1)
        for index in "0", 1.0, None:
            self.assertRaises(TypeError, interpreter.get_tensor, index)
        constant = next(d["index"] for d in interpreter.get_tensor_details() if self.is_constant(interpreter, d["index"]))
        with self.assertRaises(ValueError):
            interpreter.set_tensor(constant, interpreter.get_tensor(constant))
        self.assertFalse(interpreter.tensor(constant)().flags.writeable)

    def is_constant(self, interpreter, index):
        ends = interpreter.get_input_details() + interpreter.get_output_details()
        try:
            return index not in [d["index"] for d in ends] and interpreter.get_tensor(index) is not None
        except ValueError:
            return False

    def test_all_kinds_of_arrays_go_in(self):
        interpreter = self.ready()
        at, good = interpreter.get_input_details()[0]["index"], self.picture(interpreter)
        flipped = good[:, ::-1, ::-1]
        for value in good, flipped, np.asfortranarray(good), good.tolist() and flipped.copy(), np.ma.array(good).data:
            interpreter.set_tensor(np.int64(at), value)
            self.assertTrue(np.array_equal(interpreter.get_tensor(at), value))

    def test_results_are_copies(self):
        interpreter = self.ready()
        at, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
        results = []
        for seed in 1, 2, 1:
            interpreter.set_tensor(at, self.picture(interpreter, seed))
            interpreter.invoke()
            results.append(interpreter.get_tensor(out))
        self.assertTrue(np.array_equal(results[0], results[2]))
        self.assertFalse(np.array_equal(results[0], results[1]))

    def test_inner_tensors_are_kept_on_request(self):
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            interpreter = self.ready(experimental_preserve_all_tensors=True)
        plain = self.ready()
        for one in interpreter, plain:
            one.set_tensor(one.get_input_details()[0]["index"], self.picture(one))
            one.invoke()
        inner = interpreter._get_op_details(0)["outputs"][0]
        self.assertEqual(interpreter.get_tensor(inner).ndim, 4)
        self.assertGreater(len(np.unique(interpreter.get_tensor(inner))), 1)
        self.fails(ValueError, NO_DATA, plain.get_tensor, inner)
        out = plain.get_output_details()[0]["index"]
        self.assertTrue(np.array_equal(interpreter.get_tensor(out), plain.get_tensor(out)))


class Views(Base):
    def test_nothing_runs_while_one_is_held(self):
        interpreter = self.ready()
        at, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
        at_input, at_output = interpreter.tensor(at), interpreter.tensor(out)
        at_input()[...] = self.picture(interpreter)
        interpreter.invoke()
        before = at_output().copy()
        for hold in (lambda: at_input(), lambda: at_output()[0], lambda: at_output()[..., :2].reshape(-1), lambda: memoryview(at_input()),
                     lambda: at_input().view(np.int8), lambda: at_input().T):
            held = hold()
            self.fails(RuntimeError, VIEWS, interpreter.invoke)
            self.fails(RuntimeError, VIEWS, interpreter.allocate_tensors)
            self.fails(RuntimeError, VIEWS, interpreter.resize_tensor_input, at, [1, 2, 2, 3])
            interpreter.set_tensor(at, self.picture(interpreter))
            interpreter.reset_all_variables()
            del held
            interpreter.invoke()
        self.assertTrue(np.array_equal(before, interpreter.get_tensor(out)))

    def test_writing_is_seen(self):
        interpreter = self.ready()
        at = interpreter.get_input_details()[0]["index"]
        view = interpreter.tensor(at)()
        self.assertTrue(view.flags.writeable and not view.flags.owndata)
        view.fill(7)
        self.assertTrue((interpreter.get_tensor(at) == 7).all())

    def test_one_outlives_the_interpreter(self):
        interpreter = self.ready()
        view = interpreter.tensor(interpreter.get_input_details()[0]["index"])()
        view[...] = 9
        function = interpreter.tensor(interpreter.get_output_details()[0]["index"])
        del interpreter
        gc.collect()
        self.assertTrue((view == 9).all())
        self.assertEqual(function().ndim, 2)


class Signatures(Base):
    def test_without_any(self):
        interpreter = self.ready()
        self.assertEqual(interpreter.get_signature_list(), {})
        self.assertEqual(interpreter._get_full_signature_list(), {})
        self.fails(ValueError, "SignatureDef signature_key is None and model has 0 Signatures. None is only allowed when the model has "
                   "1 SignatureDef", interpreter.get_signature_runner)
        self.fails(ValueError, 'Invalid signature_key provided: "x".', interpreter.get_signature_runner, "x")
        self.fails(ValueError, "None interpreter provided.", SignatureRunner)
        self.fails(ValueError, "None signature_key provided.", SignatureRunner, interpreter)

    def test_of_a_recurrent_model(self):
        interpreter = Interpreter(testdata("models/keras_lstm_mnist_ptq.tflite"))
        self.assertEqual(interpreter.get_signature_list(), {"serving_default": {"inputs": ["x"], "outputs": ["output_0"]}})
        index = interpreter.get_input_details()[0]["index"]
        self.assertEqual(interpreter._get_full_signature_list()["serving_default"]["inputs"], {"x": index})
        runner = interpreter.get_signature_runner()
        self.assertEqual(runner.get_input_details()["x"]["index"], index)
        self.assertEqual(list(runner.get_output_details()), ["output_0"])
        picture = self.picture(interpreter)
        result = runner(x=picture)["output_0"]
        interpreter.allocate_tensors()
        interpreter.set_tensor(index, picture)
        interpreter.reset_all_variables()  # what it keeps from run to run
        interpreter.invoke()
        self.assertTrue(np.array_equal(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]), result))
        self.fails(ValueError, "Invalid number of inputs provided for running a SignatureDef, expected 1 vs provided 0", runner)
        self.fails(ValueError, "Invalid Input name (foo) for SignatureDef", runner, foo=picture)
        self.fails(ValueError, "Cannot set tensor: Got value of type FLOAT32 but expected type UINT8 for input 0, name: serving_default_x:0 ",
                   runner, x=picture.astype(np.float32))


class Together(Base):
    def test_many_threads(self):
        pictures = [self.picture(Interpreter(CLASSIFIER), seed) for seed in range(4)]
        wanted = [self.run_one(self.ready(CLASSIFIER, num_threads=1), picture) for picture in pictures]
        shared, wrong = self.ready(CLASSIFIER), []

        def work(k):
            own = Interpreter(CLASSIFIER, num_threads=1 + k % 2)
            own.allocate_tensors()
            for _ in range(10):
                shared.invoke()  # by mistake: it must not end the process
                if not np.array_equal(self.run_one(own, pictures[k]), wanted[k]):
                    wrong.append(k)

        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def run_one(self, interpreter, picture):
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

    def test_python_runs_meanwhile(self):
        interpreter = self.ready(CLASSIFIER, num_threads=1)
        ticks, stop = [0], threading.Event()

        def count():
            while not stop.is_set():
                time.sleep(0.0002)
                ticks[0] += 1  # which needs the lock

        before = sys.getswitchinterval()
        sys.setswitchinterval(10)  # nobody is made to give it away
        thread = threading.Thread(target=count)
        try:
            thread.start()
            while not ticks[0]:
                time.sleep(0.001)
            first = ticks[0]
            for _ in range(200):
                interpreter.invoke()
            seen = ticks[0] - first
        finally:
            sys.setswitchinterval(before)
            stop.set()
            thread.join()
        self.assertGreater(seen, 0)

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork")
    def test_a_child_goes_on(self):
        code = """
import os, sys, numpy as np
from tflite_runtime.interpreter import Interpreter
i = Interpreter(sys.argv[1]); i.allocate_tensors()
at, out = i.get_input_details()[0]["index"], i.get_output_details()[0]["index"]
i.set_tensor(at, np.full(i.get_input_details()[0]["shape"], 90, np.uint8)); i.invoke()
wanted = i.get_tensor(out)
child = os.fork()
i.invoke()
other = Interpreter(sys.argv[1]); other.allocate_tensors(); other.invoke()
same = np.array_equal(i.get_tensor(out), wanted)
if not child: os._exit(0 if same else 3)
status = os.waitpid(child, 0)[1]
sys.exit(0 if same and status == 0 else 1)
"""
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", code, CLASSIFIER], env={**os.environ, "PYTHONPATH": str(ROOT / "python")}, check=False)
        self.assertEqual(done.returncode, 0)

    def test_not_pickled(self):
        """Neither before nor after it was made ready; a shallow copy shares it."""
        for interpreter in Interpreter(CLASSIFIER), self.ready():
            for way in pickle.dumps, copy.deepcopy:
                with self.assertRaisesRegex(TypeError, "^cannot pickle an interpreter"):
                    way(interpreter)
            copy.copy(interpreter)

    def test_variables_before_there_is_memory(self):
        interpreter = Interpreter(testdata("models/keras_lstm_mnist_ptq.tflite"))
        with self.assertRaisesRegex(RuntimeError, "tensor.data.raw != nullptr was not true"):
            interpreter.reset_all_variables()
        interpreter.allocate_tensors()
        interpreter.reset_all_variables()
        Interpreter(CLASSIFIER).reset_all_variables()  # there are none

    def test_collected_in_any_order(self):
        for _ in range(20):
            interpreter = self.ready()
            interpreter.me = interpreter
            del interpreter
        gc.collect()


if __name__ == "__main__":
    unittest.main()
