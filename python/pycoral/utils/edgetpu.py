# SPDX-License-Identifier: Apache-2.0
"""Interpreters for Edge TPU models. Where there is no Edge TPU, the CPU runs the model, or the twin of a compiled one."""
import tflite_runtime.interpreter as tflite

from corallite import _buffers
from pycoral.pybind import _pywrap_coral

_LIBRARY = "libedgetpu.so.1"


def load_edgetpu_delegate(options=None):
    """Loads the Edge TPU delegate.

    Args:
        options: a dictionary; "device" chooses one, see :func:`make_interpreter`.

    Raises:
        ValueError: there is no such device.
    """
    return tflite.load_delegate(_LIBRARY, options or {})


def make_interpreter(model_path_or_content, device=None, delegate=None):
    """Opens a model.

    Args:
        model_path_or_content: the path of a file (str), or what is in it (bytes).
        device: ":N" the device of that number in :func:`list_edge_tpus`; "usb", "pci" any of that kind; "usb:N", "pci:N" that one;
            None any.
        delegate: what :func:`load_edgetpu_delegate` returned; `device` then says nothing.

    Returns:
        A :class:`tflite_runtime.interpreter.Interpreter`, on which ``allocate_tensors()`` is to be called.

    Raises:
        ValueError: there is no such file, or no such device.
    """
    delegates = [delegate or load_edgetpu_delegate({"device": device} if device else {})]
    if isinstance(model_path_or_content, bytes):
        return tflite.Interpreter(model_content=model_path_or_content, experimental_delegates=delegates)
    return tflite.Interpreter(model_path=model_path_or_content, experimental_delegates=delegates)


def run_inference(interpreter, input_data):
    """Runs an interpreter on its first input, given flat.

    Args:
        input_data: an array of the input's type, bytes, a tuple (ctypes.c_void_p, size), or a ``Gst.Buffer``. What is longer than
            the input is cut.

    Raises:
        ValueError: it is shorter.
        TypeError: it is none of these.
    """
    values = _buffers.view(input_data)
    if values is None:
        raise TypeError("input data type is not supported.")
    expected = _pywrap_coral.input_size(interpreter)
    if values.size < expected:
        raise ValueError("input size={}, expected={}.".format(values.size, expected))
    _pywrap_coral.invoke(interpreter, values)


def list_edge_tpus():
    """The devices, a list of dictionaries with "type" ("usb", "pci") and "path"."""
    return _pywrap_coral.ListEdgeTpus()


def get_runtime_version():
    """The runtime's version, such as "BuildLabel(corallite-1.0.0), RuntimeVersion(13)"."""
    return _pywrap_coral.GetRuntimeVersion()


def set_verbosity(verbosity):
    """How much the driver says, 0 to 10; returns whether that is a level."""
    return _pywrap_coral.SetVerbosity(verbosity)


def supports_dmabuf(interpreter_handle):
    """Whether :func:`invoke_with_dmabuffer` saves a copy on this interpreter; the handle is ``interpreter._native_handle()``."""
    return _pywrap_coral.SupportsDmabuf(interpreter_handle)


def invoke_with_bytes(interpreter_handle, input_data):
    """Runs an interpreter, by its handle, on bytes."""
    return _pywrap_coral.InvokeWithBytes(interpreter_handle, input_data)


def invoke_with_membuffer(interpreter_handle, buffer, size):
    """Runs an interpreter, by its handle, on the `size` bytes at the address `buffer`, an int such as ``array.ctypes.data``."""
    return _pywrap_coral.InvokeWithMemBuffer(interpreter_handle, buffer, size)


def invoke_with_dmabuffer(interpreter_handle, dma_fd, size):
    """Runs an interpreter, by its handle, on the first `size` bytes behind a descriptor of a DMA buffer."""
    return _pywrap_coral.InvokeWithDmaBuffer(interpreter_handle, dma_fd, size)
