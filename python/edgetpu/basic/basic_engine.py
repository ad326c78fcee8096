# SPDX-License-Identifier: Apache-2.0
"""An engine for any model with one input."""
import os
import time

import numpy as np
import tflite_runtime.interpreter as tflite

from corallite import _buffers
from edgetpu.basic import edgetpu_utils
from pycoral.pybind import _pywrap_coral

_LIBRARY = "libedgetpu.so.1"


def _open(model_path, device):
    """An interpreter that is ready, on a device by its number in the list; errors as this API has them."""
    try:
        if not os.path.isfile(model_path):
            raise ValueError("Could not open '{}'.".format(model_path))
        delegate = tflite.load_delegate(_LIBRARY, {} if device is None else {"device": ":%d" % device})
        interpreter = tflite.Interpreter(model_path=model_path, experimental_delegates=[delegate])
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as e:
        raise RuntimeError(str(e)) from None
    return interpreter


class BasicEngine:
    """Runs a model.

    Args:
        model_path: a .tflite file. One that was compiled for the Edge TPU runs as its twin where there is no device.
        device_path: the device to run on, see :func:`edgetpu.basic.edgetpu_utils.ListEdgeTpuPaths`; None: the only one, or a free
            one of several.

    Raises:
        RuntimeError: there is no such file or device, or the model cannot be run; the text says why.
    """

    def __init__(self, model_path, device_path=None):
        self._model_path = model_path
        if not os.path.isfile(model_path):
            raise RuntimeError("Could not open '{}'.".format(model_path))
        self._device_path, device = edgetpu_utils.assign(self, device_path)
        self._interpreter = _open(model_path, device)
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        if not inputs:
            raise RuntimeError("Invalid model, no input tensor!")
        if len(inputs) > 1:
            raise RuntimeError("We don't support multiple input tensors yet!")
        self._input = inputs[0]
        self._outputs = outputs
        self._sizes = np.array([np.prod(d["shape"], dtype=np.int64) for d in outputs], np.uint64)
        self._expected = int(np.prod(self._input["shape"], dtype=np.int64))
        self._result = np.zeros(int(self._sizes.sum()), np.float32)
        self._latency = -1.0

    def run_inference(self, input, size=None):
        """Runs the model.

        Args:
            input: what goes in, flat: numbers from 0 to 255 as an array, a list, bytes, a tuple (ctypes.c_void_p, size) or a
                ``Gst.Buffer``. What is longer than the model's input is cut.
            size: how many numbers that are without what is too many, to be checked; None: the input may be of any size that is
                enough.

        Returns:
            (latency, result): milliseconds, and all outputs in real numbers, one behind the other, an array that is the caller's.

        Raises:
            AssertionError: the input is too short, or `size` is not what the model takes.
        """
        start = time.perf_counter()
        expected = self._expected
        if size is not None and size != expected:
            raise AssertionError("Wrong input size={}, expected={}.".format(size, expected))
        values = _buffers.view(input)
        if values is None:
            values = np.asarray(input).reshape(-1)
        if values.size < expected:
            raise AssertionError("Input buffer size {} smaller than model input tensor size {}.".format(values.size, expected))
        _pywrap_coral.invoke(self._interpreter, _buffers.pixels_for(values[:expected], self._input["dtype"]))
        self._result = self._read()
        self._latency = (time.perf_counter() - start) * 1000
        return self._latency, self._result.copy()

    def _real(self, output):
        return _buffers.real_numbers(self._interpreter.get_tensor(output["index"]), output["quantization"])

    def _read(self):
        if len(self._outputs) == 1:
            result = self._real(self._outputs[0])
            if result.size == self._result.size:
                return result
        result = np.zeros(self._result.size, np.float32)
        at = 0
        for d, size in zip(self._outputs, self._sizes):
            data = self._real(d)
            n = min(data.size, int(size))  # a shape that is found while running may be another one
            result[at:at + n] = data[:n]
            at += int(size)
        return result

    def get_input_tensor_shape(self):
        """The shape of the input, such as [1, height, width, 3]."""
        return np.array(self._input["shape"], np.int32)

    def get_all_output_tensors_sizes(self):
        """How many numbers each output has."""
        return self._sizes.copy()

    def get_num_of_output_tensors(self):
        """How many outputs there are."""
        return len(self._sizes)

    def get_output_tensor_size(self, index):
        """How many numbers output `index` has."""
        if index < 0:
            raise RuntimeError("tensor_index must >= 0!")
        if index >= len(self._sizes):
            raise RuntimeError("tensor_index doesn't exist!")
        return int(self._sizes[index])

    def required_input_array_size(self):
        """How many numbers the input has."""
        return self._expected

    def total_output_array_size(self):
        """How many numbers all outputs have."""
        return self._result.size

    def get_inference_time(self):
        """Milliseconds of the last run; -1 before the first."""
        return self._latency

    def get_raw_output(self):
        """The result of the last run; zeros before the first."""
        return self._result.copy()

    def model_path(self):
        """The file, as it was named."""
        return self._model_path

    def device_path(self):
        """The device; "" where the CPU runs the model because there is none."""
        return self._device_path

    def RunInference(self, input, size=None):
        """The name of :meth:`run_inference` in release 1.9."""
        return self.run_inference(input, size)
