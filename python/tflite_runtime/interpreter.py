# SPDX-License-Identifier: Apache-2.0
"""tflite_runtime.interpreter: the classes and functions that programs import, on Corallite.

    interpreter = Interpreter("mobilenet.tflite")
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
    interpreter.invoke()
    scores = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

A model that is compiled for an Edge TPU runs there; where there is none, by the model that it was compiled from (model.h,
crl_model_open_twin), which is said once on stderr. Outputs of other models are those of TensorFlow Lite's reference kernels, byte for byte, whatever resolver is asked for.
"""
import ctypes
import enum
import operator
import os
import warnings
import weakref

import numpy as np

from corallite import _c, _devices, _pillow
from corallite._engine import arithmetic_of
from corallite._model import Model
from tflite_runtime._graph import Graph

__all__ = ["Delegate", "Interpreter", "InterpreterWithCustomOps", "OpResolverType", "SignatureRunner", "load_delegate"]


# --- delegates --------------------------------------------------------------------------------------------


def _is_edgetpu(library):
    return os.path.basename(library) in ("libedgetpu.so.1", "libedgetpu.so.1.0", "libedgetpu.so", "libedgetpu.1.dylib", "edgetpu.dll")


def _is_built_in(library):
    """Whether all that the delegate is for is among the operators that this library has: the decoder of PoseNet's outputs."""
    return os.path.basename(library) == "posenet_decoder.so"


class Delegate:
    """What load_delegate() gives: the Edge TPU, by the name of its library. No file of that name is needed, or opened; neither is Coral's
    posenet_decoder.so.

    `options`: `device` ("", ":N", "usb", "usb:N", "pci", "pci:N"), and `twin`, the file of a model that runs where a compiled one
    cannot; `arithmetic`, "tflite" or "edgetpu": whose bytes 8-bit layers give on the CPU, of which $CRL_ARITHMETIC says it where this
    does not, and else "auto": the Edge TPU's where a model stands in for one; others are accepted and kept. Raises OSError where another library cannot be loaded, ValueError where the device is not
    there, or the library is a delegate for another runtime.
    """

    def __init__(self, library, options=None):
        self._options = {str(key): str(value) for key, value in (options or {}).items()}
        self._device = None  # it is no Edge TPU
        name = os.fspath(library) if library is not None else ""
        name = os.fsdecode(name)
        if _is_edgetpu(name):
            self._device = _devices.choose(self._options.get("device", ""))
            arithmetic_of(self._options.get("arithmetic"))
            return
        if _is_built_in(name):
            return
        found = ctypes.CDLL(name or None)
        found.tflite_plugin_create_delegate  # as the original: AttributeError where it is no delegate
        raise ValueError("it is a delegate for TensorFlow Lite, and Corallite runs models by itself: leave it out")

    def _get_native_delegate_pointer(self):
        return id(self)


def load_delegate(library, options=None):
    """A Delegate; ValueError tells which library it was of."""
    try:
        return Delegate(library, options)
    except ValueError as error:
        raise ValueError(f"Failed to load delegate from {library}\n{error}") from None


# --- signatures -------------------------------------------------------------------------------------------


class SignatureRunner:
    """Runs a model by the names of a signature: runner(x=array) gives {"y": array}. It allocates by itself."""

    def __init__(self, interpreter=None, signature_key=None):
        if not interpreter:
            raise ValueError("None interpreter provided.")
        if not signature_key:
            raise ValueError("None signature_key provided.")
        signatures = interpreter._get_full_signature_list()
        if signature_key not in signatures:
            raise ValueError(f'Invalid signature_key provided: "{signature_key}".')
        self._interpreter = interpreter
        self._inputs, self._outputs = signatures[signature_key]["inputs"], signatures[signature_key]["outputs"]
        self._graph = interpreter._graph(interpreter._subgraph_of[signature_key])

    def __call__(self, **kwargs):
        if len(kwargs) != len(self._inputs):
            raise ValueError("Invalid number of inputs provided for running a SignatureDef, "
                             f"expected {len(self._inputs)} vs provided {len(kwargs)}")
        graph = self._graph
        with graph.lock:
            for name, value in kwargs.items():
                if name not in self._inputs:
                    raise ValueError(f"Invalid Input name ({name}) for SignatureDef")
                graph.resize(self._inputs[name], value.shape, False)
            if not graph.ready:
                graph.ensure_safe()
            graph.allocate()
            for name, value in kwargs.items():
                graph.set(self._inputs[name], value)
            graph.run()
            return {name: graph.get(index) for name, index in self._outputs.items()}

    def get_input_details(self):
        return {name: self._graph.details(index) for name, index in self._inputs.items()}

    def get_output_details(self):
        return {name: self._graph.details(index) for name, index in self._outputs.items()}


