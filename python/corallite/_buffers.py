# SPDX-License-Identifier: Apache-2.0
"""What programs hand to engines as input: bytes, arrays, addresses, buffers of GStreamer."""
import ctypes

import numpy as np


def is_address(data):
    """Whether it is a tuple (ctypes.c_void_p, size)."""
    return (isinstance(data, tuple) and len(data) == 2 and isinstance(data[0], ctypes.c_void_p)
            and isinstance(data[1], (int, np.integer)))


def is_gst_buffer(data: object) -> bool:
    """Whether it is a Gst.Buffer, without importing GStreamer where nobody did."""
    return hasattr(data, "extract_dup") and hasattr(data, "get_size")


def gst_stride(size: int, width: int, height: int, pixels: str) -> int:
    """Bytes from row to row of a GStreamer frame of one plane, whose rows are filled up to four; 0: there are no gaps."""
    row = width * {"rgb": 3, "bgr": 3, "rgbx": 4, "bgrx": 4, "gray8": 1, "yuyv": 2, "uyvy": 2}.get(pixels, 0)
    filled = (row + 3) // 4 * 4
    return filled if row != filled and size == filled * height else 0


def at_address(address, size):
    """An array of the `size` bytes at an address, which have to stay there as long as it is used."""
    if not address:
        raise ValueError("the address of the input is 0")
    return np.frombuffer((ctypes.c_ubyte * int(size)).from_address(int(address)), np.uint8)


def view(data):
    """A flat array of what is in `data`, of bytes where it is not an array itself; None where it is nothing of the kind."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        return np.frombuffer(data, np.uint8)
    if is_address(data):
        return at_address(data[0].value, data[1])
    if is_gst_buffer(data):
        return np.frombuffer(data.extract_dup(0, data.get_size()), np.uint8)
    if isinstance(data, np.ndarray):
        return data.reshape(-1)
    return None


def pixels_for(values, dtype):
    """Pixels, 0 to 255, as numbers that an input of that type takes them for: of int8 128 less, of float32 -1 to 1. Values of the
    type itself stay as they are.

    ValueError: whole numbers outside 0 to 255. TypeError: there is no such rule.
    """
    if values.dtype == dtype:
        return values
    dtype = np.dtype(dtype)
    if values.dtype.kind in "iu" and values.dtype != np.uint8:
        if values.size and not 0 <= values.min() <= values.max() <= 255:
            raise ValueError("input numbers from {} to {}; 0 to 255 is accepted".format(values.min(), values.max()))
        values = values.astype(np.uint8)
    if values.dtype == np.uint8 and dtype == np.uint8:
        return values
    if values.dtype == np.uint8 and dtype == np.int8:
        return values ^ 0x80
    if values.dtype == np.uint8 and dtype == np.float32:
        return (values.astype(np.float32) - 127.5) / np.float32(127.5)
    raise TypeError("input of type {}; the model takes {}".format(values.dtype, dtype))


def real_numbers(data, quantization):
    """Values of an output as float32, flat; `quantization` is (scale, zero point), a scale of 0 says that they are real already."""
    scale, zero_point = quantization
    data = data.reshape(-1)
    if scale and data.dtype.kind in "iu":
        return np.float32(scale) * (data.astype(np.int64) - zero_point).astype(np.float32)
    return data.astype(np.float32)
