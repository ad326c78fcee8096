# SPDX-License-Identifier: Apache-2.0
"""Cameras for the demos: picamera where that is installed, else picamera2, else a camera of Video4Linux by itself.

A camera is a context manager with `frames(width, height)`, which gives arrays of RGB pixels, and `show(text)`.
"""
import io
import sys

import numpy as np
from PIL import Image

from edgetpu.demo import v4l2

WIDTH, HEIGHT, RATE = 640, 480, 30


def open_camera():
    """The first there is. RuntimeError, OSError: there is none, or it cannot be opened."""
    try:
        import picamera
    except (ImportError, OSError):  # on other computers than a Raspberry Pi it does not find its libraries
        pass
    else:
        return _PiCamera(picamera)
    try:
        import picamera2
    except (ImportError, OSError):
        pass
    else:
        return _PiCamera2(picamera2)
    return _Video4Linux()


def _fit(pixels, width, height):
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.NEAREST))


class _Printing:
    """Where nothing can be written over the picture, on the standard output, a line for each."""

    def show(self, text):
        print(text.replace("\n", "  "))
        sys.stdout.flush()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()


class _PiCamera:
    """The first camera of a Raspberry Pi, whose preview fills the screen."""

    def __init__(self, picamera):
        self._camera = picamera.PiCamera()
        self._camera.resolution = (WIDTH, HEIGHT)
        self._camera.framerate = RATE

    def frames(self, width, height):
        # It gives rows of a multiple of 32 pixels, and a multiple of 16 of them.
        rows, columns = -(-height // 16) * 16, -(-width // 32) * 32
        stream = io.BytesIO()
        for _ in self._camera.capture_continuous(stream, format="rgb", use_video_port=True, resize=(width, height)):
            data = np.frombuffer(stream.getvalue(), np.uint8)
            yield data[:rows * columns * 3].reshape(rows, columns, 3)[:height, :width]
            stream.seek(0)
            stream.truncate()

    def show(self, text):
        self._camera.annotate_text = text

    def __enter__(self):
        self._camera.start_preview()
        return self

    def __exit__(self, *args):
        self._camera.stop_preview()
        self._camera.close()


class _PiCamera2(_Printing):
    def __init__(self, picamera2):
        self._camera = picamera2.Picamera2()
        # BGR888 is, by its bytes, red first.
        self._camera.configure(self._camera.create_video_configuration(main={"size": (WIDTH, HEIGHT), "format": "BGR888"},
                                                                        controls={"FrameRate": RATE}))
        self._camera.start()

    def frames(self, width, height):
        while True:
            yield _fit(self._camera.capture_array()[:, :, :3], width, height)

    def close(self):
        self._camera.stop()
        self._camera.close()


class _Video4Linux(_Printing):
    def __init__(self):
        self._camera = v4l2.Camera("/dev/video0", WIDTH, HEIGHT, RATE)

    def frames(self, width, height):
        while True:
            yield _fit(self._camera.read(), width, height)

    def close(self):
        self._camera.close()
