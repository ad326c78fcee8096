# SPDX-License-Identifier: Apache-2.0
"""Corallite: 8-bit vision models at the edge, exact and fast, without TensorFlow.

The packages tflite_runtime, pycoral and edgetpu beside this one serve programs that were written for those.
"""
from corallite._c import Error, library_version

__version__ = library_version()
__all__ = ["Error", "__version__"]