def _names(names, indices, n):
    return {names[i].decode(errors="replace"): indices[i] for i in range(n)}


# --- interpreters -----------------------------------------------------------------------------------------


@enum.unique
class OpResolverType(enum.Enum):
    """Which kernels programs ask for. All give the bytes of BUILTIN_REF here."""

    AUTO = 0
    BUILTIN = 1
    BUILTIN_REF = 2
    BUILTIN_WITHOUT_DEFAULT_DELEGATES = 3


_interpreters = weakref.WeakValueDictionary()


def interpreter_of_handle(handle):
    """The Interpreter whose _native_handle() it is. Raises ValueError."""
    found = _interpreters.get(operator.index(handle))
    if found is None:
        raise ValueError(f"{handle} is the handle of no interpreter that is alive")
    return found


class Interpreter:
    """A model file, or its bytes, ready to run after allocate_tensors().

    `num_threads` None: the physical cores, at most 4. Arguments that choose among kernels of TensorFlow Lite are accepted and change
    nothing. An interpreter serves one thread at a time; others wait. invoke() lets other Python threads run.
    """

    def __init__(self, model_path=None, model_content=None, experimental_delegates=None, num_threads=None,
                 experimental_op_resolver_type=OpResolverType.AUTO, experimental_preserve_all_tensors=False,
                 experimental_disable_delegate_clustering=False, experimental_default_delegate_latest_features=False,
                 experimental_compress_quantization_zero_points=False, experimental_disable_delegate_node_fusion=False,
                 experimental_force_delegate_node_profiling=False):
        if not isinstance(experimental_op_resolver_type, OpResolverType):
            raise ValueError(f"Unrecognized passed in op resolver type: {experimental_op_resolver_type}")
        if num_threads is not None and not isinstance(num_threads, int):
            raise ValueError("type of num_threads should be int")
        if num_threads is not None and num_threads < 1:
            raise ValueError("num_threads should >= 1")
        if not model_path and not model_content:
            raise ValueError("`model_path` or `model_content` must be specified.")
        if model_path and model_content:
            raise ValueError("Can't both provide `model_path` and `model_content`")
        _pillow.restore_names()
        self._delegates = list(experimental_delegates or [])
        for delegate in self._delegates:
            delegate._get_native_delegate_pointer()  # AttributeError where it is none
        self._model = _open(model_path, model_content, self._delegates)
        wanted = next((d._options["arithmetic"] for d in self._delegates if isinstance(d, Delegate) and d._options.get("arithmetic")), None)
        self._settings = {"threads": min(int(num_threads or 0), 1024), "keep": bool(experimental_preserve_all_tensors),
                          "arithmetic": arithmetic_of(wanted)}
        self._graphs = {}
        self._main = self._graph(0)
        # An enum of the other package would do as well, were it not another one.
        self._subgraph_of = {s.key.decode(errors="replace"): s.subgraph for s in self._model.signatures}
        self._signature_defs = self.get_signature_list()
        _interpreters[id(self)] = self
        if experimental_preserve_all_tensors:
            warnings.warn("experimental_preserve_all_tensors keeps every inner tensor, which takes memory and time: it is for debugging.")

    def _graph(self, subgraph):
        if not 0 <= subgraph < len(self._model.subgraphs):
            raise ValueError(f"Invalid subgraph index {subgraph} exceeds max subgraph index {len(self._model.subgraphs)}")
        if subgraph not in self._graphs:
            self._graphs[subgraph] = Graph(self._model, subgraph, self._settings)
        return self._graphs[subgraph]

    def allocate_tensors(self):
        self._main.ensure_safe()
        self._main.allocate()

    def invoke(self):
        self._main.ensure_safe()
        self._main.run()

    def reset_all_variables(self):
        for graph in self._graphs.values():
            graph.reset()

    # --- values ---

    def set_tensor(self, tensor_index, value):
        """Copies an array of the tensor's type and shape into it. Raises ValueError."""
        self._main.set(operator.index(tensor_index), value)

    def get_tensor(self, tensor_index, subgraph_index=0):
        """A copy. Raises ValueError where there is no such tensor, or it has no data (yet)."""
        graph = self._main if subgraph_index == 0 else self._graph(operator.index(subgraph_index))
        return graph.get(operator.index(tensor_index))

    def tensor(self, tensor_index):
        """A function that gives a view of the tensor as it is then; it may be kept, its arrays may not: none may be alive at invoke()."""
        graph, index = self._main, operator.index(tensor_index)
        return lambda: graph.view(index)

    def resize_tensor_input(self, input_index, tensor_size, strict=False):
        """Another shape for an input, from the next allocate_tensors() on. Raises RuntimeError."""
        self._main.ensure_safe()
        self._main.resize(operator.index(input_index), np.array(tensor_size, dtype=np.int32).ravel(), strict)

    # --- what there is ---

    def get_input_details(self):
        return [self._main.details(index) for index in self._main.inputs]

    def get_output_details(self):
        return [self._main.details(index) for index in self._main.outputs]

    def get_tensor_details(self, subgraph_index=0):
        """Of all tensors that have a type in numpy."""
        count = len(self._model.subgraphs)
        if not 0 <= subgraph_index < count:
            raise ValueError(f"subgraph_index is out of range: {subgraph_index} for the model, which has {count} subgraphs.")
        graph, found = self._graph(subgraph_index), []
        for index in range(graph.n_tensors):
            try:
                found.append(graph.details(index))
            except ValueError:
                continue
        return found

    def _get_tensor_details(self, tensor_index, subgraph_index=0):
        return self._graph(subgraph_index).details(operator.index(tensor_index))

    def _get_op_details(self, op_index):
        return self._main.op_details(op_index)

    def _get_ops_details(self):
        return [self._main.op_details(i) for i in range(self._model.subgraphs[0].n_operators)]

    def num_subgraphs(self):
        return len(self._model.subgraphs)

    # --- signatures ---

    def _get_full_signature_list(self):
        return {s.key.decode(errors="replace"): {"inputs": _names(s.input_names, s.inputs, s.n_inputs),
                                                 "outputs": _names(s.output_names, s.outputs, s.n_outputs)} for s in self._model.signatures}

    def get_signature_list(self):
        return {key: {end: list(names) for end, names in ends.items()} for key, ends in self._get_full_signature_list().items()}

    def get_signature_runner(self, signature_key=None):
        if signature_key is None:
            if len(self._signature_defs) != 1:
                raise ValueError(f"SignatureDef signature_key is None and model has {len(self._signature_defs)} Signatures. "
                                 "None is only allowed when the model has 1 SignatureDef")
            signature_key = next(iter(self._signature_defs))
        return SignatureRunner(interpreter=self, signature_key=signature_key)

    def _native_handle(self):
        return id(self)


