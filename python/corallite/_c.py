# SPDX-License-Identifier: Apache-2.0
"""The C library: the one place that declares its structures, constants and functions (include/corallite/*.h).

tests/python/test_c.py compares what stands here with the headers. Names are those of C without the prefix.
"""
import ctypes
from ctypes import (CFUNCTYPE, POINTER, Structure, c_bool, c_char, c_char_p, c_int, c_int32, c_size_t, c_uint, c_uint64, c_void_p)

from corallite import _library

library = _library.load()

# --- status.h ---------------------------------------------------------------------------------------------

OK, ERR_ARGUMENT, ERR_MEMORY, ERR_IO, ERR_FORMAT, ERR_UNSUPPORTED, ERR_DEVICE, ERR_STATE, ERR_TIMEOUT, ERR_CANCELLED = range(10)


class error(Structure):
    _fields_ = [("status", c_int), ("text", c_char * 248)]


class Error(RuntimeError):
    """What the library says is wrong: one sentence. `status` is its crl_status, `name` the word for that ("format")."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status

    @property
    def name(self):
        return library.crl_status_name(self.status).decode()


def check(status, err):
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
    def of(cls, dimensions):
        return cls(len(dimensions), (c_int32 * MAX_RANK)(*dimensions))

    def tuple(self):
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
                ("options", c_void_p), ("n_options", c_int32), ("custom_options", c_void_p), ("custom_bytes", c_size_t),
                ("reserved", WORD * 4)]


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
                ("n_buffers", c_int32), ("bytes", c_void_p), ("size", c_size_t)]


# --- notice.h ---------------------------------------------------------------------------------------------

NOTICE_LEVEL = 2


class notice(Structure):
    _fields_ = [("kind", c_int), ("text", c_char_p)]


NOTICE_FN = CFUNCTYPE(None, c_void_p, POINTER(notice))

# --- engine.h ---------------------------------------------------------------------------------------------

BACKEND_AUTO, BACKEND_CPU, BACKEND_REFERENCE = 0, 1, 2


class engine_options(Structure):
    _fields_ = [("backend", c_int), ("threads", c_int), ("cpu", c_char_p), ("subgraph", c_int32), ("memory_bytes", c_size_t),
                ("work_limit", c_uint64), ("notice", NOTICE_FN), ("notice_user", c_void_p), ("pool", c_void_p), ("float_mode", c_int),
                ("on_chip", POINTER(c_bool)), ("n_on_chip", c_size_t), ("arithmetic", c_int), ("input_shapes", POINTER(shape)),
                ("keep_tensors", c_bool), ("reserved", WORD * 7)]


# --- functions --------------------------------------------------------------------------------------------

FUNCTIONS = {
    "status_name": (c_char_p, [c_int]),
    "version": (c_char_p, []),
    "version_number": (c_int, []),
    "type_name": (c_char_p, [c_int]),
    "type_bytes": (c_size_t, [c_int]),
    "model_open_file": (c_int, [POINTER(POINTER(model)), c_char_p, POINTER(error)]),
    "model_open": (c_int, [POINTER(POINTER(model)), c_void_p, c_size_t, POINTER(error)]),
    "model_close": (None, [POINTER(model)]),
    "model_is_compiled": (c_bool, [POINTER(model)]),
    "model_open_twin": (c_int, [POINTER(POINTER(model)), POINTER(c_void_p), POINTER(model), c_char_p, c_char_p, POINTER(error)]),
    "engine_new": (c_int, [POINTER(c_void_p), POINTER(model), POINTER(engine_options), POINTER(error)]),
    "engine_free": (None, [c_void_p]),
    "engine_input": (POINTER(tensor), [c_void_p, c_int32]),
    "engine_output": (POINTER(tensor), [c_void_p, c_int32]),
    "engine_tensor": (c_int, [c_void_p, c_int32, POINTER(tensor), POINTER(error)]),
    "engine_resize": (c_int, [c_void_p, POINTER(shape), c_int32, POINTER(error)]),
    "engine_run": (c_int, [c_void_p, POINTER(error)]),
    "engine_reset": (None, [c_void_p]),
}


def declare(functions):
    """Gives functions of the library their types: {name without crl_: (result, arguments)}."""
    for name, (result, arguments) in functions.items():
        function = getattr(library, "crl_" + name)
        function.restype, function.argtypes = result, arguments


declare(FUNCTIONS)

libc_free = ctypes.CDLL(None).free
libc_free.restype, libc_free.argtypes = None, [c_void_p]


def library_version():
    return library.crl_version().decode()
