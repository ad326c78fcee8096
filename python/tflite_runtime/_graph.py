# SPDX-License-Identifier: Apache-2.0
"""A subgraph of a model between reading the file and running: what Interpreter and SignatureRunner are made of.

Types and texts of exceptions are those of the original package, which programs and tests compare.
"""
import re
import threading

import numpy as np

from corallite import _c
from corallite._engine import Engine
from corallite._model import DTYPES, array_at

VIEWS = """\
There is at least 1 reference to internal data
      in the interpreter in the form of a numpy array or slice. Be sure to
      only hold the function returned from tensor() if you are using raw
      data access."""
KNOWN_CUSTOM = ("AudioSpectrogram", "Mfcc", "PosenetDecoderOp", "TFLite_Detection_PostProcess")  # what else fails there, is another matter
NOT_READY = "Invoke called on model that is not ready."
NO_DATA = "Tensor data is null. Run allocate_tensors() first"

TYPE_NAMES = {np.dtype(DTYPES[t]).char: _c.library.crl_type_name(t).decode() for t in reversed(DTYPES) if t not in (_c.INT4, _c.STRING)}
TYPE_NAMES.update({"O": "STRING", "S": "STRING", "U": "STRING"})
# numpy has two names each for types of one size.
TYPE_NAMES.update({char: TYPE_NAMES[np.dtype(f"{kind}{np.dtype(char).itemsize}").char] for kind, chars in (("i", "ilqp"), ("u", "ILQP"))
                   for char in chars})


def text(raw):
    return raw.decode(errors="replace") if raw else ""