def _open(path, content, delegates):
    twin = next((d._options["twin"] for d in delegates if isinstance(d, Delegate) and d._options.get("twin")), None)
    devices = [d._device for d in delegates if isinstance(d, Delegate) and d._device is not None]
    if path:
        path = os.fspath(path)
    elif not isinstance(content, bytes):
        raise TypeError(f"model_content is {type(content).__name__}; the bytes of a model file are accepted")
    try:
        return Model(path or None, content, twin, devices[0] if devices else _devices.default())
    except _c.Error as error:
        if path and not os.path.exists(path):
            raise ValueError(f"Could not open '{os.fsdecode(path)}'.") from None
        raise ValueError(_format_text(path, content, error)) from None


def _format_text(path, content, error):
    """As the original where the mark in a file is another one; all else the library says better."""
    head = content[:8] if content else b""
    if path and error.status == _c.ERR_FORMAT:
        with open(path, "rb") as file:
            head = file.read(8)
    if len(head) == 8 and head[4:] != b"TFL3":
        return f"Model provided has model identifier '{head[4:].decode('latin-1')}', should be 'TFL3'\n{error}"
    return str(error)


class InterpreterWithCustomOps(Interpreter):
    """An Interpreter; operators that a program brings along for TensorFlow Lite cannot run here."""

    def __init__(self, custom_op_registerers=None, **kwargs):
        if custom_op_registerers:
            raise ValueError("custom_op_registerers: operators written for TensorFlow Lite cannot be added to Corallite")
        super().__init__(**kwargs)
