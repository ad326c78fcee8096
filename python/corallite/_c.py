# SPDX-License-Identifier: Apache-2.0
"""The C library: the one place that declares its structures, constants and functions (include/corallite/*.h).

tests/python/test_c.py compares what stands here with the headers. Names are those of C without the prefix.
"""
from __future__ import annotations

import ctypes
from ctypes import (CFUNCTYPE, POINTER, Structure, c_bool, c_char, c_char_p, c_float, c_int, c_int32, c_size_t, c_ssize_t, c_uint, c_uint16, c_uint32,
                    c_uint64, c_void_p)

from typing import Any, Sequence

from corallite import _library

library = _library.load()

# --- status.h ---------------------------------------------------------------------------------------------

OK, ERR_ARGUMENT, ERR_MEMORY, ERR_IO, ERR_FORMAT, ERR_UNSUPPORTED, ERR_DEVICE, ERR_STATE, ERR_TIMEOUT, ERR_CANCELLED = range(10)


class error(Structure):
    _fields_ = [("status", c_int), ("text", c_char * 248)]


class Error(RuntimeError):
    """What the library says is wrong: one sentence. `status` is its crl_status, `name` the word for that ("format")."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status

    @property
    def name(self) -> str:
        return bytes(library.crl_status_name(self.status)).decode()


def check(status: int, err: error) -> None:
    """Raises Error for a status other than OK; MemoryError where that is what it means."""
    if status:
        text = err.text.decode(errors="replace")
        raise MemoryError(text) if status == ERR_MEMORY else Error(status, text)


# --- tensor.h ---------------------------------------------------------------------------------------------

MAX_RANK = 8
(FLOAT32, FLOAT16, INT32, UINT8, INT64, STRING, BOOL, INT16, COMPLEX64, INT8, FLOAT64, COMPLEX128, UINT64, RESOURCE, VARIANT,
 UINT32, UINT16, INT4, BFLOAT16) = range(19)
TENSOR_CONST, TENSOR_VARIABLE, TENSOR_DYNAMIC = 1, 2, 4
WORD = c_size_t  # of the reserved ones: uintptr_t


class shape(Structure):
    _fields_ = [("rank", c_int32), ("dim", c_int32 * MAX_RANK)]

    @classmethod
    def of(cls, dimensions: Sequence[int]) -> shape:
        return cls(len(dimensions), (c_int32 * MAX_RANK)(*dimensions))

    def tuple(self) -> tuple[int, ...]:
        return tuple(self.dim[: self.rank])


class quant(Structure):
    _fields_ = [("scale", c_void_p), ("zero_point", c_void_p), ("n", c_int32), ("axis", c_int32), ("block", c_int32), ("reserved", c_int32)]


class tensor(Structure):
    _fields_ = [("name", c_char_p), ("type", c_int), ("shape", shape), ("quant", quant), ("data", c_void_p), ("bytes", c_size_t),
                ("flags", c_uint), ("reserved", WORD * 4)]


# --- model.h ----------------------------------------------------------------------------------------------

CUSTOM = 32


class sparse_level(Structure):
    _fields_ = [("size", c_int32), ("step", c_size_t), ("segments", POINTER(c_int32)), ("indices", POINTER(c_int32)),
                ("n_segments", c_int32), ("n_indices", c_int32), ("reserved", WORD * 2)]


class sparsity(Structure):
    _fields_ = [("order", POINTER(c_int32)), ("levels", POINTER(sparse_level)), ("n_levels", c_int32), ("block", POINTER(c_int32)),
                ("n_block", c_int32)]


class tensor_def(Structure):
    _fields_ = [("name", c_char_p), ("type", c_int), ("shape", shape), ("shape_signature", shape), ("quant", quant), ("data", c_void_p),
                ("bytes", c_size_t), ("buffer", c_int32), ("is_variable", c_bool), ("sparsity", POINTER(sparsity)), ("reserved", WORD * 4)]


class operator(Structure):
    _fields_ = [("name", c_char_p), ("code", c_int32), ("version", c_int32), ("inputs", POINTER(c_int32)), ("n_inputs", c_int32),
                ("outputs", POINTER(c_int32)), ("n_outputs", c_int32), ("intermediates", POINTER(c_int32)), ("n_intermediates", c_int32),
                ("options", c_void_p), ("n_options", c_int32), ("custom_options", c_void_p), ("custom_bytes", c_size_t), ("chip", c_void_p),
                ("reserved", WORD * 3)]


class subgraph(Structure):
    _fields_ = [("name", c_char_p), ("tensors", POINTER(tensor_def)), ("n_tensors", c_int32), ("operators", POINTER(operator)),
                ("n_operators", c_int32), ("inputs", POINTER(c_int32)), ("n_inputs", c_int32), ("outputs", POINTER(c_int32)),
                ("n_outputs", c_int32), ("reserved", WORD * 4)]


class signature(Structure):
    _fields_ = [("key", c_char_p), ("subgraph", c_int32), ("input_names", POINTER(c_char_p)), ("inputs", POINTER(c_int32)),
                ("n_inputs", c_int32), ("output_names", POINTER(c_char_p)), ("outputs", POINTER(c_int32)), ("n_outputs", c_int32),
                ("reserved", WORD * 4)]


class metadata(Structure):
    _fields_ = [("name", c_char_p), ("data", c_void_p), ("bytes", c_size_t), ("reserved", WORD * 1)]


class model(Structure):
    _fields_ = [("version", c_int32), ("description", c_char_p), ("subgraphs", POINTER(subgraph)), ("n_subgraphs", c_int32),
                ("signatures", POINTER(signature)), ("n_signatures", c_int32), ("metadata", POINTER(metadata)), ("n_metadata", c_int32),
                ("n_buffers", c_int32), ("bytes", c_void_p), ("size", c_size_t), ("on_chip", POINTER(c_bool))]


# --- notice.h ---------------------------------------------------------------------------------------------

NOTICE_LEVEL, NOTICE_DEVICE_LOST, NOTICE_DEVICE_BACK, NOTICE_TWIN = 2, 5, 6, 8


class notice(Structure):
    _fields_ = [("kind", c_int), ("text", c_char_p)]


NOTICE_FN = CFUNCTYPE(None, c_void_p, POINTER(notice))

# --- engine.h ---------------------------------------------------------------------------------------------

BACKEND_AUTO, BACKEND_CPU, BACKEND_REFERENCE, BACKEND_EDGETPU = 0, 1, 2, 3
ARITHMETIC_EDGETPU = 1


class engine_options(Structure):
    _fields_ = [("backend", c_int), ("threads", c_int), ("cpu", c_char_p), ("subgraph", c_int32), ("memory_bytes", c_size_t),
                ("work_limit", c_uint64), ("notice", NOTICE_FN), ("notice_user", c_void_p), ("pool", c_void_p), ("float_mode", c_int),
                ("on_chip", POINTER(c_bool)), ("n_on_chip", c_size_t), ("arithmetic", c_int), ("input_shapes", POINTER(shape)),
                ("keep_tensors", c_bool), ("twin", c_void_p), ("device", c_char_p), ("clock", c_char_p),
                ("reserved", WORD * 4)]


# --- device.h ---------------------------------------------------------------------------------------------


DEVICE_PCI_VENDOR = 0x1ac1


class device(Structure):
    _fields_ = [("place", c_char * 48), ("vendor", c_uint16), ("product", c_uint16), ("has_firmware", c_bool), ("megabits", c_int32),
                ("access", c_int), ("clock_mhz", c_int32), ("millidegrees", c_ssize_t), ("reserved", WORD * 2)]


# --- vision.h, session.h ----------------------------------------------------------------------------------

RESAMPLE_BILINEAR, RESAMPLE_NEAREST, RESAMPLE_BICUBIC, RESAMPLE_LANCZOS = range(4)
PURPOSE_UNKNOWN, PURPOSE_CLASSIFY, PURPOSE_DETECT, PURPOSE_SEGMENT, PURPOSE_POSE, PURPOSE_EMBED, PURPOSE_RAW = range(7)
KEYPOINTS = 17


class image(Structure):
    _fields_ = [("width", c_int32), ("height", c_int32), ("channels", c_int32), ("stride", c_size_t), ("data", c_void_p)]


class box(Structure):
    _fields_ = [("x0", c_float), ("y0", c_float), ("x1", c_float), ("y1", c_float)]


class letterbox(Structure):
    _fields_ = [("width", c_float), ("height", c_float), ("picture_width", c_int32), ("picture_height", c_int32), ("input_width", c_int32),
                ("input_height", c_int32), ("filled_width", c_int32), ("filled_height", c_int32), ("left", c_int32), ("top", c_int32),
                ("reserved", c_uint32 * 6)]


class frame_format(Structure):
    _fields_ = [("width", c_int32), ("height", c_int32), ("pixels", c_int), ("yuv", c_int), ("full_range", c_bool), ("reserved", WORD * 4)]


class frame(Structure):
    _fields_ = [("plane", c_void_p * 3), ("stride", c_size_t * 3), ("reserved", WORD * 2)]


class class_(Structure):
    _fields_ = [("index", c_int32), ("score", c_float)]


class detection(Structure):
    _fields_ = [("index", c_int32), ("score", c_float), ("box", box), ("reserved", c_uint32 * 10)]


class keypoint(Structure):
    _fields_ = [("x", c_float), ("y", c_float), ("score", c_float)]


class pose(Structure):
    _fields_ = [("score", c_float), ("keypoints", keypoint * KEYPOINTS), ("reserved", c_uint32 * 12)]


class detector_options(Structure):
    _fields_ = [("head", c_int), ("scores", c_int), ("boxes", c_int), ("iou", c_float), ("agnostic", c_bool), ("named", c_bool),
                ("turned", c_bool), ("labels", c_int32), ("anchors", c_void_p), ("reserved", WORD * 8)]


class session_options(Structure):
    _fields_ = [("engine", engine_options), ("name", c_char_p), ("purpose", c_int), ("choose_later", c_bool), ("labels", c_char_p),
                ("labels_text", c_char_p), ("labels_bytes", c_size_t), ("resample", c_int), ("keep_aspect_ratio", c_bool),
                ("exif_orientation", c_bool), ("n_mean", c_int32), ("n_std", c_int32), ("mean", c_float * 3), ("std", c_float * 3),
                ("top_k", c_int32), ("has_threshold", c_bool), ("threshold", c_float), ("detector", detector_options), ("fit", c_int),
                ("order", c_int), ("has_padding", c_bool), ("padding", c_int32), ("reserved", WORD * 16)]


class segment(Structure):
    _fields_ = [("index", c_int32), ("pixels", c_uint64)]


class results(Structure):
    _fields_ = [("purpose", c_int), ("frame", letterbox), ("picture", POINTER(image)), ("classes", POINTER(class_)), ("n_classes", c_int32),
                ("detections", POINTER(detection)), ("n_detections", c_int32), ("poses", POINTER(pose)), ("n_poses", c_int32),
                ("segments", POINTER(segment)), ("n_segments", c_int32), ("mask", POINTER(image)), ("embedding", c_void_p),
                ("n_embedding", c_size_t), ("input_ns", c_uint64), ("run_ns", c_uint64), ("read_ns", c_uint64)]


# --- learn.h ----------------------------------------------------------------------------------------------


class last_layer(Structure):
    _fields_ = [("classes", c_int32), ("size", c_int32), ("weights", c_void_p), ("bias", c_void_p), ("normalise", c_bool),
                ("low", c_float), ("high", c_float), ("reserved", WORD * 8)]


# --- functions --------------------------------------------------------------------------------------------

FUNCTIONS: dict[str, Any] = {
    "status_name": (c_char_p, [c_int]),
    "version": (c_char_p, []),
    "version_number": (c_int, []),
    "type_name": (c_char_p, [c_int]),
    "type_bytes": (c_size_t, [c_int]),
    "model_open_file": (c_int, [POINTER(POINTER(model)), c_char_p, POINTER(error)]),
    "model_open": (c_int, [POINTER(POINTER(model)), c_void_p, c_size_t, POINTER(error)]),
    "model_close": (None, [POINTER(model)]),
    "model_is_compiled": (c_bool, [POINTER(model)]),
    "engine_choose_model": (c_int, [POINTER(POINTER(model)), POINTER(POINTER(model)), c_char_p, c_char_p, POINTER(engine_options),
                                    POINTER(error)]),
    "devices_list": (c_int, [POINTER(device), c_int32, POINTER(c_int32), POINTER(error)]),
    "engine_new": (c_int, [POINTER(c_void_p), POINTER(model), POINTER(engine_options), POINTER(error)]),
    "engine_free": (None, [c_void_p]),
    "engine_input": (POINTER(tensor), [c_void_p, c_int32]),
    "engine_output": (POINTER(tensor), [c_void_p, c_int32]),
    "engine_tensor": (c_int, [c_void_p, c_int32, POINTER(tensor), POINTER(error)]),
    "engine_resize": (c_int, [c_void_p, POINTER(shape), c_int32, POINTER(error)]),
    "engine_run": (c_int, [c_void_p, POINTER(error)]),
    "engine_reset": (None, [c_void_p]),
    "keypoint_name": (c_char_p, [c_int32]),
    "pixels_parse": (c_int, [POINTER(c_int), c_char_p, POINTER(error)]),
    "resample_parse": (c_int, [POINTER(c_int), c_char_p, POINTER(error)]),
    "frame_wrap": (c_int, [POINTER(frame), POINTER(frame_format), c_void_p, c_size_t, c_size_t, POINTER(error)]),
    "session_open": (c_int, [POINTER(c_void_p), POINTER(model), POINTER(session_options), POINTER(error)]),
    "session_close": (None, [c_void_p]),
    "session_label": (c_char_p, [c_void_p, c_int32]),
    "session_run": (c_int, [c_void_p, POINTER(image), POINTER(POINTER(results)), POINTER(error)]),
    "session_run_file": (c_int, [c_void_p, c_char_p, POINTER(POINTER(results)), POINTER(error)]),
    "session_run_frame": (c_int, [c_void_p, POINTER(frame_format), POINTER(frame), POINTER(POINTER(results)), POINTER(error)]),
    "extractor_new": (c_int, [POINTER(c_void_p), POINTER(model), c_char_p, POINTER(error)]),
    "extractor_free": (None, [c_void_p]),
    "extractor_model": (POINTER(model), [c_void_p]),
    "extractor_write": (c_int, [c_void_p, POINTER(last_layer), c_void_p, POINTER(c_void_p), POINTER(c_size_t), POINTER(error)]),
    "imprinted_write": (c_int, [POINTER(model), POINTER(last_layer), c_float, c_char_p, POINTER(c_void_p), POINTER(c_size_t),
                                POINTER(error)]),
    "session_draw": (c_int, [c_void_p, POINTER(image), POINTER(error)]),
}


def declare(functions: dict[str, Any]) -> None:
    """Gives functions of the library their types: {name without crl_: (result, arguments)}."""
    for name, (result, arguments) in functions.items():
        function = getattr(library, "crl_" + name)
        function.restype, function.argtypes = result, arguments


declare(FUNCTIONS)

libc_free = ctypes.CDLL(None).free
libc_free.restype, libc_free.argtypes = None, [c_void_p]


def library_version() -> str:
    return bytes(library.crl_version()).decode()