class Graph:
    """`settings` are those of Engine. Everything that runs or moves memory holds `lock`, so that threads which share an interpreter by
    mistake wait for one another."""

    def __init__(self, model, subgraph, settings):
        self.model, self.subgraph, self.settings = model, subgraph, settings
        self.lock = threading.RLock()
        definition = model.subgraphs[subgraph]
        self.defs = definition.tensors
        self.n_tensors = definition.n_tensors
        self.inputs = definition.inputs[: definition.n_inputs]
        self.outputs = definition.outputs[: definition.n_outputs]
        self.engine = None
        self.ready = False
        self.shapes = [self.defs[i].shape.tuple() for i in self.inputs]  # to be allocated
        self.ports = {}  # index of an input or output: what the engine has to say of it, and an array, where it does not move

    # --- getting ready ---

    def ensure_safe(self):
        if self.engine is not None and self.engine.has_views():
            raise RuntimeError(VIEWS)

    def check_index(self, index):
        if not 0 <= index < self.n_tensors:
            raise ValueError(f"Invalid tensor index {index} exceeds max tensor index {self.n_tensors}")

    def resize(self, index, shape, strict):
        if index not in self.inputs:
            raise RuntimeError(f"Tensor {index} is no input of the model; its inputs are {self.inputs}")
        shape = tuple(int(n) for n in shape)
        if any(n < 0 for n in shape) or len(shape) > _c.MAX_RANK:
            raise RuntimeError(f"BytesRequired number of elements overflowed: {list(shape)} is no shape of at most {_c.MAX_RANK} dimensions")
        ports = [i for i, tensor in enumerate(self.inputs) if tensor == index]
        if strict:
            self._check_strict(index, self.shapes[ports[0]], shape)
        if shape != self.shapes[ports[0]]:
            for i in ports:
                self.shapes[i] = shape
            self.ready = False

    def _check_strict(self, index, before, shape):
        signature = self.defs[index].shape_signature.tuple()
        if len(shape) != len(before):
            raise RuntimeError(f"Attempting to resize tensor {index} of {len(before)} dimensions to {len(shape)}. "
                               "ResizeInputTensorStrict only allows mutating unknown dimensions identified by -1.")
        for i, (old, new) in enumerate(zip(before, shape)):
            if old != new and signature[i] != -1:
                raise RuntimeError(f"Attempting to resize dimension {i} of tensor {index} with value {old} to {new}. "
                                   "ResizeInputTensorStrict only allows mutating unknown dimensions identified by -1.")

    def allocate(self):
        with self.lock:
            if self.ready:
                return
            if self.model.needs_twin:
                raise RuntimeError(unresolved(self._first_compiled(), "edgetpu-custom-op", self.model.needs_twin))
            try:
                if self.engine is None:
                    self.engine = Engine(self.model, self.subgraph, shapes=self.shapes, **self.settings)
                else:
                    self.engine.resize(self.shapes)
            except _c.Error as error:
                raise RuntimeError(self._prepare_text(error)) from None
            self.ready = True
            self.ports = {}
            for indices, tensors in (self.outputs, self.engine.outputs), (self.inputs, self.engine.inputs):
                for index, tensor in zip(indices, tensors):
                    self.ports[index] = tensor, self._fixed(tensor)

    def _fixed(self, tensor):
        moves = tensor.flags & _c.TENSOR_DYNAMIC or not tensor.data or tensor.type not in DTYPES
        return None if moves else self.engine.peek(tensor)

    def _first_compiled(self):
        definition = self.model.subgraphs[self.subgraph]
        names = [definition.operators[i].name for i in range(definition.n_operators)]
        return names.index(b"edgetpu-custom-op") if b"edgetpu-custom-op" in names else 0

    def _prepare_text(self, error):
        found = re.match(r"op (\d+) ", str(error))
        operators, n = self.model.subgraphs[self.subgraph].operators, self.model.subgraphs[self.subgraph].n_operators
        number = int(found[1]) if found else n
        if number < n and operators[number].code == _c.CUSTOM and text(operators[number].name) not in KNOWN_CUSTOM:
            return unresolved(number, text(operators[number].name), error)
        return str(error)

    # --- running ---

    def run(self):
        with self.lock:
            if not self.ready:
                raise RuntimeError(NOT_READY)
            try:
                self.engine.run()
            except _c.Error as error:
                raise RuntimeError(str(error)) from None

    def reset(self):
        with self.lock:
            if self.engine is not None:
                self.engine.reset()
            elif any(self.defs[i].is_variable for i in range(self.n_tensors)):
                raise RuntimeError("tensor.data.raw != nullptr was not true: allocate_tensors() has not been called")

    # --- values ---

    def current(self, index):
        """What there is to say of a tensor, for reading; ValueError where it has no data."""
        self.check_index(index)
        if not self.ready:
            raise ValueError(NO_DATA)
        port = self.ports.get(index)
        tensor = port[0] if port else self.engine.tensor(index)
        if not tensor.data or tensor.type not in DTYPES or tensor.type == _c.INT4:
            raise ValueError(NO_DATA)
        return tensor

    def get(self, index):
        port = self.ports.get(index) if self.ready else None
        if port and port[1] is not None:
            return port[1].copy()
        with self.lock:
            return self.engine.peek(self.current(index)).copy() if self.ready else self._constant(index)

    def _constant(self, index):
        self.check_index(index)
        definition = self.defs[index]
        n = int(np.prod(definition.shape.tuple(), dtype=np.int64))
        dtype = DTYPES.get(definition.type)
        if not definition.data or definition.sparsity or dtype is None or definition.bytes != n * np.dtype(dtype).itemsize:
            raise ValueError(NO_DATA)
        return array_at(definition.data, n, dtype).reshape(definition.shape.tuple())

    def view(self, index):
        with self.lock:
            return self.engine.view(self.current(index)) if self.ready else self.current(index)

    def set(self, index, value):
        port = self.ports.get(index) if self.ready else None
        array = port[1] if port else None
        if array is not None and type(value) is np.ndarray and value.dtype == array.dtype and value.shape == array.shape:
            array[...] = value  # what comes a thousand times a second
            return
        self._set_checked(index, value)

    def _set_checked(self, index, value):
        self.check_index(index)
        value = np.asarray(value)
        definition = self.defs[index]
        if not self.ready:
            raise ValueError("Cannot set tensor: Tensor is unallocated. Try calling allocate_tensors() first")
        given, wanted = TYPE_NAMES.get(value.dtype.char, "NOTYPE"), text(_c.library.crl_type_name(definition.type))
        if given != wanted:
            raise ValueError(f"Cannot set tensor: Got value of type {given} but expected type {wanted} for input {index}, "
                             f"name: {text(definition.name)} ")
        with self.lock:
            tensor = self.ports[index][0] if index in self.ports else self.engine.tensor(index)
            shape = tensor.shape.tuple()
            if value.ndim != len(shape):
                raise ValueError(f"Cannot set tensor: Dimension mismatch. Got {value.ndim} but expected {len(shape)} for input {index}.")
            for i, (have, want) in enumerate(zip(value.shape, shape)):
                if have != want:
                    raise ValueError(f"Cannot set tensor: Dimension mismatch. Got {have} but expected {want} for dimension {i} "
                                     f"of input {index}.")
            if not tensor.data or tensor.flags & _c.TENSOR_CONST:
                raise ValueError(f"Cannot set tensor: tensor {index} is {'a constant' if tensor.flags & _c.TENSOR_CONST else 'none that is kept'}, "
                                 f"inputs are {self.inputs}")
            self.engine.peek(tensor)[...] = value

    # --- what there is ---

    def shape_of(self, index):
        if index in self.inputs:
            return self.shapes[self.inputs.index(index)]
        if self.engine is None:
            return self.defs[index].shape.tuple()
        return (self.ports[index][0] if index in self.ports else self.engine.tensor(index)).shape.tuple()

    def details(self, index):
        self.check_index(index)
        definition = self.defs[index]
        dtype = DTYPES.get(definition.type)
        if dtype is None:
            raise ValueError("Could not get tensor details")
        q, shape = definition.quant, self.shape_of(index)
        signature = definition.shape_signature.tuple()
        scales, zero_points = array_at(q.scale, q.n, np.float32), array_at(q.zero_point, q.n, np.int32)
        return {
            "name": text(definition.name),
            "index": index,
            "shape": np.array(shape, np.int32),
            "shape_signature": np.array(signature if -1 in signature else shape, np.int32),
            "dtype": dtype,
            "quantization": (float(scales[0]), int(zero_points[0])) if q.n == 1 else (0.0, 0),
            "quantization_parameters": {"scales": scales, "zero_points": zero_points, "quantized_dimension": q.axis if q.n else 0},
            "sparsity_parameters": sparsity_details(definition.sparsity.contents) if definition.sparsity else {},
        }

    def op_details(self, index):
        definition = self.model.subgraphs[self.subgraph]
        if not 0 <= index < definition.n_operators:
            raise ValueError("Invalid node index")
        op = definition.operators[index]
        inputs, outputs = op.inputs[: op.n_inputs], op.outputs[: op.n_outputs]
        return {
            "index": index,
            "op_name": text(op.name),
            "inputs": np.array(inputs, np.int32),
            "outputs": np.array(outputs, np.int32),
            "operand_types": [DTYPES.get(self.defs[i].type) for i in inputs if i >= 0],
            "result_types": [DTYPES.get(self.defs[i].type) for i in outputs if i >= 0],
        }


def unresolved(number, name, why):
    return (f"Encountered unresolved custom op: {name}.\nSee instructions: https://www.tensorflow.org/lite/guide/ops_custom "
            f"Node number {number} ({name}) failed to prepare.\n{why}")


def sparsity_details(sparsity):
    """Of a constant that leaves out zeros."""
    levels = []
    for level in sparsity.levels[: sparsity.n_levels]:
        if level.segments:
            levels.append({"format": 1, "array_segments": np.array(level.segments[: level.n_segments], np.int32),
                           "array_indices": np.array(level.indices[: level.n_indices], np.int32)})
        else:
            levels.append({"format": 0, "dense_size": level.size})
    return {"traversal_order": np.array(sparsity.order[: sparsity.n_levels], np.int32),
            "block_map": np.array(sparsity.block[: sparsity.n_block], np.int32), "dim_metadata": levels}
