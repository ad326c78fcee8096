# SPDX-License-Identifier: Apache-2.0
"""A camera of Video4Linux, without any library: include/uapi/linux/videodev2.h by ctypes."""
import ctypes
import errno
import fcntl
import io
import mmap
import os
import select
from ctypes import Structure, Union, c_int32, c_long, c_uint8, c_uint32, c_ulong, c_void_p

import numpy as np
from PIL import Image

CAPTURE, MMAP = 1, 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_MEMORY_MMAP
BUFFERS = 4
PATIENCE = 10  # seconds that a frame may take


class PixFormat(Structure):
    _fields_ = [(name, c_uint32) for name in ("width", "height", "pixelformat", "field", "bytesperline", "sizeimage", "colorspace", "priv",
                                              "flags", "encoding", "quantization", "transfer")]


class _FormatOf(Union):
    _fields_ = [("pix", PixFormat), ("raw", c_uint8 * 200), ("align", c_void_p)]


class Format(Structure):
    _fields_ = [("type", c_uint32), ("of", _FormatOf)]


class Parameters(Structure):
    _fields_ = [(name, c_uint32) for name in ("type", "capability", "mode", "numerator", "denominator")] + [("raw", c_uint32 * 46)]


class Request(Structure):
    _fields_ = [(name, c_uint32) for name in ("count", "type", "memory", "capabilities", "flags")]


class _Place(Union):
    _fields_ = [("offset", c_uint32), ("userptr", c_ulong), ("fd", c_int32)]


class Buffer(Structure):
    _fields_ = ([(name, c_uint32) for name in ("index", "type", "bytesused", "flags", "field")] + [("time", c_long * 2), ("timecode", c_uint32 * 4)]
                + [("sequence", c_uint32), ("memory", c_uint32), ("m", _Place), ("length", c_uint32), ("reserved", c_uint32), ("request", c_int32)])


def _code(direction, number, kind):
    return direction << 30 | ctypes.sizeof(kind) << 16 | ord("V") << 8 | number


WRITE, BOTH = 1, 3
S_FMT, S_PARM, REQBUFS, QUERYBUF, QBUF, DQBUF = (
    _code(BOTH, number, kind) for number, kind in ((5, Format), (22, Parameters), (8, Request), (9, Buffer), (15, Buffer), (17, Buffer)))
STREAMON, STREAMOFF = _code(WRITE, 18, c_int32), _code(WRITE, 19, c_int32)


def fourcc(name):
    return int.from_bytes(name, "little")


def yuyv_to_rgb(data, width, height, stride):
    """Pixels of a YUYV frame, 16 to 235, by BT.601."""
    rows = np.frombuffer(data, np.uint8, stride * height).reshape(height, stride)[:, :width * 2].reshape(height, width // 2, 4).astype(np.int32)
    y = 298 * (rows[:, :, 0::2] - 16) + 128
    u, v = rows[:, :, 1:2] - 128, rows[:, :, 3:4] - 128
    rgb = np.stack([y + 409 * v, y - 100 * u - 208 * v, y + 516 * u], axis=-1) >> 8
    return np.clip(rgb, 0, 255).astype(np.uint8).reshape(height, width, 3)


class Camera:
    """Opened for reading frames, of a size near the one that is asked for.

    Raises OSError where there is none or it is busy, RuntimeError where it has no format that is read here.
    """

    def __init__(self, path, width, height, rate):
        self._maps = []
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        except FileNotFoundError:
            raise OSError("there is no camera: neither picamera nor picamera2 is installed, and {} does not exist".format(path)) from None
        except PermissionError:
            raise OSError("{} cannot be opened: who may is in the group video".format(path)) from None
        try:
            self._choose(path, width, height)
            self._ask_rate(rate)
            self._start()
        except OSError as e:
            self.close()
            why = "another program uses it" if e.errno == errno.EBUSY else e.strerror
            raise OSError("{} cannot be used as a camera: {}".format(path, why)) from None
        except BaseException:
            self.close()
            raise

    def _call(self, code, value):
        fcntl.ioctl(self._fd, code, value)
        return value

    def _choose(self, path, width, height):
        given = set()
        for name in b"YUYV", b"MJPG":
            f = Format(type=CAPTURE)
            f.of.pix.width, f.of.pix.height, f.of.pix.pixelformat = width, height, fourcc(name)
            self._call(S_FMT, f)
            given.add(f.of.pix.pixelformat.to_bytes(4, "little").decode("latin-1"))
            if f.of.pix.pixelformat == fourcc(name):
                self._jpeg = name == b"MJPG"
                self.width, self.height, self._stride = f.of.pix.width, f.of.pix.height, f.of.pix.bytesperline or 2 * f.of.pix.width
                return
        raise RuntimeError("{} gives {}; YUYV and MJPG are read".format(path, ", ".join(sorted(given))))

    def _ask_rate(self, rate):
        try:
            self._call(S_PARM, Parameters(type=CAPTURE, numerator=1, denominator=rate))
        except OSError:
            pass  # it has one of its own

    def _start(self):
        n = self._call(REQBUFS, Request(count=BUFFERS, type=CAPTURE, memory=MMAP)).count
        for i in range(n):
            b = self._call(QUERYBUF, Buffer(index=i, type=CAPTURE, memory=MMAP))
            self._maps.append(mmap.mmap(self._fd, b.length, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=b.m.offset))
            self._call(QBUF, b)
        self._call(STREAMON, c_int32(CAPTURE))

    def read(self):
        """The newest frame, an array [height, width, 3] of RGB pixels. OSError: the camera is gone, or gives none."""
        while True:
            if not select.select([self._fd], [], [], PATIENCE)[0]:
                raise OSError("the camera has given no picture for {} seconds".format(PATIENCE))
            b = self._call(DQBUF, Buffer(type=CAPTURE, memory=MMAP))
            while select.select([self._fd], [], [], 0)[0]:  # what waited is old
                self._call(QBUF, b)
                b = self._call(DQBUF, Buffer(type=CAPTURE, memory=MMAP))
            data = self._maps[b.index][:b.bytesused]
            self._call(QBUF, b)
            try:
                if self._jpeg:
                    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
                return yuyv_to_rgb(data, self.width, self.height, self._stride)
            except (OSError, ValueError):
                continue  # a frame that was cut off

    def close(self):
        if self._fd < 0:
            return
        try:
            self._call(STREAMOFF, c_int32(CAPTURE))
        except OSError:
            pass  # it did not run, or is gone
        for m in self._maps:
            m.close()
        os.close(self._fd)
        self._fd = -1
