# SPDX-License-Identifier: Apache-2.0
"""Pictures into input tensors, and tensors as arrays."""
import numpy as np


def output_tensor(interpreter, i):
    """Output `i` as a view of the interpreter's memory: the next run writes over it.

    While a view is kept the interpreter does not run; take a copy of what is needed for longer.
    """
    return interpreter.tensor(interpreter.get_output_details()[i]["index"])()


def input_details(interpreter, key):
    """What ``get_input_details()`` says of the first input under `key`: "shape", "dtype", "quantization"..."""
    return interpreter.get_input_details()[0][key]


def input_size(interpreter):
    """(width, height) of the first input, whose shape is [1, height, width, channels]."""
    _, height, width, _ = input_details(interpreter, "shape")
    return width, height


def input_tensor(interpreter):
    """The first input without its batch dimension, as a view: what is written into it goes into the next run."""
    return interpreter.tensor(input_details(interpreter, "index"))()[0]


def set_input(interpreter, data):
    """Copies a picture of the input's size, a PIL image or an array, into the first input."""
    tensor = input_tensor(interpreter)
    data = np.asarray(data)
    if data.ndim == tensor.ndim - 1 and tensor.shape[-1] == 1:
        data = data[..., np.newaxis]  # grey pictures have no dimension for channels
    tensor[:, :] = data


def set_resized_input(interpreter, size, resize):
    """Copies a picture into the upper left corner of the first input, its proportions kept, and zeros beside it.

    Args:
        size: (width, height) of the picture.
        resize: makes the picture of another size: a function of (width, height) that returns a PIL image or an array.

    Returns:
        What `resize` returned, and (scale, scale): the input's pixels for each of the picture's.
    """
    width, height = input_size(interpreter)
    scale = min(width / size[0], height / size[1])
    w, h = int(size[0] * scale), int(size[1] * scale)
    result = resize((w, h))
    tensor = input_tensor(interpreter)
    tensor.fill(0)
    tensor[:h, :w] = np.reshape(result, (h, w, tensor.shape[-1]))
    return result, (scale, scale)
