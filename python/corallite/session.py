# SPDX-License-Identifier: Apache-2.0
"""Sessions: a model with its labels and options; a picture goes in, what is in it comes out.

    from corallite import Session

    with Session("ssd.tflite", labels="coco.txt", threshold=0.5) as session:
        for found in session.run("street.jpg").detections:
            print(found.label, found.score, found.box)
"""
from __future__ import annotations

import ctypes
import os
import threading
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, List, Optional, Sequence, Tuple, Type, Union

import numpy as np

from corallite import _c, _devices
from corallite._buffers import gst_stride, is_gst_buffer
from corallite._model import Model, array_at

if TYPE_CHECKING:
    import numpy.typing
    import PIL.Image

    Bytes = numpy.typing.NDArray[np.uint8]
    Floats = numpy.typing.NDArray[np.float32]
    Picture = Union[str, "os.PathLike[str]", PIL.Image.Image, Bytes]

__all__ = ["Box", "Class", "Detection", "Keypoint", "Pose", "Results", "Segment", "Session"]

PURPOSES = ("unknown", "classify", "detect", "segment", "pose", "embed")


# --- results ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Class:
    """A class with its score. `label` is None where it has no name."""

    index: int
    label: Optional[str]
    score: float


@dataclass(frozen=True)
class Box:
    """Pixels of the picture, clipped to it: left, top, right, bottom."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Detection:
    """A thing, and where it is."""

    index: int
    label: Optional[str]
    score: float
    box: Box


@dataclass(frozen=True)
class Keypoint:
    """A joint, "nose" to "right_ankle", in pixels of the picture; not clipped."""

    name: str
    x: float
    y: float
    score: float


@dataclass(frozen=True)
class Pose:
    """A person: 17 keypoints in the order of the COCO data set."""

    score: float
    keypoints: Tuple[Keypoint, ...]


@dataclass(frozen=True)
class Segment:
    """A class that a mask has, and of how many pixels."""

    index: int
    label: Optional[str]
    pixels: int


@dataclass(frozen=True)
class Results:
    """What is in one picture; a copy, which the next run leaves as it is.

    `purpose` says which one of these is filled: `classes` ("classify"), `detections` ("detect"), `poses` ("pose"), all best first;
    `segments`, the largest first, and `mask` ("segment"): uint8 [height, width], the class of every pixel of the picture;
    `embedding` ("embed"): float32 [n]. Times are milliseconds: picture to input, the model, outputs to results.
    """

    purpose: str
    width: int
    height: int
    classes: Tuple[Class, ...]
    detections: Tuple[Detection, ...]
    poses: Tuple[Pose, ...]
    segments: Tuple[Segment, ...]
    mask: Optional[Bytes]
    embedding: Optional[Floats]
    input_ms: float
    run_ms: float
    read_ms: float


# --- sessions ---------------------------------------------------------------------------------------------


class Session:
    """A model, made ready to look at pictures.

    model              a file, or the bytes of one. One that is compiled for an Edge TPU runs there; where there is none, by its twin, the model
                       that it was compiled from, which is said once on stderr
    labels             a file of labels, or their names in order; without them those inside the model
    purpose            "classify", "detect", "segment", "pose" or "embed", where the model's outputs leave it open
    threshold          a result is kept when its score is at least that; by default detections from 0.5, poses from 0.25 on, and all classes
    top_k              results at most; by default 3 classes, 10 detections or poses
    resample           "bilinear", "nearest", "bicubic" or "lanczos", with Pillow's results
    keep_aspect_ratio  shrink pictures instead of stretching them
    exif_orientation   turn pictures of files as the camera was held
    mean, std          pixels become (pixel - mean) / std; by default the model's own
    threads            of one run; by default the physical cores, at most 4
    device             the Edge TPU: "usb:1" is the second one; by default any. "cpu": none

    Runs release Python's lock. A session serves one thread at a time, others wait; run_many() uses several of them. Close it, or use
    it as a context manager, to give memory back at once.

    Raises corallite.Error (status ERR_IO, ERR_FORMAT: the file; ERR_UNSUPPORTED: the model; ERR_DEVICE: it needs an Edge TPU; ERR_ARGUMENT: an
    option), OSError where a file of labels cannot be read.
    """

    def __init__(self, model: Union[str, os.PathLike[str], bytes], *, labels: Union[str, os.PathLike[str], Sequence[str], None] = None,
                 purpose: Optional[str] = None, threshold: Optional[float] = None, top_k: int = 0, resample: str = "bilinear",
                 keep_aspect_ratio: bool = False, exif_orientation: bool = False, mean: Optional[float] = None, std: Optional[float] = None,
                 threads: int = 0, device: Optional[str] = None) -> None:
        content = model if isinstance(model, bytes) else None
        path = None if isinstance(model, bytes) else os.fspath(model)
        self._pointer: Optional[ctypes.c_void_p] = None
        self._lock = threading.RLock()
        self._exif = exif_orientation
        self._said: List[str] = []
        self._model = Model(path, content, device=_devices.default() if device is None else device)
        if self._model.needs_twin:
            raise self._model.needs_twin
        self._options = _options(path, labels, purpose, threshold, top_k, resample, keep_aspect_ratio, mean, std, threads)
        self._model.place(self._options.engine)
        said = self._said

        def hear(_: Any, notice: Any) -> None:
            if notice.contents.kind != _c.NOTICE_LEVEL:
                said.append(notice.contents.text.decode(errors="replace"))

        self._options.engine.notice = self._hear = _c.NOTICE_FN(hear)
        self._pointer = self._open()
        self._say(3)

    def _open(self) -> ctypes.c_void_p:
        err, pointer = _c.error(), ctypes.c_void_p()
        self._model.lend()
        try:
            _c.check(_c.library.crl_session_open(pointer, self._model.pointer, self._options, err), err)
        except BaseException:
            self._model.give_back()
            raise
        return pointer

    def close(self) -> None:
        """Gives memory back; the session cannot be used any more. May be called again."""
        with self._lock:
            pointer, self._pointer = self._pointer, None
            if pointer is not None:
                _c.library.crl_session_close(pointer)
                self._model.give_back()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_pointer", None) is not None:
            self.close()

    def _say(self, level: int) -> None:
        while self._said:
            warnings.warn(self._said.pop(0), stacklevel=level)

    def _ready(self) -> ctypes.c_void_p:
        if self._pointer is None:
            raise ValueError("the session is closed")
        return self._pointer

    def label(self, index: int) -> Optional[str]:
        """The name of a class; None where it has none."""
        with self._lock:
            return _text(_c.library.crl_session_label(self._ready(), index))

    # --- running ---

    def run(self, picture: Picture) -> Results:
        """Looks at a picture: a file, a PIL image, or an array, uint8 [height, width, 3] in red, green, blue, or [height, width] grey.

        Raises ValueError (an array that is no picture, a closed session), OSError (the file), corallite.Error (what the model says).
        """
        image, keep = _image_of(self._opened(picture))
        with self._lock:
            found = self._call(_c.library.crl_session_run, ctypes.byref(image))
        del keep
        return found

    def run_frame(self, data: Any, width: int, height: int, pixels: str = "rgb", stride: int = 0) -> Results:
        """Looks at a frame of a camera or decoder: bytes, or whatever has a buffer, a Gst.Buffer too.

        pixels  "rgb", "bgr", "rgbx", "bgrx", "gray8", "nv12", "i420", "yuyv", "uyvy"; planes follow one another
        stride  bytes from row to row; 0: without gaps, or of a Gst.Buffer rows filled up to four bytes, where its size says so
        """
        err, kind, frame = _c.error(), ctypes.c_int(), _c.frame()
        _c.check(_c.library.crl_pixels_parse(kind, pixels.encode(), err), err)
        memory = data.extract_dup(0, data.get_size()) if is_gst_buffer(data) else data
        values = np.frombuffer(memory, np.uint8)
        if is_gst_buffer(data) and not stride:
            stride = gst_stride(values.nbytes, width, height, pixels)
        form = _c.frame_format(width=width, height=height, pixels=kind)
        _c.check(_c.library.crl_frame_wrap(frame, form, values.ctypes.data, values.nbytes, stride, err), err)
        with self._lock:
            return self._call(_c.library.crl_session_run_frame, ctypes.byref(form), ctypes.byref(frame))

    def run_many(self, pictures: Iterable[Picture], workers: int = 0,
                 on_error: Optional[Callable[[Any, Exception], None]] = None) -> Iterator[Results]:
        """Looks at any number of pictures with several threads, each on a picture of its own: results in the order of the pictures.

        workers   threads; 0: one for each core that the process may use
        on_error  is told of pictures that fail, which are then left out; without it the exception is raised in their place
        """
        workers = workers or _cores()
        local, others = threading.local(), []

        def work(picture: Picture) -> Results:
            if not hasattr(local, "session"):
                local.session = self._twin()
                others.append(local.session)
            found: Results = local.session.run(picture)
            return found

        with self._lock:
            self._ready()
        waiting: List[Tuple[Picture, Future[Results]]] = []
        with ThreadPoolExecutor(workers) as pool:
            try:
                for picture in pictures:
                    waiting.append((picture, pool.submit(work, picture)))
                    if len(waiting) > 2 * workers:
                        yield from _settle(waiting.pop(0), on_error)
                while waiting:
                    yield from _settle(waiting.pop(0), on_error)
            finally:
                for _, future in waiting:
                    future.cancel()
        for session in others:
            session.close()

    def _twin(self) -> Session:
        """Another session of the same model and options, of one thread."""
        other = Session.__new__(Session)
        other.__dict__.update(self.__dict__, _lock=threading.RLock(), _pointer=None, _options=_c.session_options.from_buffer_copy(self._options))
        other._options.engine.threads = 1
        other._pointer = other._open()
        return other

    def draw(self, picture: Picture) -> PIL.Image.Image:
        """A picture with the results of the last run drawn into it: boxes, skeletons, classes of pixels. Raises corallite.Error (ERR_STATE)."""
        import PIL.Image

        source = self._opened(picture)
        values = np.array(source.convert("RGB") if isinstance(source, PIL.Image.Image) else _rgb(source))
        image, keep = _image_of(values)
        err = _c.error()
        with self._lock:
            _c.check(_c.library.crl_session_draw(self._ready(), image, err), err)
        del keep
        return PIL.Image.fromarray(values)

    def _opened(self, picture: Picture) -> Union[PIL.Image.Image, Bytes]:
        if not isinstance(picture, (str, os.PathLike)):
            return picture
        import PIL.Image
        import PIL.ImageOps

        with PIL.Image.open(picture) as file:
            file.load()
            turned = PIL.ImageOps.exif_transpose(file) if self._exif else None
            return (turned or file).convert("RGB")

    def _call(self, function: Callable[..., int], *arguments: Any) -> Results:
        err, out = _c.error(), ctypes.POINTER(_c.results)()
        pointer = self._ready()
        status = function(pointer, *arguments, ctypes.byref(out), ctypes.byref(err))
        self._say(4)
        _c.check(status, err)
        return self._results(out.contents)

    def _results(self, r: Any) -> Results:
        name = self.label
        return Results(
            purpose=PURPOSES[r.purpose],
            width=r.frame.picture_width,
            height=r.frame.picture_height,
            classes=tuple(Class(c.index, name(c.index), c.score) for c in r.classes[: r.n_classes]),
            detections=tuple(Detection(d.index, name(d.index), d.score, Box(d.box.x0, d.box.y0, d.box.x1, d.box.y1))
                             for d in r.detections[: r.n_detections]),
            poses=tuple(Pose(p.score, tuple(Keypoint(_KEYPOINTS[i], k.x, k.y, k.score) for i, k in enumerate(p.keypoints)))
                        for p in r.poses[: r.n_poses]),
            segments=tuple(Segment(s.index, name(s.index), s.pixels) for s in r.segments[: r.n_segments]),
            mask=_pixels(r.mask.contents) if r.mask else None,
            embedding=_floats(r.embedding, r.n_embedding) if r.embedding else None,
            input_ms=r.input_ns / 1e6,
            run_ms=r.run_ns / 1e6,
            read_ms=r.read_ns / 1e6,
        )


_KEYPOINTS = tuple(_c.library.crl_keypoint_name(i).decode() for i in range(_c.KEYPOINTS))


def _text(raw: Optional[bytes]) -> Optional[str]:
    return None if raw is None else raw.decode(errors="replace")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _settle(one: Tuple[Picture, Future[Results]], on_error: Optional[Callable[[Any, Exception], None]]) -> Iterator[Results]:
    picture, future = one
    try:
        found = future.result()
    except Exception as error:
        if on_error is None:
            raise
        on_error(picture, error)
        return
    yield found


def _options(path: Optional[str], labels: Union[str, os.PathLike[str], Sequence[str], None], purpose: Optional[str],
             threshold: Optional[float], top_k: int, resample: str, keep_aspect_ratio: bool, mean: Optional[float], std: Optional[float],
             threads: int) -> Any:
    err, filter = _c.error(), ctypes.c_int()
    _c.check(_c.library.crl_resample_parse(filter, resample.encode(), err), err)
    options = _c.session_options(resample=filter, keep_aspect_ratio=keep_aspect_ratio, top_k=top_k)
    options.engine.threads = threads
    options.name = os.fsencode(path) if path else None
    if purpose is not None:
        if purpose not in PURPOSES[1:]:
            raise ValueError(f'purpose "{purpose}": {", ".join(PURPOSES[1:])} are known')
        options.purpose = PURPOSES.index(purpose)
    if threshold is not None:
        options.has_threshold, options.threshold = True, threshold
    if mean is not None:
        options.n_mean, options.mean[0] = 1, mean
    if std is not None:
        options.n_std, options.std[0] = 1, std
    if isinstance(labels, (str, os.PathLike)):
        options.labels = os.fsencode(labels)
    elif labels is not None:
        text = "".join(f"{i} {' '.join(name.split())}\n" for i, name in enumerate(labels)).encode()
        options.labels_text, options.labels_bytes = text, len(text)
    return options


def _rgb(values: Bytes) -> Bytes:
    found = values if values.ndim == 3 else values[..., None]
    return np.repeat(found, 3, axis=2) if found.shape[2] == 1 else found


def _image_of(picture: Any) -> Tuple[Any, Any]:
    """A crl_image, and what owns its pixels."""
    if hasattr(picture, "convert"):
        picture = np.asarray(picture if picture.mode in ("L", "RGB") else picture.convert("RGB"))
    values = picture
    if not isinstance(values, np.ndarray) or values.dtype != np.uint8 or values.ndim not in (2, 3) or 0 in values.shape:
        what = f"{values.dtype} {list(values.shape)}" if isinstance(values, np.ndarray) else type(values).__name__
        raise ValueError(f"{what}: a file, a PIL image, or an array, uint8 [height,width,3] or [height,width], is accepted")
    if values.ndim == 2:
        values = values[..., None]
    if values.shape[2] not in (1, 3):
        raise ValueError(f"an array of {values.shape[2]} channels: 3 (red, green, blue) or 1 (grey) are accepted")
    height, width, channels = values.shape
    row, column, step = values.strides
    if step != 1 or column != channels or row < width * channels:
        values = np.ascontiguousarray(values)
    return _c.image(width, height, channels, values.strides[0], values.ctypes.data), values


def _pixels(image: Any) -> Bytes:
    rows = array_at(image.data, image.stride * image.height, np.uint8)
    return np.asarray(rows.reshape(image.height, image.stride)[:, : image.width], np.uint8)


def _floats(address: int, n: int) -> Floats:
    return np.asarray(array_at(address, n, np.float32), np.float32)
