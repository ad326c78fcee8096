# SPDX-License-Identifier: Apache-2.0
"""What the rest of the package stands on, by the names that it has in the original."""
import math
import mmap

import numpy as np

import corallite
from corallite import _buffers, _devices
from tflite_runtime import interpreter as tflite

NOT_READY = "Invoke called on model that is not ready."


def GetRuntimeVersion():
    """The runtime's version, in the form of the original's."""
    return "BuildLabel(corallite-%s), RuntimeVersion(13)" % corallite.__version__


def ListEdgeTpus():
    """Dictionaries with `type` and `path`."""
    return [{"type": d.type, "path": d.path} for d in _devices.devices()]


def SetVerbosity(verbosity):
    """How much the driver says, 0 to 10. Ours raises what goes wrong, and has nothing more to say."""
    return 0 <= verbosity <= 10


def _graph(interpreter):
    """The part of an interpreter that runs, when it is ready to."""
    graph = interpreter._main
    if not graph.ready:
        raise RuntimeError(NOT_READY)
    return graph


def _memory(graph, index):
    """A tensor's memory, for use within a call: unlike tensor() it does not count as a view."""
    port = graph.ports.get(index)
    return port[1] if port and port[1] is not None else graph.engine.peek(graph.current(index))


def input_size(interpreter):
    """How many values the first input has."""
    graph = interpreter._main
    return math.prod(graph.shape_of(graph.inputs[0])) if graph.inputs else 0


def invoke(interpreter, values):
    """Runs the interpreter on a flat array: bytes as they are, or values of the input's type; what is too many is left out. Unlike
    its own invoke() it does not mind arrays that look at its memory."""
    graph = _graph(interpreter)
    with graph.lock:
        if not graph.inputs:
            raise RuntimeError("The model has no input.")
        tensor = _memory(graph, graph.inputs[0]).reshape(-1)
        if values.dtype.itemsize == 1:
            tensor, values = tensor.view(np.uint8), values.view(np.uint8)
        elif values.dtype != tensor.dtype:
            raise TypeError("input data type is not supported.")
        if values.size < tensor.size:
            raise RuntimeError("Input buffer ({}) has fewer entries than model input tensor ({}).".format(values.size, tensor.size))
        tensor[:] = values[:tensor.size]
        graph.run()


def run(interpreter, tensors):
    """Runs the interpreter on its inputs out of a dictionary of arrays by name; returns its outputs in such a one."""
    graph = _graph(interpreter)
    with graph.lock:
        for d in interpreter.get_input_details():
            memory = _memory(graph, d["index"])
            memory[...] = tensors[d["name"]].reshape(memory.shape)
        graph.run()
        return {d["name"]: graph.get(d["index"]) for d in interpreter.get_output_details()}


def InvokeWithBytes(interpreter_handle, input_data):
    """Runs the interpreter of a handle on bytes."""
    invoke(tflite.interpreter_of_handle(interpreter_handle), np.frombuffer(input_data, np.uint8))


def InvokeWithMemBuffer(interpreter_handle, buffer, size):
    """Runs the interpreter of a handle on `size` bytes at the address `buffer`."""
    interpreter = tflite.interpreter_of_handle(interpreter_handle)
    _graph(interpreter)
    invoke(interpreter, _buffers.at_address(buffer, size))


def SupportsDmabuf(interpreter_handle):
    """Whether a device fetches its input itself from memory that is shared between drivers."""
    tflite.interpreter_of_handle(interpreter_handle)
    return False


def InvokeWithDmaBuffer(interpreter_handle, dma_fd, size):
    """Runs the interpreter of a handle on the first `size` bytes of memory that is shared between drivers, by its descriptor."""
    interpreter = tflite.interpreter_of_handle(interpreter_handle)
    _graph(interpreter)
    try:
        mapped = mmap.mmap(dma_fd, int(size), prot=mmap.PROT_READ)
    except (OSError, ValueError) as e:
        raise RuntimeError("The shared memory cannot be read: {}".format(e)) from None
    with mapped:
        invoke(interpreter, np.frombuffer(mapped[:], np.uint8))
